#include "base/settings/settings.h"

#include <gtest/gtest.h>

#include <string>

#include "base/settings/settings_docs.h"

namespace purvey::base {
namespace {

constexpr KeySpec kEventKeys[] = {{.name = "disorder",
                                   .type = KeyType::kDuration,
                                   .fallback = "5s",
                                   .help = "how far the watermark stays behind",
                                   .least = "0s",
                                   .most = "24h"},
                                  {.name = "keep_unknown",
                                   .type = KeyType::kBoolean,
                                   .fallback = "false",
                                   .help = "keep fields that no type declares",
                                   .change = KeyChange::kNewFolder},
                                  {.name = "buffer",
                                   .type = KeyType::kSize,
                                   .fallback = "64MiB",
                                   .help = "memory for batches",
                                   .least = "1MiB",
                                   .most = "4GiB"}};

constexpr KeySpec kMoneyKeys[] = {
    {.name = "base", .type = KeyType::kCurrency, .fallback = "CNY", .help = "the base currency"}};
constexpr KeySpec kRateKeys[] = {
    {.name = "*", .type = KeyType::kNumber, .help = "rate to the base", .least = "0"}};

constexpr KeySpec kSiteKeys[] = {
    {.name = "timezone", .type = KeyType::kZone, .fallback = "UTC", .help = "zone of days"},
    {.name = "holidays", .type = KeyType::kTexts, .fallback = "[]", .help = "calendars"},
    {.name = "token",
     .type = KeyType::kText,
     .help = "a password",
     .need = KeyNeed::kOptional,
     .secret = true}};

constexpr KeySpec kRuleKeys[] = {
    {.name = "name",
     .help = "the name",
     .example = "late",
     .need = KeyNeed::kRequired,
     .unique = true},
    {.name = "severity",
     .type = KeyType::kChoice,
     .fallback = "warning",
     .help = "how bad",
     .choices = "info|warning|critical"},
    {.name = "above",
     .type = KeyType::kNumber,
     .help = "fires above",
     .example = "0.2",
     .need = KeyNeed::kOptional},
    {.name = "count",
     .type = KeyType::kInteger,
     .fallback = "1",
     .help = "how many",
     .unit = "events",
     .least = "1",
     .most = "100"},
    {.name = "where", .type = KeyType::kTextMap, .fallback = "{}", .help = "dimensions"}};

void check_rule(const SettingsTable& table, SettingsFaults& faults) {
  if (!table.has("above")) faults.add(table, "above", "is missing; write above = 0.2");
}

constexpr SettingsSection kSections[] = {
    {.name = "event", .keys = kEventKeys, .help = "What comes in."},
    {.name = "money", .keys = kMoneyKeys},
    {.name = "money.rates", .keys = kRateKeys},
    {.name = "site", .keys = kSiteKeys},
    {.name = "rule", .keys = kRuleKeys, .repeated = true, .check = check_rule}};

SettingsCheck checked(std::string_view text) {
  const auto document = parse_toml(text, "purvey.toml");
  EXPECT_TRUE(document) << (document ? "" : document.error().message);
  return check_settings(*document, kSections);
}

/// The messages of all errors, one a line.
std::string faults(std::string_view text) {
  std::string all;
  for (const Error& error : checked(text).errors) all += error.message + "\n";
  return all;
}

TEST(SettingsTest, declarations_are_right) {
  const auto right = check_sections(kSections);
  EXPECT_TRUE(right) << right.error().message;
}

TEST(SettingsTest, absent_keys_take_their_defaults) {
  const auto settings = default_settings(kSections);
  ASSERT_TRUE(settings);
  const SettingsTable& event = settings->section("event");
  EXPECT_EQ(event.duration("disorder").count(), 5'000'000);
  EXPECT_FALSE(event.boolean("keep_unknown"));
  EXPECT_EQ(event.integer("buffer"), 64 << 20);
  EXPECT_FALSE(event.given("disorder"));
  EXPECT_EQ(settings->section("money").text("base"), "CNY");
  EXPECT_TRUE(settings->section("money.rates").entries().empty());
  EXPECT_FALSE(settings->section("site").has("token"));
  EXPECT_TRUE(settings->tables("rule").empty());
}

TEST(SettingsTest, given_values_are_typed) {
  const auto check = checked(
      "[event]\ndisorder = \"10m\"\nkeep_unknown = true\nbuffer = \"1GiB\"\n"
      "[money]\nbase = \"EUR\"\n[money.rates]\nUSD = 0.9\nJPY = 1\n"
      "[site]\ntimezone = \"Asia/Shanghai\"\nholidays = [\"CN\", \"x.csv\"]\n"
      "[[rule]]\nname = \"a\"\nabove = 2\nseverity = \"critical\"\n"
      "[[rule]]\nname = \"b\"\nabove = 0.5\ncount = 100\nwhere = {warehouse = \"W1\"}\n");
  ASSERT_TRUE(check.settings) << check.errors[0].message;
  const Settings& settings = *check.settings;
  EXPECT_EQ(settings.section("event").duration("disorder").count(), 600'000'000);
  EXPECT_TRUE(settings.section("event").given("disorder"));
  EXPECT_EQ(settings.section("event").integer("buffer"), 1 << 30);
  EXPECT_EQ(settings.section("money.rates").number("USD"), 0.9);
  EXPECT_EQ(settings.section("money.rates").number("JPY"), 1.0);
  EXPECT_EQ(settings.section("site").texts("holidays").size(), 2U);
  const auto rules = settings.tables("rule");
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].choice("severity"), 2U);  // info 0, warning 1, critical 2
  EXPECT_EQ(rules[0].number("above"), 2.0);
  EXPECT_EQ(rules[1].choice("severity"), 1U);
  EXPECT_EQ(rules[1].text_map("where"), (TextMap{{"warehouse", "W1"}}));
  EXPECT_EQ(rules[1].error("above", "too bold").message, "purvey.toml:19: rule[2].above: too bold");
}

