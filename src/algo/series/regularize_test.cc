#include "algo/series/regularize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace purvey::algo {
namespace {

// Times 0..10 by cells of 5: {1, 2, 6} fall into the first, {10, 20} into the second, {7} outside.
const std::vector<double> kAt = {1, 4.9, 0, 5, 9, 10};
const std::vector<double> kValues = {1, 2, 6, 10, 20, 7};
constexpr Grid kGrid = {.start = 0, .step = 5, .cells = 2};

std::vector<std::optional<double>> cells(CellRule rule) {
  return regularize(kAt, kValues, kGrid, rule)->cells;
}

using Cells = std::vector<std::optional<double>>;

TEST(RegularizeTest, each_rule_by_hand) {
  EXPECT_EQ(cells(CellRule::kMean), (Cells{3.0, 15.0}));  // (1 + 2 + 6) / 3, (10 + 20) / 2
  EXPECT_EQ(cells(CellRule::kSum), (Cells{9.0, 30.0}));
  EXPECT_EQ(cells(CellRule::kLast), (Cells{2.0, 20.0}));  // at 4.9, not the last in the input
  EXPECT_EQ(regularize(kAt, kValues, kGrid, CellRule::kSum)->outside, 1U);
}

TEST(RegularizeTest, empty_cells_are_missing_not_zero) {
  const auto series = regularize(std::vector<double>{12}, std::vector<double>{3},
                                 {.start = 0, .step = 5, .cells = 4}, CellRule::kSum);
  EXPECT_EQ(series->cells, (Cells{std::nullopt, std::nullopt, 3.0, std::nullopt}));
  EXPECT_TRUE(regularize({}, {}, {.cells = 0}, CellRule::kMean)->cells.empty());
}

TEST(RegularizeTest, of_equal_times_the_later_in_the_input_is_last) {
  const auto series =
      regularize(std::vector<double>{1, 1}, std::vector<double>{3, 4}, kGrid, CellRule::kLast);
  EXPECT_EQ(series->cells[0], 4.0);
}

TEST(RegularizeTest, sums_are_kept_whatever_the_grid) {
  for (size_t count = 1; count <= 40; ++count) {
    const Grid grid = {.start = 0, .step = 40.0 / static_cast<double>(count), .cells = count};
    double sum = 0;
    const auto series = regularize(kAt, kValues, grid, CellRule::kSum);
    for (const auto& cell : series->cells) {
      sum += cell.value_or(0);
    }
    EXPECT_EQ(sum, 46) << count;  // 1 + 2 + 6 + 10 + 20 + 7
  }
}

TEST(RegularizeTest, what_is_no_number_and_no_grid_is_refused) {
  const std::vector<double> one = {1};
  for (const double bad : {std::nan(""), HUGE_VAL, 1e101}) {
    EXPECT_FALSE(regularize(one, std::vector<double>{bad}, kGrid, CellRule::kMean));
  }
  EXPECT_FALSE(regularize(std::vector<double>{NAN}, one, kGrid, CellRule::kMean));
  EXPECT_FALSE(regularize({}, one, kGrid, CellRule::kMean));
  for (const Grid& grid : {Grid{0, 0, 1}, Grid{0, -1, 1}, Grid{0, NAN, 1}, Grid{HUGE_VAL, 1, 1},
                           Grid{0, 1e308, 1000}, Grid{0, 1, kGridCellsMax + 1}}) {
    EXPECT_FALSE(regularize(one, one, grid, CellRule::kMean));
  }
}

}  // namespace
}  // namespace purvey::algo
