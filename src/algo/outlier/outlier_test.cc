#include "algo/outlier/outlier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace purvey::algo {
namespace {

constexpr OutlierMethod kMethods[] = {OutlierMethod::kHampel, OutlierMethod::kModifiedZ,
                                      OutlierMethod::kIqr};
constexpr OutlierScope kScopes[] = {OutlierScope::kWhole, OutlierScope::kCentered,
                                    OutlierScope::kTrailing};

std::vector<double> noisy_values(uint64_t seed, size_t count) {
  const auto next = [&] {
    return (seed = seed * 6364136223846793005ULL + 1442695040888963407ULL) >> 33;
  };
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i) {
    double value = static_cast<double>(next() % 100) / 10;
    if (next() % 20 == 0) value = (static_cast<double>(next() % 2) - 0.5) * 200;
    values.push_back(value);
  }
  return values;
}

TEST(OutlierTest, hampel_by_hand) {
  // Median of 1..9 is 5; |x - 5| = 4 3 2 1 0 1 2 3 4, MAD 2; spread 1.4826 * 2 = 2.9652.
  const std::vector<double> sorted = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const OutlierOptions options = {.threshold = 3, .least = 1};
  const OutlierVerdict verdict = judge_outlier(sorted, 20, options);
  EXPECT_TRUE(verdict.is_outlier);
  EXPECT_DOUBLE_EQ(verdict.score, 15 / 2.9652);
  EXPECT_EQ(verdict.expected, 5);
  EXPECT_DOUBLE_EQ(verdict.lo, 5 - 3 * 2.9652);
  EXPECT_DOUBLE_EQ(verdict.hi, 5 + 3 * 2.9652);
  EXPECT_FALSE(judge_outlier(sorted, 13, options).is_outlier);  // 8 / 2.9652 = 2.7
}

TEST(OutlierTest, modified_z_by_hand) {
  const std::vector<double> sorted = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const OutlierOptions options = {
      .method = OutlierMethod::kModifiedZ, .threshold = 3.5, .least = 1};
  EXPECT_DOUBLE_EQ(judge_outlier(sorted, 20, options).score, 0.6745 * 15 / 2);
  // Five of six are 4: MAD 0, mean distance (10 - 4) / 6 = 1.
  const std::vector<double> same = {4, 4, 4, 4, 4, 10};
  EXPECT_DOUBLE_EQ(judge_outlier(same, 10, options).score, 6 / 1.253314);
  EXPECT_DOUBLE_EQ(judge_outlier(same, 5, options).score, 1 / 1.253314);
  EXPECT_FALSE(judge_outlier(same, 5, options).is_outlier);
  EXPECT_TRUE(judge_outlier(same, 5, {.threshold = 3.5, .least = 1}).is_outlier);  // Hampel
}

TEST(OutlierTest, fence_by_hand) {
  // Quartiles of 1..9 are 3 and 7, the range 4; fences 3 - 1.5 * 4 = -3 and 7 + 6 = 13.
  const std::vector<double> sorted = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const OutlierOptions options = {.method = OutlierMethod::kIqr, .threshold = 1.5, .least = 1};
  EXPECT_FALSE(judge_outlier(sorted, 13, options).is_outlier);
  EXPECT_FALSE(judge_outlier(sorted, -3, options).is_outlier);
  const OutlierVerdict high = judge_outlier(sorted, 15, options);
  EXPECT_TRUE(high.is_outlier);
  EXPECT_EQ(high.score, 2);  // (15 - 7) / 4
  EXPECT_EQ(high.lo, -3);
  EXPECT_EQ(high.hi, 13);
  EXPECT_EQ(judge_outlier(sorted, -5, options).score, 2);
  EXPECT_EQ(judge_outlier(sorted, 5, options).score, 0);
}

