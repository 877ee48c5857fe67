#include "algo/series/interpolate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace purvey::algo {
namespace {

TEST(InterpolateTest, a_line_is_followed_by_share_of_time) {
  // 10 at 0, 20 at 4: a quarter of the way is 10 + 10 * 1 / 4
  EXPECT_DOUBLE_EQ(interpolate_linear({0, 10}, {4, 20}, 1), 12.5);
  EXPECT_EQ(interpolate_linear({0, 0.1}, {3, 0.1}, 1), 0.1);
}

TEST(InterpolateTest, a_parabola_is_found_exactly) {
  // y = t^2 - 2 t + 3
  const std::vector<KnownPoint> points = {{0, 3}, {1, 2}, {2, 3}, {4, 11}};
  EXPECT_NEAR(*interpolate_polynomial(points, 2, 3), 6, 1e-12);  // 9 - 6 + 3
}

TEST(InterpolateTest, a_cubic_is_found_exactly_in_microseconds) {
  const double start = 1.7e15;
  const double hour = 3.6e9;
  std::vector<KnownPoint> points;
  for (const double t : {-2.0, -1.0, 0.0, 1.0, 3.0}) {
    points.push_back({start + t * hour, t * t * t - t});
  }
  EXPECT_NEAR(*interpolate_polynomial(points, 3, start + 2 * hour), 6, 1e-6);  // 8 - 2
}

TEST(InterpolateTest, least_squares_agrees_with_the_normal_equations) {
  // The sums of t^0..t^4 over -1, 0, 1, 2 are 4, 2, 6, 8, 18; of y, t y, t^2 y: 4, 3, 7.
  const std::vector<KnownPoint> points = {{-1, 1}, {0, 0}, {1, 2}, {2, 1}};
  const double at_zero = *interpolate_polynomial(points, 2, 0);
  const double at_one = *interpolate_polynomial(points, 2, 1);
  const double at_minus = *interpolate_polynomial(points, 2, -1);
  const double a = at_zero;
  const double b = (at_one - at_minus) / 2;
  const double c = (at_one + at_minus) / 2 - a;
  EXPECT_NEAR(4 * a + 2 * b + 6 * c, 4, 1e-12);
  EXPECT_NEAR(2 * a + 6 * b + 8 * c, 3, 1e-12);
  EXPECT_NEAR(6 * a + 8 * b + 18 * c, 7, 1e-12);
}

TEST(InterpolateTest, a_curve_cannot_leave_the_range_widened_by_its_width) {
  // Steep at the end, and far to the next point: the parabola would reach thousands.
  const std::vector<KnownPoint> points = {{0, 0}, {1, 0}, {2, 1}, {100, 0}};
  for (double at = 2.5; at < 100; at += 0.5) {
    const double value = *interpolate_polynomial(points, 3, at);
    EXPECT_GE(value, -1);  // 0 - (1 - 0)
    EXPECT_LE(value, 2);   // 1 + (1 - 0)
  }
}

TEST(InterpolateTest, too_few_or_coinciding_points_give_nothing) {
  EXPECT_FALSE(interpolate_polynomial({}, 2, 0));
  const std::vector<KnownPoint> two = {{0, 1}, {1, 2}};
  EXPECT_FALSE(interpolate_polynomial(two, 2, 0.5));
  const std::vector<KnownPoint> three = {{0, 1}, {1, 2}, {2, 3}};
  EXPECT_FALSE(interpolate_polynomial(three, 3, 0.5));
  const std::vector<KnownPoint> same = {{5, 1}, {5, 2}, {5, 3}};
  EXPECT_FALSE(interpolate_polynomial(same, 2, 5));
  EXPECT_FALSE(interpolate_polynomial(same, 2, 6));
}

TEST(InterpolateTest, a_level_series_stays_level) {
  const std::vector<KnownPoint> points = {{0, 7}, {1, 7}, {2, 7}, {5, 7}};
  EXPECT_EQ(*interpolate_polynomial(points, 2, 3), 7);
}

TEST(SeasonalTest, phase_and_level_by_hand) {
  // Season of 4 steps: 1 2 3 4 | 11 12 13 14 | 21 22 23 ? (at 11)
  std::vector<KnownPoint> history;
  history.reserve(11);
  for (int t = 0; t < 11; ++t) {
    history.push_back({static_cast<double>(t), 10.0 * (t / 4) + t % 4 + 1});
  }
  // Level in (7, 11): (21 + 22 + 23) / 3 = 22. One season back: 14 at 7, level in (3, 7) =
  // (11 + 12 + 13) / 3 = 12, so + 2. Two back: 4 at 3, level in (-1, 3) = 2, so + 2. 22 + 2 = 24.
  EXPECT_DOUBLE_EQ(*estimate_seasonal(history, {4, 0.5}, 11), 24);
}

/// The definition, word by word, over all points.
std::optional<double> naive_seasonal(const std::vector<KnownPoint>& history, Season season,
                                     double at) {
  const auto level = [&](double end) -> std::optional<double> {
    double sum = 0;
    int count = 0;
    for (const KnownPoint& point : history) {
      if (point.at <= end - season.length || point.at >= end) continue;
      sum += point.value;
      ++count;
    }
    return count == 0 ? std::nullopt : std::optional(sum / count);
  };
  double sum = 0;
  int seasons = 0;
  for (int back = 1; back <= 3; ++back) {
    const double then = at - back * season.length;
    const KnownPoint* best = nullptr;
    for (const KnownPoint& point : history) {
      if (std::abs(point.at - then) > season.tolerance) continue;
      if (best == nullptr || std::abs(point.at - then) < std::abs(best->at - then)) best = &point;
    }
    if (best == nullptr || !level(then)) continue;
    sum += best->value - *level(then);
    ++seasons;
  }
  if (seasons < 2 || !level(at)) return std::nullopt;
  return *level(at) + sum / seasons;
}

TEST(SeasonalTest, agrees_with_a_naive_twin) {
  uint64_t seed = 5;
  const auto next = [&] {
    return (seed = seed * 6364136223846793005ULL + 1442695040888963407ULL) >> 33;
  };
  size_t estimates = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<KnownPoint> history;
    double at = 0;
    const size_t count = next() % 60;
    for (size_t i = 0; i < count; ++i) {
      at += static_cast<double>(1 + next() % 4);
      history.push_back({at, static_cast<double>(next() % 1000)});
    }
    const Season season = {static_cast<double>(8 + next() % 20), static_cast<double>(next() % 4)};
    const auto fast = estimate_seasonal(history, season, at + 1);
    const auto slow = naive_seasonal(history, season, at + 1);
    ASSERT_EQ(fast.has_value(), slow.has_value());
    if (fast) {
      EXPECT_DOUBLE_EQ(*fast, *slow);
    }
    estimates += fast ? 1 : 0;
  }
  EXPECT_GT(estimates, 100U);
}

