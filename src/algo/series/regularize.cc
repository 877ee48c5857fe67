#include "algo/series/regularize.h"

#include <fmt/core.h>

#include <cmath>

#include "algo/series/interpolate.h"

namespace purvey::algo {
namespace {

using base::invalid_input;
using base::Result;

struct Cell {
  double sum = 0;
  double latest = 0;
  double last = 0;
  size_t count = 0;
};

Result<void> check_grid(const Grid& grid) {
  const double end = grid.start + grid.step * static_cast<double>(grid.cells);
  if (!(grid.step > 0) || !std::isfinite(grid.start) || !std::isfinite(end)) {
    return invalid_input("a grid needs a finite start and a step above 0");
  }
  if (grid.cells > kGridCellsMax) {
    return invalid_input(fmt::format("a grid has at most {} cells", kGridCellsMax));
  }
  return {};
}

std::optional<double> cell_value(const Cell& cell, CellRule rule) {
  if (cell.count == 0) return std::nullopt;
  switch (rule) {
    case CellRule::kMean:
      return cell.sum / static_cast<double>(cell.count);
    case CellRule::kLast:
      return cell.last;
    case CellRule::kSum:
      return cell.sum;
  }
  return std::nullopt;
}

}  // namespace

Result<RegularSeries> regularize(std::span<const double> at, std::span<const double> values,
                                 const Grid& grid, CellRule rule) {
  PURVEY_TRY(check_grid(grid));
  if (at.size() != values.size()) {
    return invalid_input(fmt::format("{} times for {} values", at.size(), values.size()));
  }
  std::vector<Cell> cells(grid.cells);
  RegularSeries series;
  for (size_t i = 0; i < at.size(); ++i) {
    if (!std::isfinite(at[i]) || !(std::abs(values[i]) <= kSeriesValueMax)) {
      return invalid_input(fmt::format("value {} of the series is not finite or beyond 1e100", i));
    }
    const double place = std::floor((at[i] - grid.start) / grid.step);
    if (place < 0 || place >= static_cast<double>(grid.cells)) {
      ++series.outside;
      continue;
    }
    Cell& cell = cells[static_cast<size_t>(place)];
    if (cell.count == 0 || at[i] >= cell.latest) {
      cell.latest = at[i];
      cell.last = values[i];
    }
    cell.sum += values[i];
    ++cell.count;
  }
  series.cells.reserve(cells.size());
  for (const Cell& cell : cells) series.cells.push_back(cell_value(cell, rule));
  return series;
}

}  // namespace purvey::algo
