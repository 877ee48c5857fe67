#include "watch/rule_book.h"

#include <gtest/gtest.h>

#include <string>

#include "base/file.h"

namespace purvey::watch {
namespace {

class RuleBookTest : public testing::Test {
 protected:
  /// The message of adding a file, empty if it went well.
  std::string add(std::string_view text) {
    const auto added = book_.add_file(*base::parse_toml(text, "rules.toml"));
    return added ? "" : added.error().message;
  }

  flow::Pack pack_ = *flow::read_pack(*base::read_toml(PURVEY_SOURCE_DIR "/packs/ecommerce.toml"));
  RuleBook book_{pack_};
};

constexpr const char* kRule =
    "[[rule]]\nname = \"pay\"\nmetric = \"payment_failed_rate\"\nwindow = \"10m\"\nabove = 0.2\n";

std::string with(const std::string& more) {
  return kRule + more + "\n";
}

TEST_F(RuleBookTest, the_section_is_declared_right) {
  const auto right = base::check_sections({&kRuleSection, 1});
  EXPECT_TRUE(right) << right.error().message;
}

TEST_F(RuleBookTest, the_shipped_rules_load) {
  const auto document = base::read_toml(PURVEY_SOURCE_DIR "/packs/ecommerce.rules.toml");
  ASSERT_TRUE(document) << document.error().message;
  const auto added = book_.add_file(*document);
  ASSERT_TRUE(added) << added.error().message;
  const Rule* rule = book_.find("payment_failures");
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->metric, "payment_failed_rate");
  EXPECT_EQ(rule->split, flow::Split{flow::Dimension::kMethod});
  EXPECT_EQ(rule->window_seconds, 600);
  EXPECT_EQ(rule->threshold, 0.2);
  EXPECT_EQ(rule->min_n, 10);
  for (const char* metric : {"pick_minutes", "stock_out_skus", "late_orders", "cancel_rate",
                             "on_time_rate", "supplier_on_time_rate"}) {
    EXPECT_TRUE(std::any_of(book_.rules().begin(), book_.rules().end(), [&](const Rule& each) {
      return each.metric == metric;
    })) << metric;
  }
}

/// The ```toml block of a page that is about rules.
std::string example_of_page() {
  const std::string page = *base::read_file(PURVEY_SOURCE_DIR "/docs/rules.md", 1U << 20);
  const size_t from = page.find("```toml\n") + 8;
  return page.substr(from, page.find("```\n", from) - from);
}

TEST_F(RuleBookTest, the_example_of_the_page_is_right) {
  ASSERT_EQ(add(example_of_page()), "");
  ASSERT_EQ(book_.rules().size(), 2U);
  EXPECT_EQ(book_.rules()[0].for_windows, 3);
  EXPECT_EQ(book_.rules()[0].keep_windows, 2);
}

TEST_F(RuleBookTest, a_rule_of_few_keys_takes_the_defaults) {
  ASSERT_EQ(add(kRule), "");
  const Rule& rule = book_.rules()[0];
  EXPECT_EQ(rule.split, flow::Split{});
  EXPECT_EQ(rule.resolve_threshold, 0.2);
  EXPECT_EQ(rule.for_windows, 1);
  EXPECT_EQ(rule.keep_windows, 1);
  EXPECT_EQ(rule.resolve_after, std::chrono::hours(4));  // 24 windows of 10 minutes
  EXPECT_EQ(rule.min_n, 0);
  EXPECT_EQ(rule.severity, Severity::kWarning);
  EXPECT_EQ(rule.unit, "ratio");
  EXPECT_FALSE(rule.level);
}

TEST_F(RuleBookTest, a_level_is_never_resolved_by_silence_unless_told) {
  const std::string level =
      "[[rule]]\nname = \"l\"\nmetric = \"late_orders\"\nwindow = \"1h\"\nabove = 50\n";
  ASSERT_EQ(add(level), "");
  EXPECT_TRUE(book_.rules()[0].level);
  EXPECT_EQ(book_.rules()[0].resolve_after, base::Micros{0});
  ASSERT_EQ(add(level + "resolve_after = \"2d\"\n"), "");
  EXPECT_EQ(book_.rules()[0].resolve_after, std::chrono::hours(48));
}

TEST_F(RuleBookTest, a_pair_of_dimensions_is_one_split_in_any_order) {
  ASSERT_EQ(add("[[rule]]\nname = \"r\"\nmetric = \"on_time_rate\"\nwindow = \"1d\"\nbelow = 0.5\n"
                "dimensions = [\"warehouse\", \"carrier\"]\n"),
            "");
  EXPECT_EQ(book_.rules()[0].split,
            (flow::Split{flow::Dimension::kCarrier, flow::Dimension::kWarehouse}));
}

TEST_F(RuleBookTest, a_later_rule_of_the_same_name_takes_the_place) {
  ASSERT_EQ(add(with("[[rule]]\nname = \"b\"\nmetric = \"gmv\"\nwindow = \"1d\"\nbelow = 1\n")),
            "");
  ASSERT_EQ(add(with("severity = \"info\"")), "");
  ASSERT_EQ(book_.rules().size(), 2U);
  EXPECT_EQ(book_.rules()[0].name, "pay");
  EXPECT_EQ(book_.rules()[0].severity, Severity::kInfo);
}

TEST_F(RuleBookTest, a_rule_is_switched_off_by_name) {
  ASSERT_EQ(add(kRule), "");
  EXPECT_EQ(add("[[rule]]\nname = \"pai\"\nenabled = false\n"),
            "rules.toml:2: rule[1].name: there is no rule \"pai\" to switch off; did you mean "
            "\"pay\"?");
  ASSERT_EQ(add("[[rule]]\nname = \"pay\"\nenabled = false\n"), "");
  EXPECT_TRUE(book_.rules().empty());
  ASSERT_EQ(add(with("enabled = false")), "");  // one's own, switched off
  EXPECT_TRUE(book_.rules().empty());
}

TEST_F(RuleBookTest, all_that_is_wrong_with_metrics_and_splits_is_told_and_nothing_taken) {
  EXPECT_EQ(add("[[rule]]\nname = \"a\"\nmetric = \"late_order\"\nwindow = \"1h\"\nabove = 1\n"
                "[[rule]]\nname = \"b\"\nmetric = \"gmv\"\nwindow = \"1h\"\nabove = 1\n"
                "[[rule]]\nname = \"c\"\nmetric = \"weather\"\nwindow = \"1h\"\nabove = 1\n"
                "[[rule]]\nname = \"d\"\nmetric = \"payment_failed_rate\"\nwindow = \"1h\"\n"
                "above = 1\ndimensions = [\"warehouse\"]\n"
                "[[rule]]\nname = \"e\"\nmetric = \"payment_failed_rate\"\nwindow = \"1h\"\n"
                "above = 1\ndimensions = [\"city\"]\n"),
            "rules.toml:3: rule[1].metric: the pack \"ecommerce\" has no KPI \"late_order\"; did "
            "you mean \"late_orders\"?\n"
            "rules.toml:13: rule[3].metric: the pack \"ecommerce\" has no KPI \"weather\"; write "
            "the name of one of its [[kpi]]\n"
            "rules.toml:21: rule[4].dimensions: payment_failed_rate is not split so; write one of "
            "[], [\"method\"]\n"
            "rules.toml:27: rule[5].dimensions: payment_failed_rate is not split so; write one of "
            "[], [\"method\"]");
  EXPECT_TRUE(book_.rules().empty());
}

struct FaultCase {
  std::string text;
  const char* message;
};

class RuleFaultTest : public RuleBookTest, public testing::WithParamInterface<FaultCase> {};

TEST_P(RuleFaultTest, is_told_with_place_and_remedy) {
  EXPECT_EQ(add(GetParam().text), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Each, RuleFaultTest,
    testing::Values(
        FaultCase{"[[rule]]\nmetric = \"gmv\"\n",
                  "rules.toml:1: rule[1].name: is missing; write name = \"late_orders\""},
        FaultCase{"[[rule]]\nname = \"\"\nmetric = \"gmv\"\nwindow = \"1h\"\nabove = 1\n",
                  "rules.toml:2: rule[1].name: write 1 to 100 bytes without control characters"},
        FaultCase{"[[rule]]\nname = \"a\"\nwindow = \"1h\"\nabove = 1\n",
                  "rules.toml:1: rule[1].metric: is missing; write metric = "
                  "\"payment_failed_rate\""},
        FaultCase{"[[rule]]\nname = \"a\"\nmetric = \"gmv\"\nabove = 1\n",
                  "rules.toml:1: rule[1].window: is missing; write window = \"10m\""},
        FaultCase{"[[rule]]\nname = \"a\"\nmetric = \"gmv\"\nwindow = \"5m\"\nabove = 1\n",
                  "rules.toml:4: rule[1].window: \"5m\" is none of 1m, 10m, 1h, 1d; did you mean "
                  "\"1m\"?"},
        FaultCase{"[[rule]]\nname = \"a\"\nmetric = \"gmv\"\nwindow = \"1h\"\n",
                  "rules.toml:1: rule[1].above: is missing; write above = 0.2, or below = 0.8"},
        FaultCase{with("below = 0.1"),
                  "rules.toml:6: rule[1].below: stands beside above; write one of the two, or two "
                  "rules"},
        FaultCase{with("resolve_above = 0.1"),
                  "rules.toml:6: rule[1].resolve_above: does not go with above; write "
                  "resolve_below"},
        FaultCase{with("resolve_below = 0.3"),
                  "rules.toml:6: rule[1].resolve_below: 0.3 lies beyond above = 0.2; write at "
                  "most 0.2"},
        FaultCase{"[[rule]]\nname = \"a\"\nmetric = \"gmv\"\nwindow = \"1h\"\nbelow = 5\n"
                  "resolve_above = 4\n",
                  "rules.toml:6: rule[1].resolve_above: 4 lies beyond below = 5; write at least 5"},
        FaultCase{with("for = \"15m\""),
                  "rules.toml:6: rule[1].for: 15m is not made of whole windows of 10m; write for "
                  "= \"20m\""},
        FaultCase{with("keep_firing_for = \"5s\""),
                  "rules.toml:6: rule[1].keep_firing_for: 5s is not made of whole windows of 10m; "
                  "write keep_firing_for = \"10m\""},
        FaultCase{with("resolve_after = \"1m\""),
                  "rules.toml:6: rule[1].resolve_after: is shorter than a window; write at least "
                  "10m, or 0s for never"},
        FaultCase{with("min_n = -1"),
                  "rules.toml:6: rule[1].min_n: -1 is too small; write at least 0"},
        FaultCase{with("severity = \"page\""),
                  "rules.toml:6: rule[1].severity: \"page\" is none of info, warning, critical"},
        FaultCase{with("title = \"{oops}\""),
                  "rules.toml:6: rule[1].title: no placeholder {oops}; write {metric}, {value} or "
                  "{dimensions}"},
        FaultCase{with("runbook = \"javascript:alert(1)\""),
                  "rules.toml:6: rule[1].runbook: no address of a page; write https://... without "
                  "blanks, quotes or brackets"},
        FaultCase{with("runbook = \"https://a/\\\"b\""),
                  "rules.toml:6: rule[1].runbook: no address of a page; write https://... without "
                  "blanks, quotes or brackets"},
        FaultCase{with("colour = 1"), "rules.toml:6: unknown key `rule[1].colour`"},
        FaultCase{std::string(kRule) + kRule,
                  "rules.toml:7: rule[2].name: \"pay\" is taken by line 2; write "
                  "another one"},
        FaultCase{"[rules]\n", "rules.toml:1: unknown section [rules]; did you mean [rule]?"}));

TEST_F(RuleBookTest, more_rules_than_the_limit_are_refused) {
  std::string text;
  for (size_t i = 0; i <= kRulesMax; ++i) {
    text += "[[rule]]\nname = \"r" + std::to_string(i) +
            "\"\nmetric = \"gmv\"\nwindow = \"1h\"\nabove = 1\n";
  }
  EXPECT_EQ(add(text), "rules.toml:5002: rule[1001].name: more than 1000 rules; write fewer");
  EXPECT_TRUE(book_.rules().empty());
}

}  // namespace
}  // namespace purvey::watch