TEST(SettingsTest, settings_outlive_the_document) {
  std::optional<Settings> settings;
  {
    const auto document = parse_toml("[site]\nholidays = [\"CN\"]\n", "purvey.toml");
    settings = check_settings(*document, kSections).settings;
  }
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->section("site").error("holidays", "x").message,
            "purvey.toml:2: site.holidays: x");
}

struct FaultCase {
  const char* text;
  const char* message;
};

class SettingsFaultTest : public testing::TestWithParam<FaultCase> {};

TEST_P(SettingsFaultTest, is_told_with_place_and_remedy) {
  EXPECT_EQ(faults(GetParam().text), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Each, SettingsFaultTest,
    testing::Values(
        FaultCase{"[evnt]\n", "purvey.toml:1: unknown section [evnt]; did you mean [event]?\n"},
        FaultCase{"[[rules]]\n", "purvey.toml:1: unknown section [rules]; did you mean [rule]?\n"},
        FaultCase{"[weather]\n", "purvey.toml:1: unknown section [weather]\n"},
        FaultCase{"disorder = \"5s\"\n", "purvey.toml:1: unknown key `disorder`\n"},
        FaultCase{"[event]\ndisorer = \"5s\"\n",
                  "purvey.toml:2: unknown key `event.disorer`; did you mean `disorder`?\n"},
        FaultCase{"[money.rate]\nUSD = 1\n",
                  "purvey.toml:1: unknown key `money.rate`; did you mean `rates`?\n"},
        FaultCase{"[event]\ndisorder = 5\n",
                  "purvey.toml:2: event.disorder: expected a duration in quotes, found 5; write "
                  "disorder = \"5s\"\n"},
        FaultCase{"[event]\ndisorder = \"5 sec\"\n",
                  "purvey.toml:2: event.disorder: \"5 sec\" is no duration: the unit is missing; "
                  "write it as 500ms, 5s, 10m, 24h, 7d\n"},
        FaultCase{"[event]\ndisorder = \"48h\"\n",
                  "purvey.toml:2: event.disorder: \"2d\" is too large; write 0s to 24h\n"},
        FaultCase{"[event]\nbuffer = \"1KiB\"\n",
                  "purvey.toml:2: event.buffer: \"1KiB\" is too small; write 1MiB to 4GiB\n"},
        FaultCase{"[event]\nbuffer = \"1 gig\"\n",
                  "purvey.toml:2: event.buffer: \"1 gig\" is no size; write it as 512KiB, 64MiB, "
                  "2GiB\n"},
        FaultCase{"[event]\nkeep_unknown = \"yes\"\n",
                  "purvey.toml:2: event.keep_unknown: expected true or false, found \"yes\"; write "
                  "keep_unknown = false\n"},
        FaultCase{"[money]\nbase = \"RMB\"\n",
                  "purvey.toml:2: money.base: unknown currency \"RMB\"; write a code of ISO 4217 "
                  "such as \"CNY\"\n"},
        FaultCase{
            "[money.rates]\nUSD = \"x\"\n",
            "purvey.toml:2: money.rates.USD: expected a number, found \"x\"; write USD = 0\n"},
        FaultCase{"[money.rates]\nUSD = -1\n",
                  "purvey.toml:2: money.rates.USD: -1 is too small; write at least 0\n"},
        FaultCase{"[site]\ntimezone = \"Asia/Peking\"\n",
                  "purvey.toml:2: site.timezone: unknown time zone \"Asia/Peking\"; write a name "
                  "such as \"Asia/Shanghai\" or \"UTC\"\n"},
        FaultCase{"[site]\nholidays = \"CN\"\n",
                  "purvey.toml:2: site.holidays: expected an array of texts, found \"CN\"; write "
                  "holidays = []\n"},
        FaultCase{"[[event]]\n",
                  "purvey.toml:1: event: expected a table, found an array; write [event]\n"},
        FaultCase{"[rule]\nname = \"a\"\n",
                  "purvey.toml:1: rule: expected tables, found a table; write [[rule]]\n"},
        FaultCase{"[[rule]]\nabove = 1\n",
                  "purvey.toml:1: rule[1].name: is missing; write name = \"late\"\n"},
        FaultCase{"[[rule]]\nname = \"a\"\n",
                  "purvey.toml:1: rule[1].above: is missing; write above = 0.2\n"},
        FaultCase{"[[rule]]\nname = \"a\"\nabove = 1\nseverity = \"critcal\"\n",
                  "purvey.toml:4: rule[1].severity: \"critcal\" is none of info, warning, "
                  "critical; did you mean \"critical\"?\n"},
        FaultCase{"[[rule]]\nname = \"a\"\nabove = 1\n[[rule]]\nname = \"a\"\nabove = 1\n",
                  "purvey.toml:5: rule[2].name: \"a\" is taken by line 2; write another one\n"},
        FaultCase{"[[rule]]\nname = \"a\"\nabove = 1\nwhere = {x = 1}\n",
                  "purvey.toml:4: rule[1].where.x: expected a text in quotes, found 1; write x = "
                  "\"text\"\n"}));

TEST(SettingsTest, all_errors_are_found_in_one_pass_by_line) {
  EXPECT_EQ(faults("[[rule]]\nabove = 1\ncount = 0\nservity = \"info\"\n[event]\ndisorder = 1\n"),
            "purvey.toml:1: rule[1].name: is missing; write name = \"late\"\n"
            "purvey.toml:3: rule[1].count: 0 is too small; write 1 to 100\n"
            "purvey.toml:4: unknown key `rule[1].servity`; did you mean `severity`?\n"
            "purvey.toml:6: event.disorder: expected a duration in quotes, found 1; write disorder "
            "= \"5s\"\n");
}

TEST(SettingsTest, load_settings_gives_all_lines_in_one_error) {
  const auto document = parse_toml("[a]\n[b]\n", "f");
  const auto settings = load_settings(*document, kSections);
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().message, "f:1: unknown section [a]\nf:2: unknown section [b]");
}

