#include "flow/track/order_tracker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "flow/track/signal_ledger_fixture.h"

namespace purvey::flow {
namespace {

constexpr int64_t kHour = 3'600'000'000;

using Ledger = SignalLedger;
using enum OrderStep;

TEST(OrderTrackerTest, an_order_is_counted_at_each_step_and_is_open_in_between) {
  Ledger ledger;
  OrderTracker tracker(ledger);
  EXPECT_TRUE(tracker.place(1, {.placed_at = 0, .promised_at = 48 * kHour, .amount = 5000}));
  EXPECT_EQ(ledger.sum(Measure::kOrderAmount), 5000);
  EXPECT_EQ(ledger.sum(Measure::kOrderOpen), 1);
  tracker.advance(1, {.step = kPaid, .at = kHour});
  tracker.advance(1, {.step = kPicked, .at = kHour + kHour / 2});
  tracker.advance(1, {.step = kShipped, .at = 2 * kHour, .carrier = 3});
  tracker.advance(1, {.step = kDelivered, .at = 26 * kHour});
  EXPECT_EQ(ledger.count(Measure::kOrderDelivered), 1);
  EXPECT_EQ(ledger.sum(Measure::kOrderOpen), 0);
  EXPECT_EQ(ledger.sum(Measure::kOrderPickMinutes), 30 * 10'000);
  EXPECT_EQ(ledger.sum(Measure::kOrderShipHours), 2 * 10'000);
  EXPECT_EQ(ledger.sum(Measure::kOrderDeliveryDays), 10'000);
  EXPECT_EQ(ledger.sum(Measure::kOrderCycleHours), 26 * 10'000);
  EXPECT_EQ(ledger.count(Measure::kOrderOnTime), 1);
  EXPECT_EQ(ledger.sum(Measure::kOrderLate), 0);
}

TEST(OrderTrackerTest, past_its_promise_an_open_order_is_late_until_it_ends) {
  Ledger ledger;
  OrderTracker tracker(ledger);
  tracker.place(1, {.placed_at = 0, .promised_at = 10 * kHour, .amount = 1});
  EXPECT_EQ(ledger.sum(Measure::kOrderLate), 1);  // from the promise on, unless something ends it
  tracker.advance(1, {.step = kDelivered, .at = 12 * kHour});
  EXPECT_EQ(ledger.sum(Measure::kOrderLate), 0);
  EXPECT_EQ(ledger.count(Measure::kOrderLate), 2);
  EXPECT_EQ(ledger.count(Measure::kOrderOnTime), 0);
  EXPECT_EQ(ledger.count(Measure::kOrderPromised), 1);
}

TEST(OrderTrackerTest, paid_and_not_allocated_in_time_is_late_until_it_is_allocated) {
  Ledger ledger;
  OrderTracker tracker(ledger, {.allocated_within = 4 * kHour, .picked_within = 6 * kHour});
  tracker.place(1, {.placed_at = 0, .amount = 1});
  EXPECT_EQ(ledger.count(Measure::kOrderAllocationLate), 0);  // nothing is expected before payment
  tracker.advance(1, {.step = kPaid, .at = kHour});
  const auto late = [&](Measure measure, int64_t hour) {
    return ledger.level(measure, hour * kHour);
  };
  EXPECT_EQ(late(Measure::kOrderAllocationLate, 4), 0);
  EXPECT_EQ(late(Measure::kOrderAllocationLate, 5), 1);
  tracker.advance(1, {.step = kAllocated, .at = 8 * kHour});
  EXPECT_EQ(late(Measure::kOrderAllocationLate, 7), 1);
  EXPECT_EQ(late(Measure::kOrderAllocationLate, 8), 0);
  EXPECT_EQ(late(Measure::kOrderPickingLate, 13), 0);
  EXPECT_EQ(late(Measure::kOrderPickingLate, 14), 1);
  tracker.advance(1, {.step = kPacked, .at = 15 * kHour});  // nobody told of the picking
  EXPECT_EQ(late(Measure::kOrderPickingLate, 14), 1);
  EXPECT_EQ(late(Measure::kOrderPickingLate, 15), 0);
}

TEST(OrderTrackerTest, what_came_in_time_or_was_cancelled_is_never_late) {
  Ledger ledger;
  OrderTracker tracker(ledger, {.allocated_within = 4 * kHour, .picked_within = 6 * kHour});
  tracker.place(1, {.placed_at = 0, .amount = 1});
  tracker.advance(1, {.step = kPaid, .at = 0});
  tracker.advance(1, {.step = kAllocated, .at = 4 * kHour});
  tracker.advance(1, {.step = kPicked, .at = 10 * kHour});
  tracker.place(2, {.placed_at = 0, .amount = 1});
  tracker.advance(2, {.step = kPaid, .at = 0});
  tracker.advance(2, {.step = kCancelled, .at = 3 * kHour});
  EXPECT_EQ(ledger.count(Measure::kOrderAllocationLate), 0);
  EXPECT_EQ(ledger.count(Measure::kOrderPickingLate), 0);
}

TEST(OrderTrackerTest, a_promise_before_the_placing_makes_an_order_late_from_its_placing_on) {
  class Earliest : public SignalSink {
   public:
    void add(const Signal& signal, const Dimensions& /*dimensions*/) override {
      at = std::min(at, signal.time.micros);
    }
    void move(const Signal& /*signal*/, const Dimensions& /*from*/,
              const Dimensions& /*to*/) override {}
    int64_t at = std::numeric_limits<int64_t>::max();
  };
  Earliest sink;
  OrderTracker tracker(sink);
  tracker.place(1, {.placed_at = 100 * kHour, .promised_at = 0, .amount = 1});
  EXPECT_EQ(sink.at, 100 * kHour);
}

TEST(OrderTrackerTest, a_second_placing_corrects_and_is_not_counted_again) {
  Ledger ledger;
  OrderTracker tracker(ledger);
  tracker.place(1, {.placed_at = 0, .amount = 100, .channel = 1});
  EXPECT_FALSE(tracker.place(1, {.placed_at = 5, .amount = 70, .channel = 2}));
  EXPECT_EQ(ledger.count(Measure::kOrderPlaced), 1);
  EXPECT_EQ(ledger.sum(Measure::kOrderAmount), 70);
}

TEST(OrderTrackerTest, an_order_in_two_shipments_is_delivered_with_the_last) {
  Ledger ledger;
  OrderTracker tracker(ledger);
  tracker.place(1, {.placed_at = 0, .amount = 1});
  tracker.advance(1, {.step = kShipped, .at = 1 * kHour, .shipment = 11});
  tracker.advance(1, {.step = kShipped, .at = 2 * kHour, .shipment = 12});
  tracker.advance(1, {.step = kDelivered, .at = 20 * kHour, .shipment = 12});
  EXPECT_EQ(ledger.count(Measure::kOrderDelivered), 0);
  EXPECT_EQ(ledger.sum(Measure::kOrderOpen), 1);
  tracker.advance(1, {.step = kDelivered, .at = 25 * kHour, .shipment = 11});
  EXPECT_EQ(ledger.count(Measure::kOrderDelivered), 1);
  EXPECT_EQ(ledger.sum(Measure::kOrderDeliveryDays), 10'000);
}

TEST(OrderTrackerTest, parts_end_an_order_when_they_add_up_to_it) {
  Ledger ledger;
  OrderTracker tracker(ledger);
  tracker.place(1, {.placed_at = 0, .amount = 500, .units = 5});
  tracker.advance(1, {.step = kCancelled, .at = kHour, .units = 2});
  EXPECT_EQ(ledger.count(Measure::kOrderCancelled), 0);
  EXPECT_EQ(ledger.sum(Measure::kOrderOpen), 1);
  tracker.advance(1, {.step = kCancelled, .at = 2 * kHour, .units = 3});
  EXPECT_EQ(ledger.count(Measure::kOrderCancelled), 1);
  EXPECT_EQ(ledger.sum(Measure::kOrderCancelledAmount), 500);
  EXPECT_EQ(ledger.sum(Measure::kOrderOpen), 0);
  tracker.advance(2, {.step = kReturned, .at = kHour, .units = 1});  // known before its placing
  EXPECT_EQ(ledger.count(Measure::kOrderReturned), 0);
  tracker.place(2, {.placed_at = 0, .amount = 70, .units = 1});
  EXPECT_EQ(ledger.sum(Measure::kOrderReturnedAmount), 70);
}

TEST(OrderTrackerTest, what_was_cancelled_need_not_be_delivered) {
  Ledger ledger;
  OrderTracker tracker(ledger);
  tracker.place(1, {.placed_at = 0, .amount = 500, .units = 3});
  tracker.advance(1, {.step = kCancelled, .at = kHour, .units = 1});
  tracker.advance(1, {.step = kShipped, .at = 2 * kHour, .units = 1});
  EXPECT_EQ(order_status(*tracker.find(1)), "partial_shipped");
  tracker.advance(1, {.step = kShipped, .at = 3 * kHour, .units = 1});
  EXPECT_EQ(order_status(*tracker.find(1)), "shipped");
  tracker.advance(1, {.step = kDelivered, .at = 9 * kHour, .units = 1});
  EXPECT_EQ(order_status(*tracker.find(1)), "partial_delivered");
  EXPECT_EQ(ledger.count(Measure::kOrderDelivered), 0);
  tracker.advance(1, {.step = kDelivered, .at = 8 * kHour, .units = 1});
  EXPECT_EQ(order_status(*tracker.find(1)), "delivered");
  EXPECT_EQ(ledger.count(Measure::kOrderDelivered), 1);
  EXPECT_EQ(ledger.sum(Measure::kOrderOpen), 0);
  tracker.advance(1, {.step = kReturned, .at = 30 * kHour, .units = 2});
  EXPECT_EQ(order_status(*tracker.find(1)), "returned");
}

TEST(OrderTrackerTest, a_shipment_that_arrived_is_not_all_while_units_are_left) {
  Ledger ledger;
  OrderTracker tracker(ledger);
  tracker.place(1, {.placed_at = 0, .amount = 500, .units = 2});
  tracker.advance(1, {.step = kShipped, .at = kHour, .units = 1, .shipment = 7});
  tracker.advance(1, {.step = kDelivered, .at = 2 * kHour, .shipment = 7});
  EXPECT_EQ(ledger.count(Measure::kOrderDelivered), 0);
  tracker.advance(1, {.step = kShipped, .at = 3 * kHour, .units = 1, .shipment = 8});
  EXPECT_EQ(ledger.count(Measure::kOrderDelivered), 0);
  tracker.advance(1, {.step = kDelivered, .at = 4 * kHour, .shipment = 8});
  EXPECT_EQ(ledger.count(Measure::kOrderDelivered), 1);
  EXPECT_EQ(order_status(*tracker.find(1)), "delivered");
}

TEST(OrderTrackerTest, an_inferred_time_is_counted_but_not_measured) {
  Ledger ledger;
  OrderTracker tracker(ledger);
  tracker.place(1, {.placed_at = 0, .promised_at = 9 * kHour, .amount = 5});
  tracker.advance(1, {.step = kShipped, .at = 5 * kHour});
  tracker.advance(1, {.step = kDelivered, .at = 5 * kHour, .inferred = true});
  EXPECT_EQ(ledger.count(Measure::kOrderDelivered), 1);
  EXPECT_EQ(ledger.sum(Measure::kOrderOpen), 0);
  EXPECT_EQ(ledger.count(Measure::kOrderShipHours), 1);
  for (const Measure measure : {Measure::kOrderDeliveryDays, Measure::kOrderCycleHours,
                                Measure::kOrderPromised, Measure::kOrderOnTime}) {
    EXPECT_EQ(ledger.count(measure), 0);
  }
  tracker.advance(1, {.step = kDelivered, .at = 8 * kHour});
  EXPECT_EQ(ledger.count(Measure::kOrderDeliveryDays), 1);
  EXPECT_EQ(ledger.count(Measure::kOrderOnTime), 1);
}

TEST(OrderTrackerTest, a_delivery_dated_before_its_shipping_has_no_duration) {
  Ledger ledger;
  OrderTracker tracker(ledger);
  tracker.place(1, {.placed_at = 0, .amount = 1});
  tracker.advance(1, {.step = kShipped, .at = 5 * kHour});
  tracker.advance(1, {.step = kDelivered, .at = 4 * kHour});
  EXPECT_EQ(ledger.count(Measure::kOrderDelivered), 1);
  EXPECT_EQ(ledger.count(Measure::kOrderDeliveryDays), 0);
}

TEST(OrderTrackerTest, whatever_the_order_of_arrival_the_sums_are_the_same) {
  std::vector<int> steps = {0, 1, 2, 3, 4, 5};
  const auto play = [](const std::vector<int>& order, SignalSink& sink) {
    OrderTracker tracker(sink);
    for (const int step : order) {
      switch (step) {
        case 0:
          tracker.place(9, {.placed_at = 0, .promised_at = 5 * kHour, .amount = 10, .region = 4});
          break;
        case 1:
          tracker.advance(9, {.step = kAllocated, .at = kHour, .warehouse = 2});
          break;
        case 2:
          tracker.advance(9, {.step = kPicked, .at = 2 * kHour});
          break;
        case 3:
          tracker.advance(9, {.step = kShipped, .at = 3 * kHour, .carrier = 6});
          break;
        case 4:
          tracker.advance(9, {.step = kDelivered, .at = 9 * kHour});
          break;
        default:
          tracker.advance(9, {.step = kReturned, .at = 50 * kHour});
          break;
      }
    }
  };
  Ledger expected;
  play(steps, expected);
  while (std::next_permutation(steps.begin(), steps.end())) {
    Ledger got;
    play(steps, got);
    ASSERT_TRUE(got == expected);
  }
}

TEST(OrderTrackerTest, saved_orders_go_on_where_they_were) {
  Ledger ledger;
  base::Dictionary names;
  OrderTracker tracker(ledger);
  const uint32_t region = names.intern("SP");
  tracker.place(1, {.placed_at = 0, .amount = 7, .region = region});
  tracker.advance(1, {.step = kShipped, .at = kHour, .shipment = 5});
  std::string saved;
  base::ByteWriter writer(saved);
  tracker.save(writer, names);
  OrderTracker loaded(ledger);
  base::ByteReader reader(saved);
  loaded.load(reader, names);
  ASSERT_TRUE(reader.finish("orders"));
  loaded.advance(1, {.step = kDelivered, .at = 2 * kHour, .shipment = 5});
  EXPECT_EQ(ledger.count(Measure::kOrderDelivered), 1);
  EXPECT_EQ(ledger.sum(Measure::kOrderOpen), 0);
}

}  // namespace
}  // namespace purvey::flow
