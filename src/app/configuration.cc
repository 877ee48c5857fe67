#include "app/configuration.h"

#include <filesystem>
#include <vector>

#include "app/embedded_packs.h"
#include "app/limit_settings.h"
#include "app/retention_settings.h"
#include "base/file.h"
#include "base/settings/money_settings.h"
#include "flow/clean/clean_rule.h"
#include "serve/server_settings.h"
#include "serve/token_settings.h"

namespace purvey::app {
namespace {

using base::KeySpec;
using base::KeyType;

constexpr KeySpec kSiteKeys[] = {
    {.name = "timezone",
     .type = KeyType::kZone,
     .fallback = "UTC",
     .help = "zone of days: 1-day windows and `day` columns",
     .change = base::KeyChange::kNewFolder},
};

constexpr KeySpec kEventKeys[] = {
    {.name = "disorder",
     .type = KeyType::kDuration,
     .fallback = "5s",
     .help = "how far events may stand behind the latest one before windows close without them",
     .least = "0s",
     .most = "24h"},
    {.name = "allowed_lateness",
     .type = KeyType::kDuration,
     .fallback = "1h",
     .help = "how long after its end a closed window is revised by events of live sources",
     .least = "0s",
     .most = "30d"},
    {.name = "idle_timeout",
     .type = KeyType::kDuration,
     .fallback = "10s",
     .help = "after how long without a word a live source no longer holds windows open",
     .least = "1s",
     .most = "24h"},
    {.name = "dedupe_horizon",
     .type = KeyType::kDuration,
     .fallback = "24h",
     .help = "how far behind the others an event of a live source may come and still count",
     .least = "1h",
     .most = "400d"},
};

constexpr KeySpec kMetricKeys[] = {
    {.name = "pack",
     .help = "file of the metric pack; the shipped packs/ecommerce.toml without it",
     .example = "packs/ecommerce.toml",
     .need = base::KeyNeed::kOptional},
    {.name = "rules",
     .type = KeyType::kBoolean,
     .fallback = "true",
     .help = "whether the shipped rules, packs/ecommerce.rules.toml, apply beside your own"},
};

constexpr KeySpec kStoreKeys[] = {
    {.name = "memory",
     .type = KeyType::kSize,
     .fallback = "1GiB",
     .help = "memory of the analytical engine",
     .least = "64MiB",
     .most = "1TiB"},
    {.name = "threads",
     .type = KeyType::kInteger,
     .fallback = "1",
     .help = "threads of the analytical engine",
     .least = "1",
     .most = "64"},
    {.name = "rows_buffered",
     .type = KeyType::kInteger,
     .fallback = "1000000",
     .help = "rows kept in memory before parts of the archive are written",
     .unit = "rows",
     .least = "1000",
     .most = "100000000"},
    {.name = "commit_interval",
     .type = KeyType::kDuration,
     .fallback = "60s",
     .help = "how often a server writes results to the archive",
     .least = "1s",
     .most = "1h"},
};

constexpr KeySpec kJournalKeys[] = {
    {.name = "segment",
     .type = KeyType::kSize,
     .fallback = "64MiB",
     .help = "size beyond which a new file of the journal begins",
     .least = "1MiB",
     .most = "4GiB"},
    {.name = "waiting",
     .type = KeyType::kSize,
     .fallback = "32MiB",
     .help = "events that may wait for the disk before senders are told to wait (429)",
     .least = "1MiB",
     .most = "4GiB"},
    {.name = "keep",
     .type = KeyType::kBoolean,
     .fallback = "true",
     .help = "whether files of the journal stay when the results of their events are committed: "
             "without them `purvey purge` cannot work"},
};

constexpr KeySpec kPrivacyKeys[] = {
    {.name = "fields",
     .type = KeyType::kTexts,
     .fallback = "[]",
     .help =
         "fields of events that become pseudonyms beside `customer_id`: `session` in every type "
         "that has it, `feedback.asked.ticket` in one"},
};

constexpr KeySpec kSqlKeys[] = {
    {.name = "at_once",
     .type = KeyType::kInteger,
     .fallback = "2",
     .help = "questions that a server works on at once; a further one is told to come again (429)",
     .unit = "questions",
     .least = "1",
     .most = "64"},
    {.name = "time",
     .type = KeyType::kDuration,
     .fallback = "60s",
     .help = "longest time of one question to a server",
     .least = "1s",
     .most = "1h"},
    {.name = "memory",
     .type = KeyType::kSize,
     .fallback = "512MiB",
     .help = "memory of one question to a server; large sorts go to disk before they fail",
     .least = "64MiB",
     .most = "1TiB"},
    {.name = "rows",
     .type = KeyType::kInteger,
     .fallback = "1000000",
     .help = "most rows of one answer of a server",
     .unit = "rows",
     .least = "1",
     .most = "1000000000"},
    {.name = "answer",
     .type = KeyType::kSize,
     .fallback = "64MiB",
     .help = "largest answer of a server, which it holds in memory until it is sent",
     .least = "64KiB",
     .most = "1GiB"},
};

const base::SettingsSection kSections[] = {
    {.name = "site", .keys = kSiteKeys, .help = "Where the shop is."},
    {.name = "event", .keys = kEventKeys, .help = "How events are taken."},
    kSourceSection,
    base::kMoneySection,
    base::kMoneyRatesSection,
    {.name = "metric", .keys = kMetricKeys, .help = "What is counted."},
    {.name = "store", .keys = kStoreKeys, .help = "Where facts and results lie."},
    {.name = "journal", .keys = kJournalKeys, .help = "What a server acknowledges by."},
    kRetentionSection,
    {.name = "privacy", .keys = kPrivacyKeys, .help = "Who is kept by a pseudonym."},
    kLimitsSection,
    serve::kServerSection,
    serve::kTokenSection,
    kHookSection,
    {.name = "sql", .keys = kSqlKeys, .help = "Questions in SQL to a running server."},
    flow::kCleanSection,
    watch::kRuleSection,
};

base::Result<flow::Pack> load_pack(const base::SettingsTable& metric, const std::string& folder) {
  if (!metric.has("pack")) {
    const auto document = PURVEY_TRY(base::parse_toml(kEcommercePack, "packs/ecommerce.toml"));
    return flow::read_pack(document);
  }
  const auto path = std::filesystem::path(folder) / metric.text("pack");
  const auto text = base::read_file(path.string(), base::kTomlBytesMax);
  if (!text) return metric.error("pack", text.error().message);
  const auto document = PURVEY_TRY(base::parse_toml(*text, path.string()));
  return flow::read_pack(document);
}

base::Result<event::PersonalFields> read_personal(const base::SettingsTable& privacy) {
  auto fields = event::PersonalFields::read(privacy.texts("fields"));
  if (!fields) return privacy.error("fields", fields.error().message);
  return fields;
}

base::Result<watch::RuleBook> load_rules(const base::Settings& settings, const flow::Pack& pack) {
  watch::RuleBook book(pack);
  const auto& metric = settings.section("metric");
  // The shipped rules speak of the shipped pack's KPIs.
  if (metric.boolean("rules") && !metric.has("pack")) {
    const auto document =
        PURVEY_TRY(base::parse_toml(kEcommerceRules, "packs/ecommerce.rules.toml"));
    PURVEY_TRY(book.add_file(document));
  }
  PURVEY_TRY(book.add(settings.tables("rule")));
  return book;
}

/// Errors of several parts as one.
class Faults {
 public:
  /// The value, or nothing and the error is noted.
  template <class T>
  std::optional<T> take(base::Result<T> result) {
    if (result) return std::move(*result);
    if (!all_) {
      all_ = result.error();
    } else {
      all_->message += "\n" + result.error().message;
    }
    return std::nullopt;
  }
  template <class T>
  void take(base::Result<T> result, T& place) {
    if (auto value = take(std::move(result))) place = std::move(*value);
  }
  base::Result<void> result() const {
    return all_ ? base::Result<void>(*all_) : base::Result<void>();
  }

