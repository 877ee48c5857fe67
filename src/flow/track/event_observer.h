#pragma once

#include <absl/container/flat_hash_map.h>

#include <optional>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "flow/metric/pack.h"
#include "flow/track/base_money.h"
#include "flow/track/catalog.h"
#include "flow/track/customer_tracker.h"
#include "flow/track/key_share.h"
#include "flow/track/order_holds.h"
#include "flow/track/order_tracker.h"
#include "flow/track/plain_counts.h"
#include "flow/track/session_tracker.h"
#include "flow/track/shipment_tracker.h"
#include "flow/track/stock_tracker.h"
#include "flow/track/supply_tracker.h"
#include "flow/track/transfer_tracker.h"

namespace purvey::flow {

/// Brings each accepted event to the trackers that its keys belong to, or to the counts that need
/// no state. The state of a shard but for its KPIs.
///
/// An event may concern keys of several shards (an order's placing: the order, and the SKU of each
/// line), so every shard sees every event and takes what its share owns, in two phases: first what
/// belongs to orders, which tells the first placing of an order from its corrections, then the
/// rest. State of one key is all that its code looks at (and the catalogue's card of its SKU, which
/// has the same owner).
class EventObserver {
 public:
  /// All must outlive the observer.
  EventObserver(SignalSink& sink, BaseMoney& money, const base::Dictionary& names,
                const Expectations& expect, KeyShare share = {})
      : sink_(sink),
        money_(money),
        names_(names),
        expect_(expect),
        share_(share),
        plain_(sink, money, names, catalog_, share),
        orders_(sink, {.allocated_within = expect.allocated_within.count(),
                       .picked_within = expect.picked_within.count()}),
        holds_(shares_, names),
        stock_(sink, catalog_),
        supply_(sink, shares_, names),
        transfers_(sink, shares_),
        shipments_(sink, {.heard_within = expect.shipment_heard_within.count(),
                          .ended_within = expect.shipment_ended_within.count()}),
        customers_(sink),
        sessions_(sink, names, expect.session_gap.count()) {}

  /// The currency of an amount that KPIs count, if the event has one.
  static std::optional<base::Currency> counted_currency(const event::EventBatch& batch,
                                                        const event::EventRow& row);

  /// The first phase. True if the event placed an order of this share for the first time.
  bool observe_order(const event::EventBatch& batch, const event::EventRow& row);
  /// The second; `first_placing` as the first phase of the order's owner said.
  void observe_others(const event::EventBatch& batch, const event::EventRow& row,
                      bool first_placing);

  /// Brings what observe() will need of a coming event nearer, and what it will need of the soonest
  /// ones into the cache. They change nothing.
  void prefetch(const event::EventBatch& batch, const event::EventRow& row) const;
  void prefetch_state(const event::EventBatch& batch, const event::EventRow& row) const;

  /// What is known of an order, if anything is.
  std::optional<KnownOrder> find_order(std::string_view order_id) const;
  /// What this share knows of a SKU in a warehouse (dictionary ids).
  KnownStock stock_of(uint32_t sku, uint32_t warehouse) const;
  /// The warehouses of which this share knows something of a SKU, some perhaps twice.
  std::vector<uint32_t> warehouses_of(uint32_t sku) const;

  void save(base::ByteWriter& writer) const;
  /// Adds what an observer of any share saved, as far as this one owns it; `names` is the
  /// dictionary it was given, open for new names.
  void load(base::ByteReader& reader, base::Dictionary& names);

 private:
  bool owns_name(uint32_t name) const { return share_.owns(names_.hash(name)); }
  void prefetch_lines(const event::EventBatch& batch, const event::EventRow& row) const;
  bool placed(const event::EventBatch& batch, const event::EventRow& row);
  void placed_lines(const event::EventBatch& batch, const event::EventRow& row);
  void order_step(const event::EventBatch& batch, const event::EventRow& row);
  void stock(const event::EventBatch& batch, const event::EventRow& row);
  void purchase(const event::EventBatch& batch, const event::EventRow& row);
  void placed_by(const event::EventBatch& batch, const event::EventRow& row);
  void transfer(const event::EventBatch& batch, const event::EventRow& row);
  void shipment(const event::EventBatch& batch, const event::EventRow& row);
  void shipped(const event::EventBatch& batch, const event::EventRow& row);
  void behavior(const event::EventBatch& batch, const event::EventRow& row);
  bool is_end(uint32_t status);
  void card(const event::EventBatch& batch, const event::EventRow& row);

  SignalSink& sink_;
  BaseMoney& money_;
  const base::Dictionary& names_;
  const Expectations& expect_;
  const KeyShare share_;
  Catalog catalog_;
  StockShares shares_;
  PlainCounts plain_;
  OrderTracker orders_;
  OrderHolds holds_;
  StockTracker stock_;
  SupplyTracker supply_;
  TransferTracker transfers_;
  ShipmentTracker shipments_;
  CustomerTracker customers_;
  SessionTracker sessions_;
  absl::flat_hash_map<uint32_t, bool> ends_;  ///< of is_end(), by name
};

}  // namespace purvey::flow
