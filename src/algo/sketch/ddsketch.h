#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace purvey::algo {

/// Quantiles of a stream of values within a relative error, mergeable, and the same whatever the
/// order.
///
/// 1. A value v > kSmallest counts in bucket ceil(log(v) / log(gamma)), gamma = (1 + e) / (1 - e),
/// e = kError; a negative one in the mirrored bucket of -v; what lies between counts as zero.
/// 2. A quantile is the middle of the bucket that holds its rank: at most e away from the value
/// there, relatively.
/// 3. Buckets are exact counts, so values can be taken back (weight -1) and sketches added.
///
/// C. Masson, J. Rim, H. Lee, "DDSketch", PVLDB 12 (12), 2019. O(log buckets) an addition; 16 bytes
/// a bucket; values from 1e-9 to 1e15 fill at most about 2,800 buckets, as many their negatives.
class DdSketch {
 public:
  static constexpr double kError = 0.01;
  static constexpr double kSmallest = 1e-9;

  /// Counts `value` (finite) `weight` times; a negative weight takes back what was added.
  void add(double value, int64_t weight = 1);
  void merge(const DdSketch& other);

  int64_t count() const { return count_; }
  /// The value at rank q (0..1) * (count - 1); NaN while empty.
  double quantile(double q) const;

  /// Bucket and count, ascending, none of count 0: for saved state.
  const std::vector<std::pair<int32_t, int64_t>>& buckets() const { return buckets_; }
  void add_bucket(int32_t bucket, int64_t weight);

  friend bool operator==(const DdSketch&, const DdSketch&) = default;

 private:
  int64_t count_ = 0;
  std::vector<std::pair<int32_t, int64_t>> buckets_;
};

}  // namespace purvey::algo
