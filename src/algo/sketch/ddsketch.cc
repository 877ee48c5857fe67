#include "algo/sketch/ddsketch.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace purvey::algo {
namespace {

constexpr double kGamma = (1 + DdSketch::kError) / (1 - DdSketch::kError);
// Bucket 0 holds zero; a value and its negative have opposite buckets, so that buckets ascend as
// values do. log(kSmallest) / log(kGamma) is -1,037: the offset makes every other bucket positive.
constexpr int32_t kOffset = 2'000;

int32_t bucket_of(double value) {
  if (std::abs(value) <= DdSketch::kSmallest) return 0;
  static const double log_gamma = std::log(kGamma);
  const auto bucket =
      static_cast<int32_t>(std::ceil(std::log(std::abs(value)) / log_gamma)) + kOffset;
  return value < 0 ? -bucket : bucket;
}

double middle_of(int32_t bucket) {
  if (bucket == 0) return 0;
  const double middle = 2 * std::pow(kGamma, std::abs(bucket) - kOffset) / (kGamma + 1);
  return bucket < 0 ? -middle : middle;
}

}  // namespace

void DdSketch::add(double value, int64_t weight) {
  add_bucket(bucket_of(value), weight);
}

void DdSketch::add_bucket(int32_t bucket, int64_t weight) {
  count_ += weight;
  const auto place = std::lower_bound(buckets_.begin(), buckets_.end(), bucket,
                                      [](const auto& entry, int32_t b) { return entry.first < b; });
  if (place == buckets_.end() || place->first != bucket) {
    buckets_.insert(place, {bucket, weight});
  } else if ((place->second += weight) == 0) {
    buckets_.erase(place);
  }
}

void DdSketch::merge(const DdSketch& other) {
  for (const auto& [bucket, count] : other.buckets_) add_bucket(bucket, count);
}

double DdSketch::quantile(double q) const {
  if (count_ <= 0) return std::numeric_limits<double>::quiet_NaN();
  const auto rank = static_cast<int64_t>(q * static_cast<double>(count_ - 1));
  int64_t below = 0;
  for (const auto& [bucket, count] : buckets_) {
    below += count;
    if (below > rank) return middle_of(bucket);
  }
  return middle_of(buckets_.back().first);
}

}  // namespace purvey::algo
