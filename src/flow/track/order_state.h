#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "flow/metric/measure.h"
#include "flow/track/contribution.h"

namespace purvey::flow {

/// The steps of an order after placing, in the order of the order.* events.
enum class OrderStep : uint8_t {
  kPaid,
  kAllocated,
  kPicked,
  kPacked,
  kShipped,
  kDelivered,
  kCancelled,
  kReturned,
};
inline constexpr size_t kOrderSteps = 8;

/// What is known of one order: times in microseconds UTC, kUnknown where nothing was said.
struct OrderState {
  int64_t placed_at = kUnknown;
  int64_t promised_at = kUnknown;
  int64_t amount = kUnknown;  ///< minor units of the base currency
  int64_t units = kUnknown;   ///< of all lines
  /// The first time of each step, of a part of the order too; of kDelivered the last.
  std::array<int64_t, kOrderSteps> step_at = {kUnknown, kUnknown, kUnknown, kUnknown,
                                              kUnknown, kUnknown, kUnknown, kUnknown};
  uint32_t channel = 0;
  uint32_t region = 0;
  uint32_t warehouse = 0;
  uint32_t carrier = 0;
  /// Shipments told apart that left and have not arrived: the order is delivered when none is left.
  uint16_t shipments_open = 0;
  uint8_t whole_steps = 0;     ///< a bit for each step that was said of the whole order
  uint8_t inferred_steps = 0;  ///< a bit for each step whose time is only inferred
  bool has_parts = false;      ///< some steps were about a part of it: see OrderParts
  bool has_left = false;  ///< shipped, delivered, cancelled or returned by a step without lines

  bool is_whole(OrderStep step) const {
    return (whole_steps >> static_cast<unsigned>(step) & 1U) != 0;
  }
  void set_whole(OrderStep step) {
    whole_steps = static_cast<uint8_t>(whole_steps | 1U << static_cast<unsigned>(step));
  }
  bool is_inferred(OrderStep step) const {
    return (inferred_steps >> static_cast<unsigned>(step) & 1U) != 0;
  }
  void set_inferred(OrderStep step, bool inferred) {
    const auto bit = static_cast<uint8_t>(1U << static_cast<unsigned>(step));
    inferred_steps = static_cast<uint8_t>(inferred ? inferred_steps | bit : inferred_steps & ~bit);
  }
  int64_t at(OrderStep step) const { return step_at[static_cast<size_t>(step)]; }
  int64_t& at(OrderStep step) { return step_at[static_cast<size_t>(step)]; }
};

static_assert(sizeof(OrderState) == 120, "docs/ARCHITECTURE.md says what an order costs");

/// What steps of a part of an order add up to, for kShipped and those after it.
struct OrderParts {
  struct Part {
    int64_t units = 0;
    int64_t last_at = kUnknown;
  };
  std::array<Part, 4> parts;
  bool by_shipment = false;  ///< a delivery named its shipment

  const Part& of(OrderStep step) const { return parts[place(step)]; }
  Part& of(OrderStep step) { return parts[place(step)]; }

 private:
  static size_t place(OrderStep step) {
    return static_cast<size_t>(step) - static_cast<size_t>(OrderStep::kShipped);
  }
};

/// An order with what its parts add up to.
struct KnownOrder {
  OrderState state;
  OrderParts parts;
};

/// When the order as a whole was delivered, cancelled or returned; kUnknown if it was not. The
/// rules are those of the view `orders` (store/facts/orders_sql.cc): said of the whole order, or
/// when the units add up to what it still needs (its lines less what was cancelled in part), or
/// delivered when every shipment of an order that was shipped whole has arrived.
int64_t whole_at(const KnownOrder& order, OrderStep step);

/// `placed` to `returned`, as in the view `orders`.
std::string_view order_status(const KnownOrder& order);

/// How soon the steps of an order should follow each other, microseconds.
struct OrderExpectations {
  int64_t allocated_within = 4 * 3'600'000'000LL;  ///< from its payment
  int64_t picked_within = 24 * 3'600'000'000LL;    ///< from its allocation
};

/// Measures of the places of order_contributions(). A level has two: its beginning and its end.
inline constexpr std::array kOrderMeasures = {
    Measure::kOrderPlaced,
    Measure::kOrderAmount,
    Measure::kOrderPaid,
    Measure::kOrderShipped,
    Measure::kOrderDelivered,
    Measure::kOrderCancelled,
    Measure::kOrderCancelledAmount,
    Measure::kOrderReturned,
    Measure::kOrderReturnedAmount,
    Measure::kOrderOpen,
    Measure::kOrderOpen,
    Measure::kOrderLate,
    Measure::kOrderLate,
    Measure::kOrderAllocationLate,
    Measure::kOrderAllocationLate,
    Measure::kOrderPickingLate,
    Measure::kOrderPickingLate,
    Measure::kOrderCycleHours,
    Measure::kOrderPickMinutes,
    Measure::kOrderShipHours,
    Measure::kOrderDeliveryDays,
    Measure::kOrderPromised,
    Measure::kOrderOnTime,
};
using OrderContributions = std::array<Contribution, kOrderMeasures.size()>;

/// All that an order contributes to KPIs, as a function of what is known of it: so the result is
/// the same in whatever order it became known. Durations that come out negative (delivered before
/// shipped) are left out.
OrderContributions order_contributions(const KnownOrder& order, const OrderExpectations& expect);

}  // namespace purvey::flow