TEST(SettingsTest, effective_values_hide_secrets_and_name_lines) {
  const auto check = checked(
      "[site]\ntoken = \"hush\"\n[event]\ndisorder = \"90s\"\n[[rule]]\nname = \"a\"\nabove = 1\n");
  ASSERT_TRUE(check.settings);
  std::string listed;
  for (const EffectiveValue& value : effective_values(*check.settings)) {
    listed += value.section + "." + value.key + "=" + value.value + "@" +
              std::to_string(value.line) + "\n";
  }
  EXPECT_EQ(listed,
            "event.disorder=\"1m30s\"@4\nevent.keep_unknown=false@0\nevent.buffer=\"64MiB\"@0\n"
            "money.base=\"CNY\"@0\n"
            "site.timezone=\"UTC\"@0\nsite.holidays=[]@0\nsite.token=(secret)@2\n"
            "rule[1].name=\"a\"@6\nrule[1].severity=\"warning\"@0\nrule[1].above=1@7\n"
            "rule[1].count=1@0\nrule[1].where={}@0\n");
}

TEST(SettingsTest, wrong_declarations_are_found) {
  static constexpr KeySpec kOutside[] = {
      {.name = "a", .type = KeyType::kInteger, .fallback = "0", .help = "h", .least = "1"}};
  static constexpr KeySpec kTwice[] = {{.name = "a", .help = "h"}, {.name = "a", .help = "h"}};
  static constexpr KeySpec kSilent[] = {{.name = "a"}};
  for (const std::span<const KeySpec> keys :
       {std::span<const KeySpec>(kOutside), std::span<const KeySpec>(kTwice),
        std::span<const KeySpec>(kSilent)}) {
    const SettingsSection section = {.name = "s", .keys = keys};
    EXPECT_FALSE(check_sections({&section, 1}));
  }
}

