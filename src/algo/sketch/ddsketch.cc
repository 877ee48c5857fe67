#include "algo/sketch/ddsketch.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace purvey::algo {
namespace {

constexpr double kGamma = (1 + DdSketch::kError) / (1 - DdSketch::kError);
constexpr int32_t kZeroBucket = std::numeric_limits<int32_t>::min();

int32_t bucket_of(double value) {
  if (value <= DdSketch::kSmallest) return kZeroBucket;
  static const double log_gamma = std::log(kGamma);
  return static_cast<int32_t>(std::ceil(std::log(value) / log_gamma));
}

double middle_of(int32_t bucket) {
  return bucket == kZeroBucket ? 0 : 2 * std::pow(kGamma, bucket) / (kGamma + 1);
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
