#include "flow/clean/clean_rule.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/settings/money_settings.h"
#include "base/toml.h"

namespace purvey::flow {
namespace {

const base::SettingsSection kSections[] = {base::kMoneySection, base::kMoneyRatesSection,
                                           kCleanSection};

/// The messages of all errors, one a line.
std::string faults(const std::string& text) {
  const auto document = base::parse_toml(text, "purvey.toml");
  EXPECT_TRUE(document);
  std::string all;
  for (const base::Error& error : base::check_settings(*document, kSections).errors) {
    all += error.message + "\n";
  }
  return all;
}

std::vector<CleanRule> rules_of(std::string_view text) {
  const auto document = base::parse_toml(text, "purvey.toml");
  const auto settings = base::load_settings(*document, kSections);
  EXPECT_TRUE(settings) << (settings ? "" : settings.error().message);
  return read_clean_rules(*settings);
}

TEST(CleanRuleTest, declarations_are_right) {
  const auto right = base::check_sections(kSections);
  EXPECT_TRUE(right) << right.error().message;
}

TEST(CleanRuleTest, a_rule_of_a_name_alone_drops_and_judges_nothing) {
  const auto rules = rules_of("[[clean]]\nname = \"a\"\n");
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].fill.method, algo::FillMethod::kDrop);
  EXPECT_FALSE(rules[0].outlier);
  EXPECT_EQ(rules[0].unit, "");
}

