#include "flow/metric/formula.h"

#include <gtest/gtest.h>

#include <cmath>

namespace purvey::flow {
namespace {

/// The value of a formula in which every count is 6, every sum 20 and every mean 2.5, each of 4
/// observations.
Amount value_of(std::string_view text) {
  const auto formula = Formula::parse(text);
  EXPECT_TRUE(formula) << formula.error().message;
  return formula->evaluate([](const Term& term) -> Amount {
    switch (term.aggregate) {
      case Aggregate::kCount:
        return {6, 4};
      case Aggregate::kSum:
        return {20, 4};
      default:
        return {2.5, 4};
    }
  });
}

TEST(FormulaTest, operators_bind_as_in_arithmetic) {
  EXPECT_EQ(value_of("1 + 2 * 3").value, 7);
  EXPECT_EQ(value_of("(1 + 2) * 3").value, 9);
  EXPECT_EQ(value_of("8 - 2 - 1").value, 5);
  EXPECT_EQ(value_of("count(order.placed) / sum(order.amount)").value, 0.3);
}

TEST(FormulaTest, a_quotient_rests_on_the_observations_of_its_divisor) {
  EXPECT_EQ(value_of("count(order.placed)").n, 4);
  EXPECT_EQ(value_of("count(payment.failed) / (count(payment.failed) + "
                     "count(payment.authorized))")
                .n,
            8);
}

TEST(FormulaTest, a_division_by_zero_has_no_value) {
  EXPECT_TRUE(std::isnan(value_of("count(order.placed) / (2 - 2)").value));
}

TEST(FormulaTest, parameters_are_read) {
  const auto formula = Formula::parse("p99(payment.latency_ms) + per_day(line.units, 28)");
  ASSERT_TRUE(formula);
  EXPECT_DOUBLE_EQ(formula->terms()[0].parameter, 0.99);
  EXPECT_EQ(formula->terms()[1].parameter, 28);
}

TEST(FormulaTest, a_duration_makes_a_term_trail_the_windows_end) {
  const auto formula = Formula::parse(
      "count(payment.failed, 30m) / rate(service.request,1h30m) + p95(order.amount, 2d)");
  ASSERT_TRUE(formula) << formula.error().message;
  EXPECT_EQ(formula->terms()[0].trailing, std::chrono::minutes(30));
  EXPECT_EQ(formula->terms()[1].trailing, std::chrono::minutes(90));
  EXPECT_EQ(formula->terms()[2].trailing, std::chrono::days(2));
  EXPECT_EQ(Formula::parse("count(order.placed)")->terms()[0].trailing, base::Micros(0));
}

TEST(FormulaTest, samples_are_measures_by_the_names_of_their_metrics) {
  std::vector<std::string> samples = {"humidity"};
  const auto formula = Formula::parse(
      "mean(sample.room_c) - mean(sample.\"cold room/2\") + sum(sample.room_c)", samples);
  ASSERT_TRUE(formula) << formula.error().message;
  EXPECT_EQ(samples, (std::vector<std::string>{"humidity", "room_c", "cold room/2"}));
  EXPECT_EQ(formula->terms()[0].measure, sample_measure(1));
  EXPECT_EQ(formula->terms()[1].measure, sample_measure(2));
  EXPECT_EQ(formula->terms()[2].measure, sample_measure(1));
  samples.resize(kSampleMeasures, "other");
  EXPECT_TRUE(Formula::parse("mean(sample.room_c)", samples));
  EXPECT_FALSE(Formula::parse("mean(sample.one_more)", samples));
}

TEST(FormulaTest, errors_say_where_and_what) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "at character 1: expected count, sum"},
      {"count(order.eaten)", "there is no \"order.eaten\""},
      {"count(order.placed", "expected \")\""},
      {"count(order.placed) count(order.paid)", "expected an operator"},
      {"count(order.open)", "level() for levels and only for them"},
      {"level(order.placed)", "level() for levels and only for them"},
      {"per_day(line.units, 0)", "1 to 366 days"},
      {"per_day(line.units)", "expected \",\""},
      {"distinct(order.placed)", "distinct() of behavior.customer or order.customer: order.placed"},
      {"distinct(order.open)", "level() for levels and only for them"},
      {"count(behavior.customer)", "distinct(behavior.customer), as it says who"},
      {"count(order.placed, 30)", "at character 21: expected a duration of whole minutes"},
      {"count(order.placed, 90s)", "a duration of whole minutes up to 31d"},
      {"count(order.placed, 32d)", "a duration of whole minutes up to 31d"},
      {"level(order.open, 30m)", "a level stands at the window's end"},
      {"mean(sample.)", "the name of a metric"},
      {"mean(sample.\"\")", "the name of a metric"},
      {"1 +", "expected count, sum"},
  };
  for (const auto& [text, expected] : cases) {
    const auto formula = Formula::parse(text);
    ASSERT_FALSE(formula) << text;
    EXPECT_NE(formula.error().message.find(expected), std::string::npos) << formula.error().message;
  }
  EXPECT_FALSE(Formula::parse(std::string(200, '(')));
}

}  // namespace
}  // namespace purvey::flow
