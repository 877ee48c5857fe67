#include "flow/track/shipment_tracker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "flow/track/signal_ledger_fixture.h"

namespace purvey::flow {
namespace {

constexpr int64_t kHour = 3'600'000'000;
constexpr ShipmentExpectations kExpect{.heard_within = 6 * kHour, .ended_within = 48 * kHour};

class ShipmentTrackerTest : public testing::Test {
 protected:
  int64_t level(Measure measure, int64_t hour) const {
    return ledger_.level(measure, hour * kHour);
  }

  SignalLedger ledger_;
  base::Dictionary names_;
  ShipmentTracker tracker_{ledger_, kExpect};
};

TEST_F(ShipmentTrackerTest, silence_counts_from_the_last_news_until_the_next) {
  tracker_.hear(1, {.at = 0, .carrier = 4});
  EXPECT_EQ(level(Measure::kShipmentSilent, 5), 0);
  EXPECT_EQ(level(Measure::kShipmentSilent, 6), 1);
  tracker_.hear(1, {.at = 5 * kHour});
  EXPECT_EQ(level(Measure::kShipmentSilent, 10), 0);
  EXPECT_EQ(level(Measure::kShipmentSilent, 11), 1);
  tracker_.hear(1, {.at = 9 * kHour, .ended = true});
  EXPECT_EQ(ledger_.count(Measure::kShipmentSilent), 0);
  EXPECT_EQ(level(Measure::kShipmentOpen, 8), 1);
  EXPECT_EQ(level(Measure::kShipmentOpen, 9), 0);
}

TEST_F(ShipmentTrackerTest, one_that_is_under_way_for_too_long_is_late_until_it_ends) {
  tracker_.hear(1, {.at = 0});
  tracker_.hear(1, {.at = 50 * kHour, .ended = true});
  EXPECT_EQ(level(Measure::kShipmentLate, 47), 0);
  EXPECT_EQ(level(Measure::kShipmentLate, 48), 1);
  EXPECT_EQ(level(Measure::kShipmentLate, 50), 0);
}

TEST_F(ShipmentTrackerTest, of_each_thing_the_latest_is_known) {
  const uint32_t here = names_.intern("hub-1");
  const uint32_t there = names_.intern("hub-2");
  tracker_.hear(1, {.at = 2 * kHour, .hub = there, .lat = 1, .lon = 2});
  tracker_.hear(1, {.at = kHour, .carrier = 5, .hub = here, .lat = 3, .lon = 4});
  tracker_.hear(1, {.at = 3 * kHour, .status = 9});
  const auto known = tracker_.find(1);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->hub, there);
  EXPECT_EQ(known->carrier, 5);
  EXPECT_EQ(known->status, 9);
  EXPECT_EQ(known->lat, 1);
  EXPECT_EQ(known->last_at, 3 * kHour);
  EXPECT_FALSE(tracker_.find(2));
}

TEST_F(ShipmentTrackerTest, in_any_order_of_arrival_the_sums_are_the_same) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::pair<uint64_t, ShipmentNews>> all;
    for (int i = 0; i < 30; ++i) {
      // No two of one instant: there the later call holds.
      all.push_back({random() % 4 << 40,
                     {.at = i * kHour,
                      .ended = random() % 6 == 0,
                      .carrier = static_cast<uint32_t>(random() % 3),
                      .hub = static_cast<uint32_t>(random() % 3)}});
    }
    const auto play = [&](SignalLedger& ledger) {
      ShipmentTracker tracker(ledger, kExpect);
      for (const auto& [shipment, news] : all) tracker.hear(shipment, news);
    };
    SignalLedger expected;
    play(expected);
    std::shuffle(all.begin(), all.end(), random);
    SignalLedger got;
    play(got);
    ASSERT_TRUE(got == expected) << "round " << round;
  }
}

TEST_F(ShipmentTrackerTest, saved_shipments_go_on_where_they_were) {
  const uint32_t hub = names_.intern("hub-1");
  tracker_.hear(1, {.at = 0, .hub = hub, .lat = 1.5, .lon = -2});
  std::string saved;
  base::ByteWriter writer(saved);
  tracker_.save(writer, names_);
  ShipmentTracker loaded(ledger_, kExpect);
  base::ByteReader reader(saved);
  loaded.load(reader, names_);
  ASSERT_TRUE(reader.finish("shipments"));
  loaded.hear(1, {.at = kHour, .ended = true});
  EXPECT_EQ(ledger_.count(Measure::kShipmentSilent), 0);
  EXPECT_EQ(level(Measure::kShipmentOpen, 1), 0);
  EXPECT_EQ(loaded.find(1)->hub, hub);
  EXPECT_EQ(loaded.find(1)->lat, 1.5);
}

}  // namespace
}  // namespace purvey::flow
