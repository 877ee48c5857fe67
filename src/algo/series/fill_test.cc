#include "algo/series/fill.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace purvey::algo {
namespace {

using Values = std::vector<std::optional<double>>;
constexpr std::nullopt_t kGap = std::nullopt;

std::vector<double> steps(size_t count) {
  std::vector<double> at(count);
  for (size_t i = 0; i < count; ++i) at[i] = static_cast<double>(i);
  return at;
}

/// "1 linear:2.5 drop": what fill_missing() made of values at 0, 1, 2, ...
std::string filled(const Values& values, const FillOptions& options) {
  const auto answers = fill_missing(steps(values.size()), values, options);
  if (!answers) return answers.error().message;
  std::string text;
  for (const FilledValue& answer : *answers) {
    if (!text.empty()) text += ' ';
    if (answer.method != FillMethod::kKnown) text += fill_method_name(answer.method);
    if (answer.method == FillMethod::kDrop) continue;
    char number[32];
    std::snprintf(number, sizeof number, "%g", answer.value);
    if (answer.method != FillMethod::kKnown) text += ':';
    text += number;
  }
  return text;
}

TEST(FillTest, drop_leaves_gaps) {
  EXPECT_EQ(filled({1, kGap, 3}, {.method = FillMethod::kDrop}), "1 drop 3");
}

TEST(FillTest, default_fills_every_gap) {
  EXPECT_EQ(filled({kGap, 1, kGap}, {.method = FillMethod::kDefault, .default_value = 9}),
            "default:9 1 default:9");
}

TEST(FillTest, carry_holds_the_last_value_up_to_the_widest_gap) {
  EXPECT_EQ(filled({kGap, 5, kGap, kGap, kGap, 7}, {.method = FillMethod::kCarry, .max_gap = 2}),
            "drop 5 carry:5 carry:5 drop 7");
}

TEST(FillTest, linear_shares_the_way_between_neighbours) {
  EXPECT_EQ(filled({0, kGap, kGap, 6}, {.method = FillMethod::kLinear}), "0 linear:2 linear:4 6");
  EXPECT_EQ(filled({kGap, 1, kGap}, {.method = FillMethod::kLinear}), "drop 1 drop");
  EXPECT_EQ(filled({0, kGap, kGap, 6}, {.method = FillMethod::kLinear, .max_gap = 2}),
            "0 drop drop 6");
}

TEST(FillTest, polynomial_follows_a_curve) {
  // t^2 with a hole at 3
  EXPECT_EQ(filled({0, 1, 4, kGap, 16}, {.method = FillMethod::kPolynomial}),
            "0 1 4 polynomial:9 16");
}

TEST(FillTest, polynomial_with_too_few_points_says_that_it_is_linear) {
  EXPECT_EQ(filled({0, kGap, 4}, {.method = FillMethod::kPolynomial}), "0 linear:2 4");
  EXPECT_EQ(filled({0, 1, kGap, 4}, {.method = FillMethod::kPolynomial, .degree = 3}),
            "0 1 linear:2.5 4");
}

TEST(FillTest, seasonal_takes_the_phase_of_earlier_seasons) {
  const FillOptions options = {.method = FillMethod::kSeasonal, .season = {3, 0.4}};
  // 0 0 9 | 0 0 9 | 0 0 ?: the level of (5, 8) is (0 + 0) / 2 = 0, as of (2, 5); of (-1, 2) too.
  // 0 + (9 - 0) = 9.
  EXPECT_EQ(filled({0, 0, 9, 0, 0, 9, 0, 0, kGap}, options), "0 0 9 0 0 9 0 0 seasonal:9");
}

TEST(FillTest, seasonal_without_two_seasons_says_that_it_is_linear) {
  const FillOptions options = {.method = FillMethod::kSeasonal, .season = {3, 0.4}};
  EXPECT_EQ(filled({0, 2, kGap, 6}, options), "0 2 linear:4 6");
  EXPECT_EQ(filled({0, 2, kGap}, options), "0 2 drop");
}

TEST(FillTest, edge_cases) {
  for (const FillMethod method :
       {FillMethod::kDrop, FillMethod::kCarry, FillMethod::kLinear, FillMethod::kPolynomial}) {
    const FillOptions options = {.method = method};
    EXPECT_EQ(filled({}, options), "");
    EXPECT_EQ(filled({kGap, kGap}, options), "drop drop");
    EXPECT_EQ(filled({5}, options), "5");
    const std::string name(fill_method_name(method));
    EXPECT_EQ(filled({2, 2, 2, kGap, 2}, options),
              "2 2 2 " + (method == FillMethod::kDrop ? name : name + ":2") + " 2");
  }
}

TEST(FillTest, what_is_no_number_is_refused_at_the_border) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const double bad : {inf, -inf, std::nan(""), 1e101}) {
    EXPECT_EQ(filled({1, bad}, {}), "value 1 of the series is not finite or beyond 1e100");
  }
  const Values two = {1, 2};
  for (const std::vector<double>& at :
       {std::vector<double>{0, 0}, {1, 0}, {0, inf}, {std::nan(""), 1}, {0}}) {
    EXPECT_FALSE(fill_missing(at, two, {}));
  }
}

TEST(FillTest, options_out_of_range_are_refused) {
  const double inf = std::numeric_limits<double>::infinity();
  for (const FillOptions& options :
       {FillOptions{.method = FillMethod::kKnown}, FillOptions{.default_value = inf},
        FillOptions{.degree = 1}, FillOptions{.degree = 4}, FillOptions{.points_before = 0},
        FillOptions{.points_before = 9}, FillOptions{.points_after = 0}, FillOptions{.max_gap = 0},
        FillOptions{.max_gap = std::nan("")}, FillOptions{.method = FillMethod::kSeasonal},
        FillOptions{.method = FillMethod::kSeasonal, .season = {4, 2}},
        FillOptions{.method = FillMethod::kSeasonal, .season = {inf, 1}}}) {
    EXPECT_FALSE(check_fill_options(options));
  }
}

TEST(FillTest, known_values_never_change_and_no_answer_is_infinite) {
  uint64_t seed = 11;
  const auto next = [&] {
    return (seed = seed * 6364136223846793005ULL + 1442695040888963407ULL) >> 33;
  };
  for (int round = 0; round < 200; ++round) {
    Values values;
    std::vector<double> at;
    double now = 0;
    for (int i = 0; i < 60; ++i) {
      at.push_back(now += 0.001 + static_cast<double>(next() % 1000));
      const double size = std::pow(10.0, static_cast<double>(next() % 200) - 99);
      values.push_back(next() % 3 == 0 ? std::optional<double>() : (next() % 2 ? size : -size));
    }
    for (const FillMethod method :
         {FillMethod::kDrop, FillMethod::kDefault, FillMethod::kCarry, FillMethod::kLinear,
          FillMethod::kPolynomial, FillMethod::kSeasonal}) {
      const FillOptions options = {
          .method = method, .degree = 3, .points_after = 3, .season = {4000, 500}, .max_gap = 5000};
      const auto answers = fill_missing(at, values, options);
      ASSERT_TRUE(answers);
      for (size_t i = 0; i < at.size(); ++i) {
        EXPECT_TRUE(std::isfinite((*answers)[i].value));
        EXPECT_EQ((*answers)[i].method == FillMethod::kKnown, values[i].has_value());
        if (values[i]) {
          EXPECT_EQ((*answers)[i].value, *values[i]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace purvey::algo
