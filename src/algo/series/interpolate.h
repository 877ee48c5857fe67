#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace purvey::algo {

/// Values further from zero than this are refused at the border: sums and products of a few of them
/// stay finite.
inline constexpr double kSeriesValueMax = 1e100;

/// A known value of a series. `at` is in any unit, the same throughout: microseconds, days, ...
struct KnownPoint {
  double at;
  double value;
};

/// The value at `at` on the straight line through two points; before.at < after.at.
double interpolate_linear(KnownPoint before, KnownPoint after, double at);

/// The value at `at` of the polynomial of `degree` (1 to 3) that fits the points best (least
/// squares), bounded to their range widened by its own width on each side; nothing if there are
/// fewer than degree + 1 points (at most 16 are taken) or their times do not tell them apart.
///
/// The bound is what keeps a curve through noisy or badly spread points from leaving for the sky.
std::optional<double> interpolate_polynomial(std::span<const KnownPoint> points, int degree,
                                             double at);

/// Up to this many earlier seasons are looked at.
inline constexpr int kSeasonsMax = 3;

/// Fewest seasons with a value in the same phase.
inline constexpr int kSeasonsMin = 2;

/// How a season is found in a series.
struct Season {
  double length = 0;     ///< in the unit of `at`
  double tolerance = 0;  ///< how far from the same phase a value may lie
};

/// Level of the last season + mean over earlier seasons k of (value in the same phase - level of
/// the season that ends there), where a level is the mean of the values in (t - length, t).
///
/// `history` are the known points before `at`, in order. Nothing unless kSeasonsMin of the last
/// kSeasonsMax seasons have a value in phase with a level, and the last season has a level. A
/// steady trend cancels out: both levels lag alike. Cost: the points of kSeasonsMax + 1 seasons.
std::optional<double> estimate_seasonal(std::span<const KnownPoint> history, Season season,
                                        double at);

}  // namespace purvey::algo
