#include "algo/outlier/sorted_window.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace purvey::algo {

SortedWindow::SortedWindow(size_t capacity) : ring_(capacity) {
  PURVEY_CHECK(capacity >= 1 && capacity <= kWindowMax, "a window holds 1 to 4,096 values");
  sorted_.reserve(capacity);
}

void SortedWindow::push(double value) {
  if (sorted_.size() == ring_.size()) pop_oldest();
  value += 0.0;  // -0.0 becomes 0.0, so that equal values are the same value
  ring_[(oldest_ + sorted_.size()) % ring_.size()] = value;
  sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), value), value);
}

void SortedWindow::pop_oldest() {
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), ring_[oldest_]);
  PURVEY_DCHECK(at != sorted_.end() && *at == ring_[oldest_], "the ring and the order differ");
  sorted_.erase(at);
  oldest_ = (oldest_ + 1) % ring_.size();
}

double median_of(std::span<const double> sorted) {
  const size_t middle = sorted.size() / 2;
  if (sorted.size() % 2 == 1) return sorted[middle];
  return sorted[middle - 1] + (sorted[middle] - sorted[middle - 1]) / 2;
}

namespace {

/// The distances from the centre are two ascending rows: leftwards from the middle, and rightwards.
/// Gives the `rank`-th smallest of both, by halving the share that the left row has in it.
double ranked_distance(std::span<const double> sorted, double centre, size_t rank) {
  const size_t middle = sorted.size() / 2;
  const auto left = [&](size_t i) { return centre - sorted[middle - 1 - i]; };
  const auto right = [&](size_t i) { return sorted[middle + i] - centre; };
  const size_t left_size = middle;
  const size_t right_size = sorted.size() - middle;
  const size_t count = rank + 1;
  size_t low = count > right_size ? count - right_size : 0;
  size_t high = std::min(count, left_size);
  while (low < high) {
    const size_t taken = low + (high - low) / 2;  // from the left; the rest from the right
    if (left(taken) < right(count - taken - 1)) {
      low = taken + 1;
    } else {
      high = taken;
    }
  }
  const size_t from_right = count - low;
  if (low == 0) return right(from_right - 1);
  if (from_right == 0) return left(low - 1);
  return std::max(left(low - 1), right(from_right - 1));
}

}  // namespace

double median_distance(std::span<const double> sorted, double centre) {
  const size_t middle = sorted.size() / 2;
  const double upper = ranked_distance(sorted, centre, middle);
  if (sorted.size() % 2 == 1) return upper;
  const double lower = ranked_distance(sorted, centre, middle - 1);
  return lower + (upper - lower) / 2;
}

double mean_distance(std::span<const double> sorted, double centre) {
  double sum = 0;
  for (const double value : sorted) sum += std::abs(value - centre);
  return sum / static_cast<double>(sorted.size());
}

double quantile_of(std::span<const double> sorted, double q) {
  const double rank = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(rank);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (sorted[below + 1] - sorted[below]) * (rank - std::floor(rank));
}

}  // namespace purvey::algo
