#include "algo/sketch/ddsketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace purvey::algo {
namespace {

TEST(DdSketchTest, quantiles_are_within_the_relative_error_of_the_sorted_values) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(3, 1.5);
  std::vector<double> values;
  DdSketch sketch;
  for (int i = 0; i < 50'000; ++i) {
    values.push_back(latency(random));
    sketch.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double q : {0.0, 0.01, 0.5, 0.95, 0.99, 0.999, 1.0}) {
    const double truth = values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
    EXPECT_NEAR(sketch.quantile(q), truth, truth * DdSketch::kError * 1.0001) << q;
  }
}

TEST(DdSketchTest, negative_values_have_the_same_relative_error) {
  std::mt19937_64 random(8);
  std::normal_distribution<double> celsius(-4, 12);
  std::vector<double> values = {-1e12, 1e12, 0, -2e-9, 2e-9};
  DdSketch sketch;
  for (int i = 0; i < 20'000; ++i) values.push_back(celsius(random));
  for (const double value : values) sketch.add(value);
  std::sort(values.begin(), values.end());
  for (const double q : {0.0, 0.001, 0.05, 0.5, 0.6, 0.95, 1.0}) {
    const double truth = values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
    EXPECT_NEAR(sketch.quantile(q), truth, std::abs(truth) * DdSketch::kError * 1.0001) << q;
  }
}

TEST(DdSketchTest, order_split_and_taking_back_leave_no_trace) {
  DdSketch whole;
  DdSketch left;
  DdSketch right;
  for (int i = 0; i < 1000; ++i) whole.add(i);
  for (int i = 999; i >= 0; --i) (i % 3 == 0 ? left : right).add(i);
  right.add(123.0);
  right.add(123.0, -1);
  left.merge(right);
  EXPECT_EQ(left, whole);
}

TEST(DdSketchTest, an_empty_sketch_has_no_quantile_and_zero_is_a_value) {
  DdSketch sketch;
  EXPECT_TRUE(std::isnan(sketch.quantile(0.5)));
  sketch.add(0);
  EXPECT_EQ(sketch.quantile(0.5), 0);
}

}  // namespace
}  // namespace purvey::algo