TEST(SeasonalTest, fewer_than_two_seasons_give_nothing) {
  std::vector<KnownPoint> history;
  history.reserve(7);
  for (int t = 0; t < 7; ++t) history.push_back({static_cast<double>(t), 1.0 * t});
  EXPECT_FALSE(estimate_seasonal(history, {4, 0.5}, 7));
  EXPECT_FALSE(estimate_seasonal({}, {4, 0.5}, 7));
}

TEST(SeasonalTest, values_out_of_phase_do_not_count) {
  const std::vector<KnownPoint> history = {{-1, 1}, {0.9, 5}, {3, 1}, {4.9, 5}, {7, 1}};
  EXPECT_FALSE(estimate_seasonal(history, {4, 0.5}, 8));
  // With tolerance 1: at 4 the nearest is 4.9 (5), at 0 it is 0.9 (5). Level in (4, 8): (5 + 1) / 2
  // = 3; in (0, 4): 3; in (-4, 0): 1. 3 + ((5 - 3) + (5 - 1)) / 2 = 6.
  EXPECT_DOUBLE_EQ(*estimate_seasonal(history, {4, 1}, 8), 6);
}

TEST(SeasonalTest, a_season_of_no_length_gives_nothing) {
  const std::vector<KnownPoint> history = {{0, 1}, {1, 1}, {2, 1}};
  EXPECT_FALSE(estimate_seasonal(history, {0, 0}, 3));
}

}  // namespace
}  // namespace purvey::algo
