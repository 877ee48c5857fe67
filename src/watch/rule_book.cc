#include "watch/rule_book.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/closest_name.h"
#include "base/settings/duration.h"
#include "flow/metric/kpi_board.h"
#include "watch/title.h"

namespace purvey::watch {
namespace {

using base::KeyNeed;
using base::KeyType;
using base::SettingsFaults;
using base::SettingsTable;

constexpr size_t kNameBytesMax = 100;
constexpr size_t kRunbookBytesMax = 500;
constexpr int64_t kResolveAfterWindows = 24;

constexpr base::KeySpec kRuleKeys[] = {
    {.name = "name",
     .help = "what it is called; a rule takes the place of an earlier one with its name",
     .example = "late_orders",
     .need = KeyNeed::kRequired,
     .unique = true},
    {.name = "enabled",
     .type = KeyType::kBoolean,
     .fallback = "true",
     .help = "false switches off the rule of this name; the other keys are then not needed"},
    {.name = "metric",
     .help = "the KPI that it watches",
     .example = "payment_failed_rate",
     .need = KeyNeed::kOptional},
    {.name = "window",
     .type = KeyType::kChoice,
     .help = "over how long the KPI is taken",
     .choices = "1m|10m|1h|1d",
     .example = "10m",
     .need = KeyNeed::kOptional},
    {.name = "dimensions",
     .type = KeyType::kTexts,
     .fallback = "[]",
     .help = "by what it is split, each group by itself; empty for the total"},
    {.name = "above",
     .type = KeyType::kNumber,
     .help = "fires when the value is above this; a rule has either `above` or `below`",
     .example = "0.2",
     .need = KeyNeed::kOptional},
    {.name = "below",
     .type = KeyType::kNumber,
     .help = "fires when the value is below this",
     .example = "0.8",
     .need = KeyNeed::kOptional},
    {.name = "resolve_below",
     .type = KeyType::kNumber,
     .help = "with `above`: resolves at this value or below; without it, at the threshold",
     .example = "0.1",
     .need = KeyNeed::kOptional},
    {.name = "resolve_above",
     .type = KeyType::kNumber,
     .help = "with `below`: resolves at this value or above; without it, at the threshold",
     .example = "0.9",
     .need = KeyNeed::kOptional},
    {.name = "for",
     .type = KeyType::kDuration,
     .fallback = "0s",
     .help = "fires once whole windows beyond the threshold, in a row, make up this time; 0s and "
             "one window are the same"},
    {.name = "keep_firing_for",
     .type = KeyType::kDuration,
     .fallback = "0s",
     .help = "resolves once whole windows back, in a row, make up this time"},
    {.name = "resolve_after",
     .type = KeyType::kDuration,
     .help = "resolves after this time without a value, 0s for never; without it 24 windows, but "
             "never for a level, which is silent when it does not change",
     .example = "4h",
     .need = KeyNeed::kOptional},
    {.name = "min_n",
     .type = KeyType::kInteger,
     .fallback = "0",
     .help = "values that rest on fewer observations are ignored",
     .unit = "observations",
     .least = "0"},
    {.name = "severity",
     .type = KeyType::kChoice,
     .fallback = "warning",
     .help = "how bad it is",
     .choices = "info|warning|critical"},
    {.name = "title",
     .fallback = "{metric} is {value} ({dimensions})",
     .help = "what people read; {metric}, {value} and {dimensions} are filled in"},
    {.name = "runbook",
     .help = "the address of a page that says what to do",
     .example = "https://wiki.example.com/payments",
     .need = KeyNeed::kOptional},
};

base::Micros window_of(const SettingsTable& table) {
  return std::chrono::seconds(flow::kWindowSeconds[table.choice("window")]);
}

void check_name(const SettingsTable& table, SettingsFaults& faults) {
  const std::string& name = table.text("name");
  const bool plain =
      std::none_of(name.begin(), name.end(), [](char c) { return static_cast<uint8_t>(c) < 0x20; });
  if (name.empty() || name.size() > kNameBytesMax || !plain) {
    faults.add(table, "name",
               fmt::format("write 1 to {} bytes without control characters", kNameBytesMax));
  }
}

void check_bounds(const SettingsTable& table, SettingsFaults& faults) {
  const bool above = table.has("above");
  if (above == table.has("below")) {
    return faults.add(table, above ? "below" : "above",
                      above ? "stands beside above; write one of the two, or two rules"
                            : "is missing; write above = 0.2, or below = 0.8");
  }
  const auto [bound, resolve, wrong] = above
                                           ? std::tuple("above", "resolve_below", "resolve_above")
                                           : std::tuple("below", "resolve_above", "resolve_below");
  if (table.has(wrong)) {
    faults.add(table, wrong, fmt::format("does not go with {}; write {}", bound, resolve));
  }
  if (!table.has(resolve)) return;
  const double threshold = table.number(bound);
  const double back = table.number(resolve);
  if (above ? back > threshold : back < threshold) {
    faults.add(table, resolve,
               fmt::format("{} lies beyond {} = {}; write at {} {}", back, bound, threshold,
                           above ? "most" : "least", threshold));
  }
}

void check_whole_windows(const SettingsTable& table, std::string_view key, SettingsFaults& faults) {
  const base::Micros time = table.duration(key);
  const base::Micros window = window_of(table);
  if (time % window == base::Micros{0}) return;
  faults.add(table, key,
             fmt::format("{} is not made of whole windows of {}; write {} = \"{}\"",
                         base::format_duration(time), table.text("window"), key,
                         base::format_duration((time / window + 1) * window)));
}

void check_resolve_after(const SettingsTable& table, SettingsFaults& faults) {
  if (!table.has("resolve_after")) return;
  const base::Micros time = table.duration("resolve_after");
  if (time == base::Micros{0} || time >= window_of(table)) return;
  faults.add(table, "resolve_after",
             fmt::format("is shorter than a window; write at least {}, or 0s for never",
                         table.text("window")));
}

void check_runbook(const SettingsTable& table, SettingsFaults& faults) {
  if (!table.has("runbook")) return;
  const std::string& url = table.text("runbook");
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) {
    return c > ' ' && c < 0x7F && std::string_view("\"\\<>").find(c) == std::string_view::npos;
  });
  if (!web || !plain || url.size() > kRunbookBytesMax) {
    faults.add(table, "runbook",
               "no address of a page; write https://... without blanks, quotes or brackets");
  }
}

