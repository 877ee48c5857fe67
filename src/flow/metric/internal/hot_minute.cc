#include "flow/metric/internal/hot_minute.h"

namespace purvey::flow::internal {

void HotMinute::move_to(Block& block) {
  drain([&](SeriesKey key, Wide sum, int64_t n) {
    const auto [place, is_new] = block.cells.try_emplace(key);
    place->second.sum += sum;
    place->second.n += n;
    block.forget_if_empty(key);
  });
}

}  // namespace purvey::flow::internal
