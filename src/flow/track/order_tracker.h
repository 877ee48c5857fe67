#pragma once

#include <optional>
#include <vector>

#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "flow/track/key_groups.h"
#include "flow/track/key_share.h"
#include "flow/track/order_state.h"
#include "flow/track/signal_sink.h"

namespace purvey::flow {

/// What an order.placed event says, ready for counting.
struct OrderPlacement {
  int64_t placed_at = 0;
  int64_t promised_at = kUnknown;
  int64_t amount =
      kUnknown;  ///< minor units of the base currency; kUnknown if it cannot be converted
  int64_t units = kUnknown;  ///< of all lines; kUnknown if there are none
  uint32_t channel = 0;
  uint32_t region = 0;
  uint32_t warehouse = 0;
};

/// What an event of a later step says.
struct OrderProgress {
  OrderStep step = OrderStep::kPaid;
  int64_t at = 0;
  uint32_t warehouse = 0;
  uint32_t carrier = 0;
  bool inferred = false;  ///< that it happened is known, not when
  int64_t units = 0;      ///< that the step is about; 0: the whole order
  uint64_t shipment = 0;  ///< hash of the shipment's id; 0 if it names none
};

/// Follows every order through its steps and puts what it observes into the sink. What comes later
/// corrects: old observations are taken back, so that the sum is that of what is known, whatever
/// the order of arrival.
class OrderTracker {
 public:
  explicit OrderTracker(SignalSink& sink, const OrderExpectations& expect = {})
      : sink_(sink), expect_(expect) {}

  /// `order` is the hash of the order's id. A second placing corrects the first; true if it is the
  /// first.
  bool place(uint64_t order, const OrderPlacement& placement);
  void advance(uint64_t order, const OrderProgress& progress);

  /// See KeyGroups. They change nothing.
  void prefetch(uint64_t order) const { orders_.prefetch(order); }
  void prefetch_state(uint64_t order) const { orders_.prefetch_state(order); }

  size_t size() const { return orders_.size(); }
  /// See OrderState::has_left.
  bool has_left(uint64_t order) const {
    const OrderState* const state = orders_.find(order);
    return state != nullptr && state->has_left;
  }
  /// What is known of an order, if anything is.
  std::optional<KnownOrder> find(uint64_t order) const;

  void save(base::ByteWriter& writer, const base::Dictionary& names) const;
  /// Adds what was saved, as far as `share` owns it.
  void load(base::ByteReader& reader, base::Dictionary& names, KeyShare share = {});

 private:
  struct Shipment {
    uint64_t id = 0;
    bool shipped = false;
    bool delivered = false;
  };

  KnownOrder known(uint64_t order, const OrderState& state) const;
  void add_part(uint64_t order, OrderState& state, const OrderProgress& progress);
  void follow_shipment(uint64_t order, OrderState& state, const OrderProgress& progress);
  void publish(const KnownOrder& before, const KnownOrder& after);

  SignalSink& sink_;
  const OrderExpectations expect_;
  KeyGroups<OrderState> orders_;
  KeyGroups<OrderParts> parts_;                 ///< of orders some of whose steps are about a part
  KeyGroups<std::vector<Shipment>> shipments_;  ///< of orders whose steps name shipments
};

}  // namespace purvey::flow