/// Relations between the keys of one rule; what needs the pack is RuleReader's.
void check_rule(const SettingsTable& table, SettingsFaults& faults) {
  check_name(table, faults);
  if (!table.boolean("enabled")) return;
  if (!table.has("metric")) {
    faults.add(table, "metric", "is missing; write metric = \"payment_failed_rate\"");
  }
  check_bounds(table, faults);
  if (!table.has("window")) {
    faults.add(table, "window", "is missing; write window = \"10m\"");
  } else {
    check_whole_windows(table, "for", faults);
    check_whole_windows(table, "keep_firing_for", faults);
    check_resolve_after(table, faults);
  }
  const auto title = check_title(table.text("title"));
  if (!title) faults.add(table, "title", title.error().message);
  check_runbook(table, faults);
}

std::string split_in_words(const flow::Split& split) {
  std::string words;
  for (const flow::Dimension dimension : split) {
    words += fmt::format("{}\"{}\"", words.empty() ? "" : ", ", flow::dimension_name(dimension));
  }
  return fmt::format("[{}]", words);
}

base::Result<uint32_t> read_metric(const SettingsTable& table, const flow::Pack& pack) {
  const std::string& metric = table.text("metric");
  const size_t place = pack.find(metric);
  if (place < pack.kpis.size()) return static_cast<uint32_t>(place);
  std::vector<std::string_view> known;
  for (const flow::Kpi& kpi : pack.kpis) known.push_back(kpi.name);
  const std::string_view meant = base::closest_name(metric, known);
  return table.error("metric",
                     fmt::format("the pack \"{}\" has no KPI \"{}\"; {}", pack.name, metric,
                                 meant.empty() ? "write the name of one of its [[kpi]]"
                                               : fmt::format("did you mean \"{}\"?", meant)));
}

base::Result<flow::Split> read_split(const SettingsTable& table, const flow::Kpi& kpi) {
  flow::Split split;
  bool known = true;
  for (const std::string& name : table.texts("dimensions")) {
    const auto dimension = flow::find_dimension(name);
    known &= dimension.has_value();
    if (dimension) split.push_back(*dimension);
  }
  std::sort(split.begin(), split.end());
  if (known && std::find(kpi.splits.begin(), kpi.splits.end(), split) != kpi.splits.end()) {
    return split;
  }
  std::string choices;
  for (const flow::Split& choice : kpi.splits) {
    choices += fmt::format("{}{}", choices.empty() ? "" : ", ", split_in_words(choice));
  }
  return table.error("dimensions",
                     fmt::format("{} is not split so; write one of {}", kpi.name, choices));
}