TEST(CleanRuleTest, every_key_reaches_its_option) {
  const auto rules = rules_of(
      "[[clean]]\nname = \"a\"\nmissing = \"seasonal\"\nseason = \"1d\"\nseason_tolerance = "
      "\"5m\"\nmax_gap = \"2h\"\noutlier = \"iqr\"\nthreshold = 2\nwindow = 7\nsmallest_spread = "
      "0.5\nunit = \"kg\"\n"
      "[[clean]]\nname = \"b\"\nmissing = \"polynomial\"\ndegree = 3\noutlier = \"zscore\"\n"
      "[[clean]]\nname = \"c\"\nmissing = \"default\"\ndefault = -1.5\noutlier = \"iqr\"\n"
      "[[clean]]\nname = \"d\"\nmissing = \"seasonal\"\nseason = \"48m\"\n");
  ASSERT_EQ(rules.size(), 4U);
  EXPECT_EQ(rules[0].fill.method, algo::FillMethod::kSeasonal);
  EXPECT_EQ(rules[0].fill.season.length, 86'400e6);
  EXPECT_EQ(rules[0].fill.season.tolerance, 300e6);
  EXPECT_EQ(rules[0].fill.max_gap, 7'200e6);
  EXPECT_EQ(rules[0].outlier->method, algo::OutlierMethod::kIqr);
  EXPECT_EQ(rules[0].outlier->threshold, 2);
  EXPECT_EQ(rules[0].outlier->window, 7U);
  EXPECT_EQ(rules[0].outlier->least, 7U);
  EXPECT_EQ(rules[0].outlier->smallest_spread, 0.5);
  EXPECT_EQ(rules[0].unit, "kg");
  EXPECT_EQ(rules[1].fill.degree, 3);
  EXPECT_EQ(rules[1].outlier->method, algo::OutlierMethod::kModifiedZ);
  EXPECT_EQ(rules[1].outlier->threshold, 6);
  EXPECT_EQ(rules[1].outlier->least, 10U);
  EXPECT_EQ(rules[2].fill.default_value, -1.5);
  EXPECT_EQ(rules[2].outlier->threshold, 3);
  EXPECT_EQ(rules[3].fill.season.tolerance, 60e6);  // 48 minutes / 48
  for (const CleanRule& rule : rules) {
    EXPECT_TRUE(algo::check_fill_options(rule.fill));
    EXPECT_TRUE(!rule.outlier || algo::check_outlier_options(*rule.outlier));
  }
}

TEST(CleanRuleTest, what_is_wrong_is_told_with_place_and_remedy) {
  const std::string head = "[[clean]]\nname = \"a\"\n";
  EXPECT_EQ(faults("[[clean]]\n"),
            "purvey.toml:1: clean[1].name: is missing; write name = \"cold_room_*\"\n");
  EXPECT_EQ(faults(head + "missing = \"lineer\"\n"),
            "purvey.toml:3: clean[1].missing: \"lineer\" is none of drop, default, carry, linear, "
            "polynomial, seasonal; did you mean \"linear\"?\n");
  EXPECT_EQ(faults(head + "missing = \"default\"\n"),
            "purvey.toml:1: clean[1].default: is missing; write default = 0\n");
  EXPECT_EQ(faults(head + "missing = \"seasonal\"\n"),
            "purvey.toml:1: clean[1].season: is missing; write season = \"1d\"\n");
  EXPECT_EQ(faults(head + "season = \"1d\"\n"),
            "purvey.toml:3: clean[1].season: has no effect; write missing = \"seasonal\" or leave "
            "it out\n");
  EXPECT_EQ(faults(head + "threshold = 5\n"),
            "purvey.toml:3: clean[1].threshold: has no effect; write outlier = \"hampel\" or leave "
            "it out\n");
  EXPECT_EQ(faults(head + "unit = \"celcius\"\n"),
            "purvey.toml:3: clean[1].unit: unknown unit \"celcius\"; did you mean celsius?\n");
  EXPECT_EQ(faults(head + "missing = \"seasonal\"\nseason = \"1h\"\nseason_tolerance = \"30m\"\n"),
            "purvey.toml:5: clean[1].season_tolerance: must be below half of the season\n");
  EXPECT_EQ(faults(head + "outlier = \"hampel\"\nwindow = 4097\n"),
            "purvey.toml:4: clean[1].window: 4097 is too large; write 5 to 4096\n");
  EXPECT_EQ(faults(head + head),
            "purvey.toml:4: clean[2].name: \"a\" is taken by line 2; write another one\n");
}

TEST(CleanRuleTest, the_example_of_the_documentation_is_valid) {
  const auto page = base::read_file(std::string(PURVEY_SOURCE_DIR) + "/docs/cleaning.md", 1 << 20);
  ASSERT_TRUE(page);
  const size_t from = page->find("```toml\n") + 8;
  const std::string example = page->substr(from, page->find("```", from) - from);
  EXPECT_EQ(faults(example), "");
  const auto rules = rules_of(example);
  ASSERT_EQ(rules.size(), 4U);
  EXPECT_TRUE(rules[0].names("cold_room_7"));
  EXPECT_EQ(rules[0].outlier->smallest_spread, 0.1);
  EXPECT_EQ(rules[1].fill.method, algo::FillMethod::kSeasonal);
  EXPECT_EQ(rules[2].fill.method, algo::FillMethod::kCarry);
  EXPECT_EQ(rules[3].outlier->method, algo::OutlierMethod::kModifiedZ);
}

TEST(CleanRuleTest, patterns_fit_by_star_and_question_mark) {
  struct Case {
    const char* text;
    const char* pattern;
    bool fits;
  };
  for (const Case& each :
       {Case{"abc", "abc", true}, Case{"abc", "ab", false}, Case{"ab", "abc", false},
        Case{"abc", "*", true}, Case{"", "*", true}, Case{"", "", true}, Case{"a", "", false},
        Case{"", "?", false}, Case{"abc", "a?c", true}, Case{"abc", "a*", true},
        Case{"abc", "*c", true}, Case{"abc", "*b*", true}, Case{"aXbXc", "a*b*c", true},
        Case{"aab", "a*ab", true}, Case{"abab", "*ab", true}, Case{"abac", "*ab", false},
        Case{"abc", "a**c", true}, Case{"abc", "a*b", false}}) {
    EXPECT_EQ(fits_pattern(each.text, each.pattern), each.fits) << each.text << " " << each.pattern;
  }
}

TEST(CleanRuleTest, any_change_changes_the_fingerprint) {
  const CleanRule rule = {.name = "a", .fill = {}, .outlier = algo::OutlierOptions{}, .unit = "C"};
  std::set<uint64_t> prints = {rule.fingerprint()};
  CleanRule other = rule;
  const auto changed = [&] { return prints.insert(other.fingerprint()).second; };
  EXPECT_FALSE(changed());
  EXPECT_TRUE((other.name = "b", changed()));
  EXPECT_TRUE((other.unit = "F", changed()));
  EXPECT_TRUE((other.fill.method = algo::FillMethod::kCarry, changed()));
  EXPECT_TRUE((other.fill.max_gap = 5, changed()));
  EXPECT_TRUE((other.fill.degree = 3, changed()));
  EXPECT_TRUE((other.fill.default_value = 3, changed()));
  EXPECT_TRUE((other.fill.season.length = 3, changed()));
  EXPECT_TRUE((other.outlier->window = 3, changed()));
  EXPECT_TRUE((other.outlier->threshold = 3, changed()));
  EXPECT_TRUE((other.outlier->method = algo::OutlierMethod::kIqr, changed()));
  EXPECT_TRUE((other.outlier.reset(), changed()));
}

}  // namespace
}  // namespace purvey::flow
