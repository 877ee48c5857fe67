#include "flow/track/order_state.h"

#include <algorithm>

namespace purvey::flow {
namespace {

/// The earliest of the times that are known.
int64_t earliest(std::initializer_list<int64_t> times) {
  int64_t first = kUnknown;
  for (const int64_t time : times) {
    if (time != kUnknown && (first == kUnknown || time < first)) first = time;
  }
  return first;
}

int64_t units_of(const OrderState& order) {
  return order.units == kUnknown ? 0 : order.units;
}

/// What is to be shipped and delivered, and may come back: the lines less what was cancelled.
int64_t need_of(const KnownOrder& order) {
  const int64_t cancelled = order.parts.of(OrderStep::kCancelled).units;
  return std::max<int64_t>(units_of(order.state) - cancelled, 0);
}

/// Whether the units of a step add up to `all`; nobody knows before the order was placed.
bool adds_up(const KnownOrder& order, OrderStep step, int64_t all) {
  const OrderParts::Part& part = order.parts.of(step);
  return order.state.placed_at != kUnknown && part.last_at != kUnknown && part.units >= all;
}

bool is_shipped(const KnownOrder& order) {
  return order.state.is_whole(OrderStep::kShipped) ||
         adds_up(order, OrderStep::kShipped, need_of(order));
}

bool is_delivered(const KnownOrder& order) {
  const OrderState& state = order.state;
  if (state.is_whole(OrderStep::kDelivered)) return true;
  const bool under_way = state.shipments_open > 0;
  if (adds_up(order, OrderStep::kDelivered, need_of(order)) &&
      (units_of(state) > 0 || !under_way)) {
    return true;
  }
  return order.parts.by_shipment && !under_way &&
         (state.at(OrderStep::kShipped) == kUnknown || is_shipped(order));
}

}  // namespace

int64_t whole_at(const KnownOrder& order, OrderStep step) {
  const OrderState& state = order.state;
  if (state.at(step) == kUnknown) return kUnknown;
  if (step == OrderStep::kDelivered) return is_delivered(order) ? state.at(step) : kUnknown;
  if (state.is_whole(step)) return state.at(step);
  const int64_t all = step == OrderStep::kCancelled ? units_of(state) : need_of(order);
  return adds_up(order, step, all) ? order.parts.of(step).last_at : kUnknown;
}

std::string_view order_status(const KnownOrder& order) {
  using enum OrderStep;
  if (whole_at(order, kReturned) != kUnknown) return "returned";
  if (whole_at(order, kCancelled) != kUnknown) return "cancelled";
  if (whole_at(order, kDelivered) != kUnknown) return "delivered";
  if (order.state.at(kDelivered) != kUnknown) return "partial_delivered";
  if (order.state.at(kShipped) != kUnknown) {
    return is_shipped(order) ? "shipped" : "partial_shipped";
  }
  if (order.state.at(kPacked) != kUnknown) return "packed";
  if (order.state.at(kPicked) != kUnknown) return "picked";
  if (order.state.at(kAllocated) != kUnknown) return "allocated";
  return order.state.at(kPaid) != kUnknown ? "paid" : "placed";
}

OrderContributions order_contributions(const KnownOrder& known, const OrderExpectations& expect) {
  constexpr int64_t kMinute = 60'000'000;
  constexpr int64_t kHour = 60 * kMinute;
  constexpr int64_t kDay = 24 * kHour;
  using enum OrderStep;
  const OrderState& order = known.state;
  const int64_t delivered = whole_at(known, kDelivered);
  const int64_t cancelled = whole_at(known, kCancelled);
  const int64_t returned = whole_at(known, kReturned);
  const int64_t ended = earliest({delivered, cancelled, returned});
  // A time that is only inferred ends no duration and keeps no promise.
  const auto measured = [&](OrderStep step, int64_t at) {
    return order.is_inferred(step) ? kUnknown : at;
  };
  const int64_t arrived = measured(kDelivered, delivered);
  const int64_t left = measured(kShipped, order.at(kShipped));
  const int64_t begun = order.at(kAllocated) != kUnknown
                            ? measured(kAllocated, order.at(kAllocated))
                            : measured(kPaid, order.at(kPaid));
  const bool promised = order.promised_at != kUnknown && arrived != kUnknown;
  const bool is_placed = order.placed_at != kUnknown;

  OrderContributions out;
  ContributionWriter places(out);
  places.add(order.placed_at);
  places.add(order.placed_at, order.amount);
  places.add(order.at(kPaid));
  places.add(order.at(kShipped));
  places.add(delivered);
  places.add(cancelled);
  places.add(cancelled, order.amount);
  places.add(returned);
  places.add(returned, order.amount);
  places.span(order.placed_at, ended);
  // No order is late before it is placed: a promise of 1970 is a feed's way to say that there is
  // none.
  const bool is_promised = is_placed && order.promised_at != kUnknown;
  places.span(is_promised ? std::max(order.promised_at, order.placed_at) : kUnknown, ended);
  // A step that was skipped was not missed: picking shows that the goods were allocated.
  const int64_t left_shelves = earliest(
      {order.at(kPicked), order.at(kPacked), order.at(kShipped), order.at(kDelivered), ended});
  places.span(later_by(order.at(kPaid), expect.allocated_within),
              earliest({order.at(kAllocated), left_shelves}));
  places.span(later_by(order.at(kAllocated), expect.picked_within), left_shelves);
  places.duration(order.placed_at, arrived, kHour);
  places.duration(begun, measured(kPicked, order.at(kPicked)), kMinute);
  places.duration(order.placed_at, left, kHour);
  places.duration(left, arrived, kDay);
  places.add(promised ? arrived : kUnknown);
  places.add(promised && arrived <= order.promised_at ? arrived : kUnknown);
  return out;
}

}  // namespace purvey::flow