TEST(OutlierTest, a_constant_series_has_finite_scores) {
  const std::vector<double> constant(20, 4.0);
  for (const OutlierMethod method : kMethods) {
    const OutlierOptions options = {.method = method};
    EXPECT_FALSE(judge_outlier(constant, 4.0, options).is_outlier);
    const OutlierVerdict verdict = judge_outlier(constant, 5.0, options);
    EXPECT_TRUE(verdict.is_outlier);
    EXPECT_EQ(verdict.score, kOutlierScoreMax);
    const std::vector<double> zeros(20, 0.0);
    EXPECT_EQ(judge_outlier(zeros, 1e-300, options).score, kOutlierScoreMax);
    EXPECT_EQ(judge_outlier(zeros, 0, options).score, 0);
  }
}

TEST(OutlierTest, the_smallest_spread_keeps_small_steps_usual) {
  const std::vector<double> constant(20, 4.0);
  const OutlierOptions options = {.threshold = 6, .smallest_spread = 0.1};
  EXPECT_FALSE(judge_outlier(constant, 4.5, options).is_outlier);  // 5 spreads
  EXPECT_TRUE(judge_outlier(constant, 4.7, options).is_outlier);   // 7 spreads
}

TEST(OutlierTest, with_too_few_values_nothing_is_judged) {
  const std::vector<double> nine(9, 1.0);
  EXPECT_FALSE(judge_outlier(nine, 1e9, {.least = 10}).is_outlier);
  EXPECT_FALSE(judge_outlier({}, 1e9, {.least = 0}).is_outlier);
  for (const OutlierScope scope : kScopes) {
    EXPECT_TRUE(mark_outliers({}, {}, scope)->empty());
    EXPECT_TRUE(mark_outliers(std::vector<double>{5}, {}, scope)->empty());
  }
}

TEST(OutlierTest, a_mark_names_place_and_reason_and_leaves_the_value) {
  std::vector<double> values = {3, 5, 4, 3, 5, 4, 3, 5, 4, 3, 5, 4, 90, 3, 5, 4};
  const std::vector<double> before = values;
  const auto marks = mark_outliers(values, {.window = 12}, OutlierScope::kTrailing);
  ASSERT_EQ(marks->size(), 1U);
  EXPECT_EQ((*marks)[0].index, 12U);
  EXPECT_EQ((*marks)[0].value, 90);
  // Median 4, MAD 1: 86 / 1.4826 = 58.0; 4 -+ 6 * 1.4826 = -4.8956, 12.8956
  EXPECT_EQ((*marks)[0].reason, "90 is 58 spreads above the median 4; expected -4.8956 to 12.8956");
  EXPECT_EQ(values, before);
}

/// The scope's values gathered and sorted anew for each value.
std::vector<size_t> naive_outliers(const std::vector<double>& values, const OutlierOptions& options,
                                   OutlierScope scope) {
  std::vector<size_t> indexes;
  for (size_t i = 0; i < values.size(); ++i) {
    size_t from = 0;
    size_t end = values.size();
    if (scope == OutlierScope::kCentered) {
      from = i - std::min(i, options.window / 2);
      end = std::min(values.size(), i + options.window / 2 + 1);
    } else if (scope == OutlierScope::kTrailing) {
      from = i - std::min(i, options.window);
      end = i;
    }
    std::vector<double> sorted(values.begin() + static_cast<std::ptrdiff_t>(from),
                               values.begin() + static_cast<std::ptrdiff_t>(end));
    std::sort(sorted.begin(), sorted.end());
    if (judge_outlier(sorted, values[i], options).is_outlier) indexes.push_back(i);
  }
  return indexes;
}

TEST(OutlierTest, running_windows_agree_with_sorting_anew) {
  for (const OutlierMethod method : kMethods) {
    for (const OutlierScope scope : kScopes) {
      for (const size_t window : {1U, 2U, 15U, 30U, 200U}) {
        const auto values = noisy_values(window, 150);
        const OutlierOptions options = {
            .method = method, .threshold = 2, .window = window, .least = 1};
        const auto marks = mark_outliers(values, options, scope);
        std::vector<size_t> indexes;
        for (const OutlierMark& mark : *marks) indexes.push_back(mark.index);
        EXPECT_EQ(indexes, naive_outliers(values, options, scope));
      }
    }
  }
}

