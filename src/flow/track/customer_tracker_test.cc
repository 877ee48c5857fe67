#include "flow/track/customer_tracker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "flow/track/signal_ledger_fixture.h"

namespace purvey::flow {
namespace {

TEST(CustomerTrackerTest, every_order_but_the_earliest_is_one_of_a_customer_who_came_again) {
  SignalLedger ledger;
  CustomerTracker tracker(ledger);
  tracker.place(1, {.order = 10, .placed_at = 100});
  EXPECT_EQ(ledger.count(Measure::kCustomerOrderedAgain), 0);
  tracker.place(1, {.order = 11, .placed_at = 200});
  tracker.place(2, {.order = 12, .placed_at = 300});
  EXPECT_EQ(ledger.times(Measure::kCustomerOrderedAgain), (std::map<int64_t, int64_t>{{200, 1}}));
  tracker.place(1, {.order = 13, .placed_at = 50});  // arrives late
  EXPECT_EQ(ledger.times(Measure::kCustomerOrderedAgain),
            (std::map<int64_t, int64_t>{{100, 1}, {200, 1}}));
  EXPECT_EQ(ledger.count(Measure::kCustomerOrdered), 4);
}

TEST(CustomerTrackerTest, in_any_order_of_arrival_the_sums_are_those_of_the_sorted_orders) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::pair<uint64_t, CustomerOrder>> orders;
    for (uint64_t i = 0; i < 60; ++i) {
      orders.push_back({random() % 12 << 50,
                        {.order = random() % 1'000 * 100 + i,
                         .placed_at = static_cast<int64_t>(random() % 40),
                         .channel = static_cast<uint32_t>(random() % 3)}});
    }
    SignalLedger got;
    CustomerTracker tracker(got);
    for (const auto& [customer, order] : orders) tracker.place(customer, order);

    std::sort(orders.begin(), orders.end(), [](const auto& a, const auto& b) {
      return std::pair(a.second.placed_at, a.second.order) <
             std::pair(b.second.placed_at, b.second.order);
    });
    SignalLedger expected;
    std::set<uint64_t> known;
    for (const auto& [customer, order] : orders) {
      Dimensions dimensions;
      dimensions[Dimension::kChannel] = order.channel;
      const base::EventTime at{order.placed_at};
      expected.add({Measure::kCustomerOrdered, at}, dimensions);
      expected.add({Measure::kOrderCustomer, at, static_cast<int64_t>(customer)}, dimensions);
      if (!known.insert(customer).second) {
        expected.add({Measure::kCustomerOrderedAgain, at}, dimensions);
      }
    }
    ASSERT_TRUE(got == expected) << "round " << round;
  }
}

TEST(CustomerTrackerTest, saved_customers_go_on_where_they_were) {
  SignalLedger ledger;
  base::Dictionary names;
  CustomerTracker tracker(ledger);
  tracker.place(1, {.order = 5, .placed_at = 10, .region = names.intern("coast")});
  std::string saved;
  base::ByteWriter writer(saved);
  tracker.save(writer, names);
  CustomerTracker loaded(ledger);
  base::ByteReader reader(saved);
  loaded.load(reader, names);
  ASSERT_TRUE(reader.finish("customers"));
  loaded.place(1, {.order = 6, .placed_at = 5});
  EXPECT_EQ(ledger.count(Measure::kCustomerOrderedAgain, Dimension::kRegion, names.intern("coast")),
            1);
}

}  // namespace
}  // namespace purvey::flow
