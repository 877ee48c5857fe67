#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event/batch.h"
#include "flow/metric/kpi_board.h"
#include "flow/track/base_money.h"
#include "flow/track/order_state.h"

namespace purvey::flow {

/// The keyed state of a part of all keys, and the KPIs over it. Events come in journal order, with
/// steps of event time between them.
///
/// One shard takes all keys for now; state lies in key groups and KPIs merge exactly, so that
/// several can share them.
class Shard {
 public:
  /// All must outlive the shard.
  Shard(const Pack& pack, base::Dictionary& names, base::SiteZone zone, BaseMoney& money);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// See KpiBoard.
  void set_allowed_lateness(base::Micros lateness);

  /// Brings one accepted event into state and KPIs.
  void take(const event::EventBatch& batch, const event::EventRow& row);

  /// Tell of an event that take() will get about 16, or about 8, events later. They change nothing.
  void prefetch(const event::EventBatch& batch, const event::EventRow& row) const;
  void prefetch_state(const event::EventBatch& batch, const event::EventRow& row) const;

  /// The step of `watermark`: closes what ends at or before it; appends the KPI rows.
  void step(base::EventTime watermark, std::vector<KpiRow>& rows);

  /// Publishes closed windows that changed since; appends the rows.
  void revise(std::vector<KpiRow>& rows);

  /// Rows of the windows that are open at `time`, not final; moves nothing.
  void publish_open(base::EventTime time, std::vector<KpiRow>& rows);

  const KpiBoard& board() const;

  /// See EventObserver.
  std::optional<KnownOrder> find_order(std::string_view order_id) const;
  std::optional<int64_t> on_hand(uint32_t sku, uint32_t warehouse) const;

  void save(base::ByteWriter& writer) const;
  /// Into a fresh shard. Errors: kCorrupt.
  base::Result<void> load(base::ByteReader& reader);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace purvey::flow