void read_resolve_after(const SettingsTable& table, Rule& rule) {
  if (table.has("resolve_after")) {
    rule.resolve_after = table.duration("resolve_after");
  } else if (!rule.level) {
    rule.resolve_after = window_of(table) * kResolveAfterWindows;
  }
}

base::Result<Rule> read_rule(const SettingsTable& table, const flow::Pack& pack) {
  Rule rule;
  rule.name = table.text("name");
  rule.kpi = PURVEY_TRY(read_metric(table, pack));
  const flow::Kpi& kpi = pack.kpis[rule.kpi];
  rule.metric = kpi.name;
  rule.unit = kpi.unit;
  rule.level = kpi.is_level;
  rule.split = PURVEY_TRY(read_split(table, kpi));
  const base::Micros window = window_of(table);
  rule.window_seconds = flow::kWindowSeconds[table.choice("window")];
  const bool above = table.has("above");
  const char* resolve = above ? "resolve_below" : "resolve_above";
  rule.side = above ? Side::kAbove : Side::kBelow;
  rule.threshold = table.number(above ? "above" : "below");
  rule.resolve_threshold = table.has(resolve) ? table.number(resolve) : rule.threshold;
  rule.for_windows = std::max<int64_t>(1, table.duration("for") / window);
  rule.keep_windows = std::max<int64_t>(1, table.duration("keep_firing_for") / window);
  read_resolve_after(table, rule);
  rule.min_n = table.integer("min_n");
  rule.severity = static_cast<Severity>(table.choice("severity"));
  rule.title = table.text("title");
  if (table.has("runbook")) rule.runbook = table.text("runbook");
  return rule;
}

/// Takes away the rule that a table with `enabled = false` names. A table that has the other keys
/// may be the only one of its name: a rule that a person switched off.
base::Result<void> remove(const SettingsTable& table, std::vector<Rule>& rules) {
  const std::string& name = table.text("name");
  std::vector<std::string_view> known;
  for (const Rule& rule : rules) known.push_back(rule.name);
  const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
  if (!is_known && !table.has("metric")) {
    const std::string_view meant = base::closest_name(name, known);
    return table.error("name",
                       fmt::format("there is no rule \"{}\" to switch off; {}", name,
                                   meant.empty() ? "write the name of one that there is"
                                                 : fmt::format("did you mean \"{}\"?", meant)));
  }
  std::erase_if(rules, [&](const Rule& rule) { return rule.name == name; });
  return {};
}

/// Puts `rule` where the one of its name stands, else at the end.
void place(Rule rule, std::vector<Rule>& rules) {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const Rule& each) { return each.name == rule.name; });
  if (found == rules.end()) {
    rules.push_back(std::move(rule));
  } else {
    *found = std::move(rule);
  }
}

}  // namespace

const base::SettingsSection kRuleSection = {
    .name = "rule",
    .keys = kRuleKeys,
    .help = "A threshold on a KPI, and the incident that it makes (docs/rules.md).",
    .repeated = true,
    .check = check_rule};

base::Result<void> RuleBook::add_file(const base::TomlDocument& document) {
  const auto settings = PURVEY_TRY(base::load_settings(document, {&kRuleSection, 1}));
  return add(settings.tables("rule"));
}

base::Result<void> RuleBook::add(std::span<const base::SettingsTable> tables) {
  std::vector<Rule> rules = rules_;
  std::string errors;
  const auto note = [&](const base::Error& error) {
    errors += fmt::format("{}{}", errors.empty() ? "" : "\n", error.message);
  };
  for (const SettingsTable& table : tables) {
    if (!table.boolean("enabled")) {
      const auto removed = remove(table, rules);
      if (!removed) note(removed.error());
      continue;
    }
    auto rule = read_rule(table, *pack_);
    if (!rule) {
      note(rule.error());
    } else {
      place(*std::move(rule), rules);
    }
  }
  if (rules.size() > kRulesMax) {
    note(tables.back().error("name", fmt::format("more than {} rules; write fewer", kRulesMax)));
  }
  if (!errors.empty()) return base::invalid_input(std::move(errors));
  rules_ = std::move(rules);
  return {};
}

const Rule* RuleBook::find(std::string_view name) const {
  const auto found = std::find_if(rules_.begin(), rules_.end(),
                                  [&](const Rule& rule) { return rule.name == name; });
  return found == rules_.end() ? nullptr : &*found;
}

}  // namespace purvey::watch
