#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"

namespace purvey::algo {

/// What a cell makes of the values that fall in it.
enum class CellRule : uint8_t {
  kMean,
  kLast,  ///< of the latest time; of equal times, the later in the input
  kSum,
};

/// Cell i covers [start + i * step, start + (i + 1) * step).
struct Grid {
  double start = 0;
  double step = 1;
  size_t cells = 0;  ///< at most kGridCellsMax
};

inline constexpr size_t kGridCellsMax = 1U << 24;

struct RegularSeries {
  std::vector<std::optional<double>> cells;  ///< an empty cell is missing, also for kSum
  size_t outside = 0;                        ///< values that fell in no cell
};

/// Brings an irregular series onto a grid; times may come in any order. O(values + cells). Errors:
/// kInvalidInput for a grid that is none, for values or times that are not finite or (values)
/// beyond kSeriesValueMax.
base::Result<RegularSeries> regularize(std::span<const double> at, std::span<const double> values,
                                       const Grid& grid, CellRule rule);

}  // namespace purvey::algo
