#include "flow/shard/internal/shard.h"

namespace purvey::flow::internal {
namespace {

constexpr size_t kPrefetchAhead = 16;
constexpr size_t kStateAhead = 8;

}  // namespace

/// Goes over the rows and cuts what was observed at every mark and at the end.
template <class Observe>
void Shard::take(const ShardWork& work, std::vector<KpiDelta>& deltas, const Observe& observe) {
  deltas.reserve(work.marks.size() + 1);
  size_t at = 0;
  for (size_t mark = 0; mark <= work.marks.size(); ++mark) {
    const size_t end = mark < work.marks.size() ? work.marks[mark].rows : work.rows.size();
    for (; at < end; ++at) {
      const event::EventRow& row = work.batch->rows[work.rows[at]];
      sink_.begin(row);
      observe(at, row);
    }
    deltas.push_back(collector_.cut());
  }
}

void Shard::take_orders(ShardWork& work) {
  if (work.base) money_.set_base(*work.base);
  const auto row_at = [&](size_t at) -> const event::EventRow& {
    return work.batch->rows[work.rows[at]];
  };
  take(work, work.of_orders[share_.shard], [&](size_t at, const event::EventRow& row) {
    if (at + kPrefetchAhead < work.rows.size()) {
      observer_.prefetch(*work.batch, row_at(at + kPrefetchAhead));
      observer_.prefetch_state(*work.batch, row_at(at + kStateAhead));
    }
    if (observer_.observe_order(*work.batch, row)) work.first_placings[at] = 1;
  });
}

void Shard::take_others(ShardWork& work) {
  take(work, work.of_others[share_.shard], [&](size_t at, const event::EventRow& row) {
    observer_.observe_others(*work.batch, row, work.first_placings[at] != 0);
  });
}

}  // namespace purvey::flow::internal
