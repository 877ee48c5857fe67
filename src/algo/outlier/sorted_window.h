#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace purvey::algo {

/// The last values of a stream, in order of size.
///
/// A ring keeps the order of arrival, an array the order of size; a value enters and leaves by
/// binary search and one move of the part behind it. Moving is linear in the window, but at most 32
/// KiB: measured on one core, a value of a Hampel stream costs 0.2 us with 60 to 1,024 values and
/// 0.6 us with 4,096. A balanced tree with ranks was rejected: more code, and a cache miss a level.
class SortedWindow {
 public:
  static constexpr size_t kWindowMax = 4096;

  /// `capacity`: 1 to kWindowMax.
  explicit SortedWindow(size_t capacity);

  /// Adds a finite value; the oldest one leaves if the window is full.
  void push(double value);
  void pop_oldest();

  size_t size() const { return sorted_.size(); }
  std::span<const double> sorted() const { return sorted_; }

  /// The value that came `index` after the oldest one.
  double arrived(size_t index) const { return ring_[(oldest_ + index) % ring_.size()]; }

 private:
  std::vector<double> ring_;
  size_t oldest_ = 0;
  std::vector<double> sorted_;
};

/// Middle value, or the mean of the two middle ones. `sorted` ascends and is not empty, here and
/// below.
double median_of(std::span<const double> sorted);

/// Median of |value - centre|, where `centre` is the median. O(log n).
double median_distance(std::span<const double> sorted, double centre);

/// Mean of |value - centre|. O(n).
double mean_distance(std::span<const double> sorted, double centre);

/// The value at rank q * (n - 1), shares of ranks between their values; 0 <= q <= 1.
double quantile_of(std::span<const double> sorted, double q);

}  // namespace purvey::algo
