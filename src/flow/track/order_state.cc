#include "flow/track/order_state.h"

#include <algorithm>

namespace purvey::flow {
namespace {

/// Collects contributions place by place, in the order of kOrderMeasures.
class Places {
 public:
  explicit Places(OrderContributions& out) : out_(out) {}

  void add(int64_t time, int64_t value = 1) {
    if (time != kUnknown && value != kUnknown) out_[at_] = {time, value};
    ++at_;
  }
  void none() { ++at_; }

  /// A duration at `end`, in ten-thousandths of `unit`.
  void duration(int64_t begin, int64_t end, int64_t unit) {
    if (begin == kUnknown || end == kUnknown || end < begin) return none();
    add(end, (end - begin) / (unit / 10'000));
  }

  /// A level that stands from `begin` to `end`; for ever if `end` is unknown.
  void span(int64_t begin, int64_t end) {
    if (begin == kUnknown || (end != kUnknown && end <= begin)) {
      none();
      none();
    } else {
      add(begin, 1);
      add(end, -1);
    }
  }

 private:
  OrderContributions& out_;
  size_t at_ = 0;
};

/// The earliest of the times that are known.
int64_t earliest(std::initializer_list<int64_t> times) {
  int64_t first = kUnknown;
  for (const int64_t time : times) {
    if (time != kUnknown && (first == kUnknown || time < first)) first = time;
  }
  return first;
}

/// When the order as a whole reached one of the last three steps: at once, or with its last part.
int64_t whole_at(const OrderState& order, const OrderParts& parts, OrderStep step) {
  if (order.at(step) != kUnknown) return order.at(step);
  const OrderParts::Part& part = parts.of(step);
  return order.units != kUnknown && part.units >= order.units ? part.last_at : kUnknown;
}

}  // namespace

OrderContributions order_contributions(const OrderState& order, const OrderParts& parts) {
  constexpr int64_t kMinute = 60'000'000;
  constexpr int64_t kHour = 60 * kMinute;
  constexpr int64_t kDay = 24 * kHour;
  using enum OrderStep;
  const int64_t delivered =
      order.shipments_open == 0 ? whole_at(order, parts, kDelivered) : kUnknown;
  const int64_t cancelled = whole_at(order, parts, kCancelled);
  const int64_t returned = whole_at(order, parts, kReturned);
  const int64_t ended = earliest({delivered, cancelled, returned});
  const bool promised = order.promised_at != kUnknown && delivered != kUnknown;
  const bool is_placed = order.placed_at != kUnknown;

  OrderContributions out;
  Places places(out);
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
  places.duration(order.placed_at, delivered, kHour);
  places.duration(order.at(kAllocated) != kUnknown ? order.at(kAllocated) : order.at(kPaid),
                  order.at(kPicked), kMinute);
  places.duration(order.placed_at, order.at(kShipped), kHour);
  places.duration(order.at(kShipped), delivered, kDay);
  places.add(promised ? delivered : kUnknown);
  places.add(promised && delivered <= order.promised_at ? delivered : kUnknown);
  return out;
}

}  // namespace purvey::flow
