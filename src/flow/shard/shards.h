#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "flow/metric/kpi_board.h"
#include "flow/track/base_money.h"
#include "flow/track/order_state.h"
#include "flow/track/stock_shares.h"

namespace purvey::flow {

/// A step of event time on its way through the shards.
struct FlowStep {
  base::EventTime watermark;
  int64_t seq = 0;           ///< of the last event before it
  bool ends_minute = false;  ///< the watermark came into another minute
};

struct ShardOptions {
  size_t shards = 1;  ///< 1 to 256; results are the same for any number
  /// Each shard has a thread of its own. Without them the shards take their turns on the caller's
  /// thread, with the same results. One shard needs none.
  bool threads = true;
};

/// The keyed state of all keys, divided between shards, and the KPIs over it.
///
/// 1. Accepted events come in journal order, with steps of event time between them. Every shard
/// sees all of them and takes what its key groups own.
/// 2. What shards observe between two steps comes together on the KPI board; as sums are integers
/// and sketches merge, the number of shards and who is faster change nothing.
/// 3. Then the step is taken: `on_step` is called on the caller's thread, in order, with the board
/// as it stands at that step.
///
/// A single shard works as it is called. Several lag behind by a few slices at most: collect()
/// takes the steps that all have passed, settle() waits for all. One thread calls.
class Shards {
 public:
  using OnStep = std::function<void(const FlowStep&)>;

  /// All must outlive it. `money` is told its base by this class, when the first amount is counted.
  Shards(const ShardOptions& options, const Pack& pack, base::Dictionary& names,
         base::SiteZone zone, BaseMoney& money, OnStep on_step);
  ~Shards();
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;

  /// The rows of take() are those of `batch` now, till end(). A row is not changed after take().
  void begin(std::shared_ptr<const event::EventBatch> batch);
  /// Brings one accepted event into state and KPIs.
  void take(size_t row);
  /// Counts something that no key's state tells of, between the events and steps around it.
  void observe(const Signal& signal, const Dimensions& dimensions);
  void step(const FlowStep& step);
  /// Hands over what came since begin(); waits while shards are too far behind.
  void end();

  /// Takes the steps that all shards have passed. Throws what a shard's thread could not finish by.
  void collect();
  /// Waits for everything handed over and takes its steps. Throws as collect().
  void settle();

  /// Tell of an event that take() will get about 16, or about 8, events later. They change nothing.
  void prefetch(const event::EventBatch& batch, const event::EventRow& row) const;
  void prefetch_state(const event::EventBatch& batch, const event::EventRow& row) const;

  // --- within on_step, or settled ---

  KpiBoard& board();
  const KpiBoard& board() const;

  /// See EventObserver.
  std::optional<KnownOrder> find_order(std::string_view order_id) const;
  /// Of a SKU in a warehouse (dictionary ids): what all shards know together.
  KnownStock stock_of(uint32_t sku, uint32_t warehouse) const;
  /// The warehouses of which anything is known of a SKU, by name.
  std::vector<uint32_t> warehouses_of(uint32_t sku) const;

  /// Amounts that had no rate to the base currency.
  uint64_t unconverted() const;

  /// What is saved does not depend on who owned it: any number of shards can load it.
  void save(base::ByteWriter& writer) const;
  /// Into fresh shards. Errors: kCorrupt.
  base::Result<void> load(base::ByteReader& reader);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace purvey::flow