 private:
  std::optional<base::Error> all_;
};

/// What the sections say, and the files that they name: the mistakes of all are told at once.
base::Result<void> read_sections(Configuration& configuration) {
  const auto& settings = configuration.settings;
  const auto& folder = configuration.folder;
  configuration.zone = PURVEY_TRY(base::SiteZone::find(settings.section("site").text("timezone")));
  const auto& event = settings.section("event");
  configuration.disorder = event.duration("disorder");
  configuration.allowed_lateness = event.duration("allowed_lateness");
  configuration.idle_timeout = event.duration("idle_timeout");
  configuration.dedupe_horizon = event.duration("dedupe_horizon");
  const auto& money = settings.section("money");
  if (money.given("base")) configuration.base_currency = base::Currency::find(money.text("base"));
  configuration.sources = read_source_rules(settings);
  configuration.shards.shards = read_shards(settings.section("limits"));
  Faults faults;
  if (auto rates = faults.take(base::read_exchange_rates(settings, folder))) {
    configuration.rates = std::make_shared<base::ExchangeRates>(*std::move(rates));
  }
  if (auto pack = faults.take(load_pack(settings.section("metric"), folder))) {
    configuration.pack = std::make_shared<flow::Pack>(*std::move(pack));
    if (auto rules = faults.take(load_rules(settings, *configuration.pack))) {
      configuration.rules = std::make_shared<watch::RuleBook>(*std::move(rules));
    }
  }
  faults.take(read_personal(settings.section("privacy")), configuration.personal);
  faults.take(read_hooks(settings, folder), configuration.hooks);
  faults.take(serve::read_tokens(settings.tables("token"), folder), configuration.tokens);
  return faults.result();
}

}  // namespace

std::span<const base::SettingsSection> all_sections() {
  return kSections;
}

std::optional<std::string> settings_file(const std::optional<std::string>& named) {
  if (named) return named;
  // Whatever has the name is taken, so that one that cannot be read is told of, not passed over.
  std::error_code failed;
  const auto status = std::filesystem::symlink_status("purvey.toml", failed);
  if (status.type() == std::filesystem::file_type::not_found) return std::nullopt;
  return "purvey.toml";
}

base::Result<Configuration> load_configuration(const std::optional<std::string>& path) {
  if (path) return parse_configuration(PURVEY_TRY(base::read_toml_text(*path)), *path);
  Configuration configuration;
  configuration.settings = PURVEY_TRY(base::default_settings(kSections));
  configuration.folder = ".";
  PURVEY_TRY(read_sections(configuration));
  return configuration;
}

base::Result<Configuration> parse_configuration(std::string text, const std::string& path) {
  Configuration configuration;
  const auto document = PURVEY_TRY(base::parse_toml(text, path));
  configuration.settings = PURVEY_TRY(base::load_settings(document, kSections));
  configuration.file = path;
  configuration.text = std::move(text);
  configuration.folder = std::filesystem::path(path).parent_path().string();
  PURVEY_TRY(read_sections(configuration));
  return configuration;
}

}  // namespace purvey::app
