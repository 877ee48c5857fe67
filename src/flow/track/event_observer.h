#pragma once

#include <optional>
#include <string_view>

#include "event/batch.h"
#include "flow/track/base_money.h"
#include "flow/track/catalog.h"
#include "flow/track/order_tracker.h"
#include "flow/track/stock_tracker.h"
#include "flow/track/supply_tracker.h"

namespace purvey::flow {

/// Brings each accepted event to the tracker that its key belongs to, and counts what needs no
/// state (payments, feedback). The state of a shard but for its KPIs.
class EventObserver {
 public:
  /// All must outlive the observer.
  EventObserver(SignalSink& sink, BaseMoney& money, const base::Dictionary& names)
      : sink_(sink),
        money_(money),
        names_(names),
        orders_(sink),
        stock_(sink, catalog_),
        supply_(sink) {}

  void observe(const event::EventBatch& batch, const event::EventRow& row);

  /// Brings what observe() will need of a coming event nearer, and what it will need of the soonest
  /// ones into the cache. They change nothing.
  void prefetch(const event::EventBatch& batch, const event::EventRow& row) const;
  void prefetch_state(const event::EventBatch& batch, const event::EventRow& row) const;

  /// What is known of an order, if anything is.
  std::optional<KnownOrder> find_order(std::string_view order_id) const;
  /// Units of a SKU on hand in a warehouse (dictionary ids), if anything is known of the pair.
  std::optional<int64_t> on_hand(uint32_t sku, uint32_t warehouse) const {
    return stock_.on_hand({sku, warehouse});
  }

  void save(base::ByteWriter& writer) const;
  /// Into a fresh observer; `names` is the dictionary it was given, open for new names.
  void load(base::ByteReader& reader, base::Dictionary& names);

 private:
  void placed(const event::EventBatch& batch, const event::EventRow& row);
  void placed_lines(const event::EventBatch& batch, const event::EventRow& row, int64_t lines,
                    uint32_t warehouse);
  void order_step(const event::EventBatch& batch, const event::EventRow& row);
  void stock(const event::EventBatch& batch, const event::EventRow& row);
  void purchase(const event::EventBatch& batch, const event::EventRow& row);
  void payment(const event::EventBatch& batch, const event::EventRow& row);
  void feedback(const event::EventBatch& batch, const event::EventRow& row);
  void card(const event::EventBatch& batch, const event::EventRow& row);

  SignalSink& sink_;
  BaseMoney& money_;
  const base::Dictionary& names_;
  Catalog catalog_;
  OrderTracker orders_;
  StockTracker stock_;
  SupplyTracker supply_;
};

}  // namespace purvey::flow
