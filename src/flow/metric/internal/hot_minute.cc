#include "flow/metric/internal/hot_minute.h"

namespace purvey::flow::internal {

void HotMinute::move_to(Block& block) {
  drain([&](SeriesKey key, Wide sum, int64_t n) {
    const auto [place, is_new] = block.cells.try_emplace(key);
    place->second.sum += sum;
    place->second.n += n;
    if (place->second.is_empty()) block.cells.erase(place);
  });
}

}  // namespace purvey::flow::internal
