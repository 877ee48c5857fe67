#pragma once

#include "flow/metric/kpi_delta.h"
#include "flow/shard/internal/row_sink.h"
#include "flow/shard/internal/shard_work.h"
#include "flow/track/event_observer.h"

namespace purvey::flow::internal {

/// One of several shards: the state of its keys, and a collector of what it observes.
class Shard {
 public:
  Shard(const Pack& pack, const base::Dictionary& names, const BaseMoney& money, KeyShare share)
      : share_(share),
        money_(money),
        collector_(pack, names),
        sink_(collector_),
        observer_(sink_, money_, names, pack.expect, share) {}

  /// The two phases of a work. All shards have done the first before any does the second.
  void take_orders(ShardWork& work);
  void take_others(ShardWork& work);

  EventObserver& observer() { return observer_; }
  const EventObserver& observer() const { return observer_; }
  const BaseMoney& money() const { return money_; }

 private:
  template <class Observe>
  void take(const ShardWork& work, std::vector<KpiDelta>& deltas, const Observe& observe);

  const KeyShare share_;
  BaseMoney money_;
  DeltaCollector collector_;
  RowSink<DeltaCollector> sink_;
  EventObserver observer_;
};

}  // namespace purvey::flow::internal
