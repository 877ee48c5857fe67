#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "algo/series/interpolate.h"
#include "base/result.h"

namespace purvey::algo {

/// How a value came to be where none was; kKnown for one that was there.
enum class FillMethod : uint8_t {
  kKnown,
  kDrop,        ///< there is no value
  kDefault,     ///< a given number
  kCarry,       ///< the last known value
  kLinear,      ///< on the line between the known neighbours
  kPolynomial,  ///< on a curve through the nearest known values
  kSeasonal,    ///< the same phase of earlier seasons, at the level of the last one
};

/// "linear", ...: as settings and marks write it.
std::string_view fill_method_name(FillMethod method);

struct FillOptions {
  FillMethod method = FillMethod::kLinear;  ///< not kKnown
  double default_value = 0;                 ///< of kDefault
  int degree = 2;                           ///< of kPolynomial: 2 or 3
  size_t points_before = 5;                 ///< of kPolynomial: nearest known values used, 1 to 8
  size_t points_after = 1;                  ///< 1 to 8; a stream has one
  Season season = {};                       ///< of kSeasonal
  /// Widest gap that is bridged: between the known neighbours, or since the last known value for
  /// kCarry and kSeasonal. kDefault takes no notice of it.
  double max_gap = std::numeric_limits<double>::infinity();
};

struct FilledValue {
  FillMethod method = FillMethod::kKnown;
  double value = 0;  ///< meaningless for kDrop

  friend bool operator==(const FilledValue&, const FilledValue&) = default;
};

/// Fills what is missing in a series, regular or not. One answer for each value, in order; known
/// values come back as they are.
///
/// What cannot be filled is kDrop: before the first and (kLinear, kPolynomial) after the last known
/// value, and in gaps above max_gap. kPolynomial falls back to kLinear with too few points, and
/// kSeasonal with too few seasons; the answer's method says so.
///
/// Cost: O(n) and, for kSeasonal, the points of four seasons for each missing value. Errors:
/// kInvalidInput if times do not increase, if anything is not finite or beyond kSeriesValueMax, or
/// for options out of range.
base::Result<std::vector<FilledValue>> fill_missing(std::span<const double> at,
                                                    std::span<const std::optional<double>> values,
                                                    const FillOptions& options);

/// kInvalidInput if an option is out of its range.
base::Result<void> check_fill_options(const FillOptions& options);

}  // namespace purvey::algo
