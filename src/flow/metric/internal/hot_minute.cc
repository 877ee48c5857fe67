#include "flow/metric/internal/hot_minute.h"

namespace purvey::flow::internal {

void HotMinute::move_to(Block& block) {
  for (const SeriesKey key : touched_) {
    Sum& sum = sums_[group_of(key) * kMeasures + static_cast<size_t>(measure_of(key))];
    const auto [place, is_new] = block.cells.try_emplace(key);
    place->second.sum += sum.sum;
    place->second.n += sum.n;
    if (place->second.is_empty()) block.cells.erase(place);
    sum = {};
  }
  touched_.clear();
  start_ = kNone;
}

}  // namespace purvey::flow::internal
