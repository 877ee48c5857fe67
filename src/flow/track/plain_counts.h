#pragma once

#include "event/batch.h"
#include "flow/track/base_money.h"
#include "flow/track/catalog.h"
#include "flow/track/key_share.h"
#include "flow/track/signal_sink.h"

namespace purvey::flow {

/// Counts events that speak for themselves, and need no state but the card of their SKU: payments,
/// feedback, what customers do in the shop, advertisements, requests to services, and the
/// temperatures that shipments report.
///
/// An event with a SKU belongs to the owner of the SKU, who has its card; any other to the owner of
/// its own hash.
class PlainCounts {
 public:
  /// All must outlive it.
  PlainCounts(SignalSink& sink, BaseMoney& money, const base::Dictionary& names,
              const Catalog& catalog, KeyShare share)
      : sink_(sink), money_(money), names_(names), catalog_(catalog), share_(share) {}

  /// Whether the events of a kind are counted here.
  static bool takes(event::EventKind kind);

  /// The currency of an amount that is counted here, if the event has one.
  static std::optional<base::Currency> counted_currency(const event::EventBatch& batch,
                                                        const event::EventRow& row);

  /// Of a kind that takes() names. Does nothing with what another share owns.
  void count(const event::EventBatch& batch, const event::EventRow& row);

 private:
  using Batch = event::EventBatch;
  using Row = event::EventRow;

  void payment(const Batch& batch, const Row& row);
  void feedback(const Batch& batch, const Row& row);
  void behavior(const Batch& batch, const Row& row);
  void ad(const Batch& batch, const Row& row);
  void request(const Batch& batch, const Row& row);
  void temperature(const Batch& batch, const Row& row);

  bool owns(const Row& row, uint32_t sku) const;
  Dimensions dimensions_of(uint32_t sku) const;
  void add_number(Measure measure, const Batch& batch, const Row& row, size_t field,
                  const Dimensions& dimensions);
  void add_money(Measure measure, const Batch& batch, const Row& row, size_t field,
                 const Dimensions& dimensions);

  SignalSink& sink_;
  BaseMoney& money_;
  const base::Dictionary& names_;
  const Catalog& catalog_;
  const KeyShare share_;
};

}  // namespace purvey::flow