TEST(SettingsTest, values_print_as_they_are_read) {
  const KeySpec spec = {.name = "t", .type = KeyType::kText};
  const std::string odd = "a\"b\\c\nd\x01 供";
  EXPECT_EQ(format_setting(spec.type, *parse_setting(spec, odd)),
            "\"a\\\"b\\\\c\\u000Ad\\u0001 供\"");
  EXPECT_EQ(std::get<std::string>(*parse_setting(spec, odd)), odd);
}

TEST(SettingsTest, docs_have_a_row_for_each_key) {
  EXPECT_EQ(render_settings_docs({kSections, 1}),
            "## `[event]`\n\nWhat comes in.\n\n"
            "| key | type | default | bounds | a change takes effect | what it does |\n"
            "|---|---|---|---|---|---|\n"
            "| `disorder` | duration | `\"5s\"` | 0s to 24h | at once | how far the watermark "
            "stays behind |\n"
            "| `keep_unknown` | true or false | `false` |  | in a new data folder | keep fields "
            "that no type "
            "declares |\n"
            "| `buffer` | size | `\"64MiB\"` | 1MiB to 4GiB | at once | memory for batches |\n");
  const std::string rule = render_settings_docs({kSections + 4, 1});
  EXPECT_NE(rule.find("## `[[rule]]`\n"), std::string::npos);
  EXPECT_NE(rule.find("| `name` | text | required |"), std::string::npos);
  EXPECT_NE(rule.find("| `above` | number | unset |"), std::string::npos);
  EXPECT_NE(rule.find("| `count` | whole number, events | `1` | 1 to 100 |"), std::string::npos);
  EXPECT_NE(rule.find("| `severity` | info, warning, critical | `\"warning\"` |"),
            std::string::npos);
}

}  // namespace
}  // namespace purvey::base
