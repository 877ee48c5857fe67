#pragma once

#include <limits>
#include <vector>

#include "flow/metric/internal/cell.h"

namespace purvey::flow::internal {

/// The minute that events fall in at present, as a dense array of sums by group and measure: an
/// addition is one indexed access, where a window's table of cells costs a search. Moved into the
/// window's block when the present moves on.
class HotMinute {
 public:
  /// Groups beyond go to the block at once; 512 of them fill 540 kB, about what the second-level
  /// cache holds.
  static constexpr uint32_t kGroupsMax = 512;
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::min();

  int64_t start() const { return start_; }
  /// Whether anything was added since it began; an event that nobody counts adds nothing.
  bool is_touched() const { return !touched_.empty(); }
  void begin(int64_t minute) { start_ = minute; }
  void end() { start_ = kNone; }
  bool takes(int64_t minute, uint32_t group) const {
    return minute == start_ && group < kGroupsMax;
  }

  void add(uint32_t group, Measure measure, int64_t value, int64_t weight) {
    const size_t place = group * kMeasures + static_cast<size_t>(measure);
    if (place >= sums_.size()) sums_.resize((group + 1) * kMeasures);
    Sum& sum = sums_[place];
    if (!sum.touched) {
      sum.touched = true;
      touched_.push_back(series_key(group, measure));
    }
    sum.sum += static_cast<Wide>(value) * weight;
    sum.n += weight;
  }

  /// Adds everything to `block` and is of no minute then. What was taken back whole leaves no cell.
  void move_to(Block& block);

  /// Calls `visit(key, sum, n)` for everything that was touched, and is of no minute then.
  template <class Visit>
  void drain(const Visit& visit) {
    for (const SeriesKey key : touched_) {
      Sum& sum = sums_[group_of(key) * kMeasures + static_cast<size_t>(measure_of(key))];
      visit(key, sum.sum, sum.n);
      sum = {};
    }
    touched_.clear();
    start_ = kNone;
  }

 private:
  struct Sum {
    Wide sum = 0;
    int64_t n = 0;
    bool touched = false;
  };

  int64_t start_ = kNone;
  std::vector<Sum> sums_;
  std::vector<SeriesKey> touched_;
};

}  // namespace purvey::flow::internal