TEST(OutlierTest, marks_are_finite_and_outside_what_was_expected) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    auto values = noisy_values(seed, 200);
    values[50] = 1e100;
    values[90] = -1e100;
    values[120] = 1e-300;
    for (const OutlierMethod method : kMethods) {
      const auto marks = mark_outliers(values, {.method = method}, OutlierScope::kTrailing);
      EXPECT_GE(marks->size(), 2U);
      for (const OutlierMark& mark : *marks) {
        EXPECT_EQ(mark.value, values[mark.index]);
        EXPECT_TRUE(std::isfinite(mark.verdict.score) && std::isfinite(mark.verdict.lo) &&
                    std::isfinite(mark.verdict.hi));
        EXPECT_TRUE(mark.value < mark.verdict.lo || mark.value > mark.verdict.hi);
        EXPECT_GE(mark.verdict.score, 6 * (1 - 1e-12));
      }
    }
  }
}

TEST(OutlierTest, what_is_no_number_and_options_out_of_range_are_refused) {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, 1e101}) {
    const auto marks = mark_outliers(std::vector<double>{1, bad}, {}, OutlierScope::kWhole);
    EXPECT_EQ(marks.error().message, "value 1 is not finite or beyond 1e100");
  }
  for (const OutlierOptions& options :
       {OutlierOptions{.threshold = 0}, OutlierOptions{.threshold = std::nan("")},
        OutlierOptions{.window = 0}, OutlierOptions{.window = SortedWindow::kWindowMax + 1},
        OutlierOptions{.smallest_spread = -1}, OutlierOptions{.smallest_spread = HUGE_VAL}}) {
    EXPECT_FALSE(mark_outliers({}, options, OutlierScope::kWhole));
  }
}

TEST(OutlierStreamTest, a_new_level_is_usual_once_half_the_window_has_it) {
  OutlierStream stream({.window = 20});
  for (int i = 0; i < 20; ++i) stream.add(10 + i % 3);
  int marked = 0;
  for (int i = 0; i < 20; ++i) marked += stream.add(50 + i % 3).is_outlier ? 1 : 0;
  EXPECT_EQ(marked, 10);  // at 10 of 20 the median lies between the levels
}

TEST(OutlierStreamTest, a_restart_at_any_value_changes_nothing) {
  const auto values = noisy_values(9, 200);
  for (const OutlierMethod method : kMethods) {
    const OutlierOptions options = {.method = method, .window = 25};
    OutlierStream whole(options);
    OutlierStream restarted(options);
    for (const double value : values) {
      std::string bytes;
      base::ByteWriter writer(bytes);
      restarted.save(writer);
      restarted = OutlierStream(options);
      base::ByteReader reader(bytes);
      ASSERT_TRUE(restarted.load(reader));
      ASSERT_TRUE(reader.finish("stream"));
      const OutlierVerdict expected = whole.add(value);
      const OutlierVerdict verdict = restarted.add(value);
      EXPECT_EQ(verdict.is_outlier, expected.is_outlier);
      EXPECT_EQ(verdict.score, expected.score);
    }
  }
}

TEST(OutlierStreamTest, damaged_state_is_refused) {
  OutlierStream stream({.window = 5});
  for (int i = 0; i < 9; ++i) stream.add(i);
  std::string bytes;
  base::ByteWriter writer(bytes);
  stream.save(writer);
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    base::ByteReader reader(std::string_view(bytes).substr(0, cut));
    EXPECT_FALSE(OutlierStream({.window = 5}).load(reader)) << cut;
  }
  base::ByteReader too_many(bytes);
  EXPECT_FALSE(OutlierStream({.window = 4}).load(too_many));
  std::string damaged = bytes;
  damaged[8] = static_cast<char>(0x7F);  // the top byte of the first value: beyond 1e100
  damaged[7] = static_cast<char>(0xF0);
  base::ByteReader infinite(damaged);
  EXPECT_FALSE(OutlierStream({.window = 5}).load(infinite));
}

}  // namespace
}  // namespace purvey::algo
