#include "algo/series/fill.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace purvey::algo {
namespace {

using base::invalid_input;
using base::Result;

constexpr FilledValue kDropped{FillMethod::kDrop, 0};

Result<void> check_series(std::span<const double> at,
                          std::span<const std::optional<double>> values) {
  if (at.size() != values.size()) {
    return invalid_input(fmt::format("{} times for {} values", at.size(), values.size()));
  }
  for (size_t i = 0; i < at.size(); ++i) {
    if (!std::isfinite(at[i]) || (i > 0 && at[i] <= at[i - 1])) {
      return invalid_input(fmt::format("time {} of the series does not follow the one before", i));
    }
    if (values[i] && !(std::abs(*values[i]) <= kSeriesValueMax)) {
      return invalid_input(fmt::format("value {} of the series is not finite or beyond 1e100", i));
    }
  }
  return {};
}

/// The known points around one missing value: `before` of them lie earlier.
struct Surroundings {
  std::span<const KnownPoint> known;
  size_t before;
};

FilledValue fill_between(const Surroundings& around, const FillOptions& options, double at) {
  if (around.before == 0 || around.before == around.known.size()) return kDropped;
  const KnownPoint& last = around.known[around.before - 1];
  const KnownPoint& next = around.known[around.before];
  if (next.at - last.at > options.max_gap) return kDropped;
  if (options.method == FillMethod::kPolynomial) {
    const size_t first = around.before - std::min(around.before, options.points_before);
    const size_t end = std::min(around.known.size(), around.before + options.points_after);
    const auto value =
        interpolate_polynomial(around.known.subspan(first, end - first), options.degree, at);
    if (value) return {FillMethod::kPolynomial, *value};
  }
  return {FillMethod::kLinear, interpolate_linear(last, next, at)};
}

FilledValue fill_one(const Surroundings& around, const FillOptions& options, double at) {
  const bool near_last =
      around.before > 0 && at - around.known[around.before - 1].at <= options.max_gap;
  switch (options.method) {
    case FillMethod::kKnown:
    case FillMethod::kDrop:
      return kDropped;
    case FillMethod::kDefault:
      return {FillMethod::kDefault, options.default_value};
    case FillMethod::kCarry:
      if (!near_last) return kDropped;
      return {FillMethod::kCarry, around.known[around.before - 1].value};
    case FillMethod::kSeasonal:
      if (near_last) {
        const auto value = estimate_seasonal(around.known.first(around.before), options.season, at);
        if (value) return {FillMethod::kSeasonal, *value};
      }
      return fill_between(around, options, at);
    case FillMethod::kLinear:
    case FillMethod::kPolynomial:
      return fill_between(around, options, at);
  }
  return kDropped;
}

}  // namespace

std::string_view fill_method_name(FillMethod method) {
  switch (method) {
    case FillMethod::kKnown:
      return "known";
    case FillMethod::kDrop:
      return "drop";
    case FillMethod::kDefault:
      return "default";
    case FillMethod::kCarry:
      return "carry";
    case FillMethod::kLinear:
      return "linear";
    case FillMethod::kPolynomial:
      return "polynomial";
    case FillMethod::kSeasonal:
      return "seasonal";
  }
  return "";
}

Result<void> check_fill_options(const FillOptions& options) {
  constexpr size_t kPointsMax = 8;
  const auto in_points = [](size_t count) { return count >= 1 && count <= kPointsMax; };
  if (options.method == FillMethod::kKnown) return invalid_input("no method to fill with");
  if (options.degree < 2 || options.degree > 3) return invalid_input("the degree is 2 or 3");
  if (!in_points(options.points_before) || !in_points(options.points_after)) {
    return invalid_input("a curve takes 1 to 8 points on each side");
  }
  if (!(std::abs(options.default_value) <= kSeriesValueMax)) {
    return invalid_input("the default is not finite or beyond 1e100");
  }
  if (!(options.max_gap > 0)) return invalid_input("the widest gap must be above 0");
  const Season& season = options.season;
  const bool seasonal = options.method == FillMethod::kSeasonal;
  if (seasonal && !(season.length > 0 && std::isfinite(season.length) && season.tolerance >= 0 &&
                    season.tolerance < season.length / 2)) {
    return invalid_input("a season must be above 0 and its tolerance below half of it");
  }
  return {};
}

Result<std::vector<FilledValue>> fill_missing(std::span<const double> at,
                                              std::span<const std::optional<double>> values,
                                              const FillOptions& options) {
  PURVEY_TRY(check_fill_options(options));
  PURVEY_TRY(check_series(at, values));
  std::vector<KnownPoint> known;
  for (size_t i = 0; i < at.size(); ++i) {
    if (values[i]) known.push_back({at[i], *values[i]});
  }
  std::vector<FilledValue> filled;
  filled.reserve(at.size());
  size_t before = 0;
  for (size_t i = 0; i < at.size(); ++i) {
    if (values[i]) {
      filled.push_back({FillMethod::kKnown, *values[i]});
      ++before;
    } else {
      filled.push_back(fill_one({known, before}, options, at[i]));
    }
  }
  return filled;
}

}  // namespace purvey::algo
