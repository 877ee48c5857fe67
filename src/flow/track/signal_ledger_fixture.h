#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>

#include "flow/track/signal_sink.h"

namespace purvey::flow {

/// Adds up signals by measure, time and dimensions; what is taken back disappears. Two histories
/// that come to the same are equal.
class SignalLedger : public SignalSink {
 public:
  void add(const Signal& signal, const Dimensions& dimensions) override {
    const Key key{signal.measure, signal.time.micros, dimensions.names};
    auto& entry = sums_[key];
    entry.first += signal.weight;
    entry.second += signal.weight * signal.value;
    if (entry == std::pair<int64_t, int64_t>{0, 0}) sums_.erase(key);
  }

  void move(const Signal& signal, const Dimensions& from, const Dimensions& to) override {
    add({signal.measure, signal.time, signal.value, -signal.weight}, from);
    add(signal, to);
  }

  /// Observations of a measure that stand, and the sum of their values.
  int64_t count(Measure measure) const { return totals(measure).first; }
  int64_t sum(Measure measure) const { return totals(measure).second; }

  /// Where a level stands just after `time`.
  int64_t level(Measure measure, int64_t time) const {
    int64_t sum = 0;
    for (const auto& [key, entry] : sums_) {
      if (std::get<0>(key) == measure && std::get<1>(key) <= time) sum += entry.second;
    }
    return sum;
  }

  /// Observations of a measure by time, whatever the dimensions.
  std::map<int64_t, int64_t> times(Measure measure) const {
    std::map<int64_t, int64_t> times;
    for (const auto& [key, entry] : sums_) {
      if (std::get<0>(key) == measure) times[std::get<1>(key)] += entry.first;
    }
    return times;
  }

  /// Those of one name of a dimension.
  int64_t count(Measure measure, Dimension dimension, uint32_t name) const {
    int64_t count = 0;
    for (const auto& [key, entry] : sums_) {
      const bool is_mine = std::get<2>(key)[static_cast<size_t>(dimension)] == name;
      if (std::get<0>(key) == measure && is_mine) count += entry.first;
    }
    return count;
  }

  friend bool operator==(const SignalLedger& left, const SignalLedger& right) {
    return left.sums_ == right.sums_;
  }

 private:
  using Key = std::tuple<Measure, int64_t, std::array<uint32_t, kDimensions>>;

  std::pair<int64_t, int64_t> totals(Measure measure) const {
    std::pair<int64_t, int64_t> totals{0, 0};
    for (const auto& [key, entry] : sums_) {
      if (std::get<0>(key) != measure) continue;
      totals.first += entry.first;
      totals.second += entry.second;
    }
    return totals;
  }

  std::map<Key, std::pair<int64_t, int64_t>> sums_;
};

}  // namespace purvey::flow
