#include "algo/outlier/sorted_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

namespace purvey::algo {
namespace {

std::vector<double> sorted_copy(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values;
}

/// Distances sorted, and the middle taken.
double naive_median_distance(const std::vector<double>& values, double centre) {
  std::vector<double> distances;
  distances.reserve(values.size());
  for (const double value : values) distances.push_back(std::abs(value - centre));
  return median_of(sorted_copy(distances));
}

TEST(SortedWindowTest, medians_and_quantiles_by_hand) {
  const std::vector<double> odd = {1, 2, 4, 8, 16};
  EXPECT_EQ(median_of(odd), 4);
  EXPECT_EQ(median_distance(odd, 4), 3);  // 3 2 0 4 12 sorted: 0 2 3 4 12
  EXPECT_EQ(mean_distance(odd, 4), 4.2);  // (3 + 2 + 0 + 4 + 12) / 5
  EXPECT_EQ(quantile_of(odd, 0.25), 2);
  EXPECT_EQ(quantile_of(odd, 1), 16);
  const std::vector<double> even = {1, 2, 4, 8};
  EXPECT_EQ(median_of(even), 3);
  EXPECT_EQ(median_distance(even, 3), 1.5);  // 1 1 2 5: (1 + 2) / 2
  EXPECT_EQ(quantile_of(even, 0.25), 1.75);  // rank 0.75: 1 + 0.75 * (2 - 1)
  const std::vector<double> one = {7};
  EXPECT_EQ(median_of(one), 7);
  EXPECT_EQ(median_distance(one, 7), 0);
  EXPECT_EQ(quantile_of(one, 0.75), 7);
}

TEST(SortedWindowTest, agrees_with_sorting_anew_at_every_step) {
  uint64_t seed = 3;
  const auto next = [&] {
    return (seed = seed * 6364136223846793005ULL + 1442695040888963407ULL) >> 33;
  };
  for (const size_t capacity : {1U, 2U, 3U, 7U, 10U, 64U}) {
    SortedWindow window(capacity);
    std::deque<double> naive;
    for (int i = 0; i < 500; ++i) {
      // Few different values, so that equal ones are common; zeros of both signs.
      const double value = (static_cast<double>(next() % 12) - 6) * (next() % 2 ? 0.5 : -0.5);
      window.push(value);
      naive.push_back(value);
      if (naive.size() > capacity) naive.pop_front();
      if (next() % 10 == 0 && naive.size() > 1) {
        window.pop_oldest();
        naive.pop_front();
      }
      const auto expected = sorted_copy({naive.begin(), naive.end()});
      ASSERT_TRUE(std::equal(expected.begin(), expected.end(), window.sorted().begin(),
                             window.sorted().end()));
      const double median = median_of(window.sorted());
      EXPECT_EQ(median_distance(window.sorted(), median), naive_median_distance(expected, median));
      for (size_t k = 0; k < naive.size(); ++k) EXPECT_EQ(window.arrived(k), naive[k]);
    }
  }
}

TEST(SortedWindowTest, quantiles_ascend_from_the_least_to_the_largest) {
  const std::vector<double> values = {-3, 0, 0, 1, 5, 5.5, 90};
  double last = values.front();
  for (double q = 0; q <= 1; q += 0.01) {
    const double value = quantile_of(values, q);
    EXPECT_GE(value, last);
    last = value;
  }
  EXPECT_EQ(quantile_of(values, 0), -3);
  EXPECT_EQ(quantile_of(values, 1), 90);
}

}  // namespace
}  // namespace purvey::algo
