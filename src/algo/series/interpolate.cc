#include "algo/series/interpolate.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace purvey::algo {
namespace {

constexpr size_t kPointsMax = 16;
constexpr size_t kTermsMax = 4;  // degree 3

using Column = std::array<double, kPointsMax>;

double dot(const Column& a, const Column& b, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

/// The constant term of the least-squares polynomial in `x`: QR by modified Gram-Schmidt. The
/// columns run from the highest power down, so that the last unknown, the first that back
/// substitution gives, is the constant one.
std::optional<double> constant_term(const Column& x, Column rest, size_t count, size_t terms) {
  std::array<Column, kTermsMax> q{};
  for (size_t i = 0; i < count; ++i) {
    double power = 1;
    for (size_t term = terms; term-- > 0; power *= x[i]) q[term][i] = power;
  }
  constexpr double kSingular =
      1e-9;  // of |x| <= 1: the times coincide for all that doubles can say
  double coefficient = 0;
  for (size_t term = 0; term < terms; ++term) {
    for (size_t before = 0; before < term; ++before) {
      const double along = dot(q[before], q[term], count);
      for (size_t i = 0; i < count; ++i) q[term][i] -= along * q[before][i];
    }
    const double length = std::sqrt(dot(q[term], q[term], count));
    if (!(length > kSingular)) return std::nullopt;
    for (size_t i = 0; i < count; ++i) q[term][i] /= length;
    const double along = dot(q[term], rest, count);
    for (size_t i = 0; i < count; ++i) rest[i] -= along * q[term][i];
    coefficient = along / length;
  }
  return coefficient;
}

std::span<const KnownPoint> between(std::span<const KnownPoint> points, double after,
                                    double before) {
  const auto first = std::upper_bound(points.begin(), points.end(), after,
                                      [](double at, const KnownPoint& p) { return at < p.at; });
  const auto end = std::lower_bound(first, points.end(), before,
                                    [](const KnownPoint& p, double at) { return p.at < at; });
  return {first, end};
}

/// Mean of the values in the season that ends before `at`.
std::optional<double> level_before(std::span<const KnownPoint> history, double length, double at) {
  const auto points = between(history, at - length, at);
  if (points.empty()) return std::nullopt;
  double sum = 0;
  for (const KnownPoint& point : points) sum += point.value;
  return sum / static_cast<double>(points.size());
}

/// The point nearest to `at` within the tolerance, the earlier of two equally near ones.
const KnownPoint* nearest(std::span<const KnownPoint> history, double at, double tolerance) {
  const auto later = std::lower_bound(history.begin(), history.end(), at,
                                      [](const KnownPoint& p, double t) { return p.at < t; });
  const KnownPoint* best = nullptr;
  double best_distance = tolerance;
  if (later != history.begin() && at - std::prev(later)->at <= best_distance) {
    best = &*std::prev(later);
    best_distance = at - best->at;
  }
  const bool closer = later != history.end() && later->at - at <= tolerance &&
                      (best == nullptr || later->at - at < best_distance);
  return closer ? &*later : best;
}

}  // namespace

double interpolate_linear(KnownPoint before, KnownPoint after, double at) {
  const double share = (at - before.at) / (after.at - before.at);
  return before.value + (after.value - before.value) * share;  // exact on a level line
}

std::optional<double> interpolate_polynomial(std::span<const KnownPoint> points, int degree,
                                             double at) {
  points = points.last(std::min(points.size(), kPointsMax));
  const auto terms = static_cast<size_t>(std::clamp(degree, 1, 3)) + 1;
  if (points.size() < terms) return std::nullopt;
  // In the unit of the furthest point, from `at`: the answer is then the constant term alone.
  double reach = 0;
  for (const KnownPoint& point : points) reach = std::max(reach, std::abs(point.at - at));
  if (!(reach > 0)) return std::nullopt;
  Column x{};
  Column values{};
  double lowest = points[0].value;
  double highest = points[0].value;
  for (size_t i = 0; i < points.size(); ++i) {
    x[i] = (points[i].at - at) / reach;
    values[i] = points[i].value;
    lowest = std::min(lowest, points[i].value);
    highest = std::max(highest, points[i].value);
  }
  const auto value = constant_term(x, values, points.size(), terms);
  if (!value) return std::nullopt;
  const double width = highest - lowest;
  return std::clamp(*value, lowest - width, highest + width);
}

std::optional<double> estimate_seasonal(std::span<const KnownPoint> history, Season season,
                                        double at) {
  const auto level = level_before(history, season.length, at);
  if (!level || !(season.length > 0)) return std::nullopt;
  double sum = 0;
  int count = 0;
  for (int back = 1; back <= kSeasonsMax; ++back) {
    const double then = at - back * season.length;
    const KnownPoint* same_phase = nearest(history, then, season.tolerance);
    const auto level_then = level_before(history, season.length, then);
    if (same_phase == nullptr || !level_then) continue;
    sum += same_phase->value - *level_then;
    ++count;
  }
  if (count < kSeasonsMin) return std::nullopt;
  return *level + sum / count;
}

}  // namespace purvey::algo
