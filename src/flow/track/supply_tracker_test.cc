#include "flow/track/supply_tracker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "flow/track/signal_ledger_fixture.h"

namespace purvey::flow {
namespace {

constexpr int64_t kDay = 86'400'000'000;
using enum SupplyProgress::Step;

class SupplyTrackerTest : public testing::Test {
 protected:
  void step(SupplyProgress::Step step, int64_t day, int64_t units, int64_t expected_day = -1) {
    tracker_.advance(1, {.step = step,
                         .at = day * kDay,
                         .units = units,
                         .expected_at = expected_day < 0 ? kUnknown : expected_day * kDay,
                         .supplier = supplier_,
                         .sku = place_.sku,
                         .warehouse = place_.warehouse});
  }
  int64_t late(int64_t day) const { return ledger_.level(Measure::kSupplyLate, day * kDay); }
  int64_t in_transit() const { return shares_.at(place_).in_transit; }

  SignalLedger ledger_;
  StockShares shares_;
  base::Dictionary names_;
  uint32_t supplier_ = names_.intern("acme");
  const StockPlace place_{names_.intern("sku-1"), names_.intern("north")};
  SupplyTracker tracker_{ledger_, shares_, names_};
};

TEST_F(SupplyTrackerTest, a_purchase_is_overdue_from_its_expectation_until_all_has_come) {
  step(kOrdered, 0, 100, 10);
  EXPECT_EQ(late(9), 0);
  EXPECT_EQ(late(10), 1);
  step(kReceived, 9, 60);
  EXPECT_EQ(late(10), 1);
  step(kReceived, 12, 40);
  EXPECT_EQ(late(11), 1);
  EXPECT_EQ(late(12), 0);
  EXPECT_EQ(ledger_.sum(Measure::kSupplyLeadDays), 12 * 10'000);
  EXPECT_EQ(ledger_.count(Measure::kSupplyDue), 1);
  EXPECT_EQ(ledger_.count(Measure::kSupplyOnTime), 0);
}

TEST_F(SupplyTrackerTest, what_was_cancelled_is_not_waited_for) {
  step(kOrdered, 0, 100, 10);
  step(kReceived, 8, 60);
  step(kCancelled, 9, 40);
  EXPECT_EQ(ledger_.count(Measure::kSupplyLate), 0);
  EXPECT_EQ(ledger_.count(Measure::kSupplyOnTime), 1);
}

TEST_F(SupplyTrackerTest, the_first_expectation_by_event_time_counts_whenever_it_arrives) {
  step(kOther, 3, 100, 20);  // confirmed for later
  EXPECT_EQ(late(10), 0);
  step(kOrdered, 0, 100, 10);  // arrives behind it
  EXPECT_EQ(late(10), 1);
}

TEST_F(SupplyTrackerTest, in_transit_is_what_was_sent_of_what_is_still_on_order) {
  step(kOrdered, 0, 100);
  EXPECT_EQ(in_transit(), 0);
  step(kShipped, 1, 80);
  EXPECT_EQ(in_transit(), 80);
  step(kReceived, 2, 30);
  EXPECT_EQ(in_transit(), 50);
  step(kCancelled, 3, 40);  // 60 are left on order
  EXPECT_EQ(in_transit(), 30);
  step(kReceived, 4, 70);
  EXPECT_EQ(in_transit(), 0);
}

TEST_F(SupplyTrackerTest, in_any_order_of_arrival_the_sums_are_the_same) {
  struct Event {
    uint64_t purchase;
    SupplyProgress progress;
  };
  std::mt19937_64 random(9);
  const uint32_t suppliers[] = {supplier_, names_.intern("bolt")};
  for (int round = 0; round < 200; ++round) {
    std::vector<Event> events;
    for (int i = 0; i < 25; ++i) {
      const uint64_t purchase = random() % 4;
      events.push_back(
          {purchase << 40,
           {.step = static_cast<SupplyProgress::Step>(random() % 5),
            .at = static_cast<int64_t>(random() % 20) * kDay,
            .units = static_cast<int64_t>(random() % 50),
            .expected_at =
                random() % 2 == 0 ? kUnknown : static_cast<int64_t>(random() % 20) * kDay,
            .supplier = suppliers[random() % 2],
            .sku = 3,
            .warehouse = static_cast<uint32_t>(purchase)}});
    }
    const auto play = [&](SignalLedger& ledger, StockShares& shares) {
      SupplyTracker tracker(ledger, shares, names_);
      for (const Event& event : events) tracker.advance(event.purchase, event.progress);
    };
    SignalLedger expected;
    StockShares expected_shares;
    play(expected, expected_shares);
    std::shuffle(events.begin(), events.end(), random);
    SignalLedger got;
    StockShares shares;
    play(got, shares);
    ASSERT_TRUE(got == expected) << "round " << round;
    for (uint32_t warehouse = 0; warehouse < 4; ++warehouse) {
      ASSERT_EQ(shares.at({3, warehouse}).in_transit,
                expected_shares.at({3, warehouse}).in_transit);
    }
  }
}

TEST_F(SupplyTrackerTest, saved_purchases_go_on_where_they_were) {
  step(kOrdered, 0, 100, 10);
  step(kShipped, 1, 100);
  std::string saved;
  base::ByteWriter writer(saved);
  tracker_.save(writer);
  StockShares shares;
  SignalLedger ledger;
  SupplyTracker loaded(ledger, shares, names_);
  base::ByteReader reader(saved);
  loaded.load(reader, names_);
  ASSERT_TRUE(reader.finish("purchases"));
  EXPECT_EQ(shares.at(place_).in_transit, 100);
  loaded.advance(1, {.step = kReceived,
                     .at = 9 * kDay,
                     .units = 100,
                     .supplier = supplier_,
                     .sku = place_.sku,
                     .warehouse = place_.warehouse});
  EXPECT_EQ(shares.at(place_).in_transit, 0);
  EXPECT_EQ(ledger.count(Measure::kSupplyOnTime), 1);
  EXPECT_EQ(ledger.sum(Measure::kSupplyLate), -1);  // the +1 stands where it was put before saving
}

}  // namespace
}  // namespace purvey::flow
