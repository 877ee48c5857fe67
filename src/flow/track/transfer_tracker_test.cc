#include "flow/track/transfer_tracker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "flow/track/signal_ledger_fixture.h"

namespace purvey::flow {
namespace {

constexpr int64_t kHour = 3'600'000'000;

class TransferTrackerTest : public testing::Test {
 protected:
  void sent(int64_t hour, int64_t units, int64_t expected_hour = -1) {
    step(false, hour, units, expected_hour);
  }
  void received(int64_t hour, int64_t units) { step(true, hour, units, -1); }
  void step(bool is_receipt, int64_t hour, int64_t units, int64_t expected_hour) {
    tracker_.advance(1, {.received = is_receipt,
                         .at = hour * kHour,
                         .units = units,
                         .expected_at = expected_hour < 0 ? kUnknown : expected_hour * kHour,
                         .sku = place_.sku,
                         .to = place_.warehouse});
  }
  int64_t level(Measure measure, int64_t hour) const {
    return ledger_.level(measure, hour * kHour);
  }

  SignalLedger ledger_;
  StockShares shares_;
  base::Dictionary names_;
  const StockPlace place_{names_.intern("sku-1"), names_.intern("south")};
  TransferTracker tracker_{ledger_, shares_};
};

TEST_F(TransferTrackerTest, a_transfer_is_open_until_all_that_was_sent_has_come) {
  sent(1, 10, 24);
  EXPECT_EQ(shares_.at(place_).in_transit, 10);
  received(20, 4);
  EXPECT_EQ(shares_.at(place_).in_transit, 6);
  EXPECT_EQ(level(Measure::kTransferOpen, 20), 1);
  EXPECT_EQ(level(Measure::kTransferLate, 24), 1);
  received(25, 6);
  EXPECT_EQ(shares_.at(place_).in_transit, 0);
  EXPECT_EQ(level(Measure::kTransferOpen, 24), 1);
  EXPECT_EQ(level(Measure::kTransferOpen, 25), 0);
  EXPECT_EQ(level(Measure::kTransferLate, 25), 0);
  EXPECT_EQ(ledger_.sum(Measure::kTransferLeadHours), 24 * 10'000);
  EXPECT_EQ(ledger_.count(Measure::kTransferDue), 1);
  EXPECT_EQ(ledger_.count(Measure::kTransferOnTime), 0);
  EXPECT_EQ(ledger_.count(Measure::kTransferDue, Dimension::kWarehouse, place_.warehouse), 1);
}

TEST_F(TransferTrackerTest, one_that_comes_in_time_was_never_late) {
  sent(1, 10, 24);
  received(24, 10);
  EXPECT_EQ(ledger_.count(Measure::kTransferLate), 0);
  EXPECT_EQ(ledger_.count(Measure::kTransferOnTime), 1);
}

TEST_F(TransferTrackerTest, in_any_order_of_arrival_the_sums_are_the_same) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::pair<uint64_t, TransferProgress>> events;
    for (int i = 0; i < 20; ++i) {
      const uint64_t transfer = random() % 3;
      events.push_back(
          {transfer << 40,
           {.received = random() % 2 == 0,
            .at = static_cast<int64_t>(random() % 50) * kHour,
            .units = static_cast<int64_t>(random() % 20),
            .expected_at =
                random() % 2 == 0 ? kUnknown : static_cast<int64_t>(random() % 50) * kHour,
            .sku = 1,
            .to = static_cast<uint32_t>(transfer)}});
    }
    const auto play = [&](SignalLedger& ledger, StockShares& shares) {
      TransferTracker tracker(ledger, shares);
      for (const auto& [transfer, progress] : events) tracker.advance(transfer, progress);
    };
    SignalLedger expected;
    StockShares expected_shares;
    play(expected, expected_shares);
    std::shuffle(events.begin(), events.end(), random);
    SignalLedger got;
    StockShares shares;
    play(got, shares);
    ASSERT_TRUE(got == expected) << "round " << round;
    for (uint32_t to = 0; to < 3; ++to) {
      ASSERT_EQ(shares.at({1, to}).in_transit, expected_shares.at({1, to}).in_transit);
    }
  }
}

TEST_F(TransferTrackerTest, saved_transfers_go_on_where_they_were) {
  sent(1, 10, 24);
  std::string saved;
  base::ByteWriter writer(saved);
  tracker_.save(writer, names_);
  StockShares shares;
  TransferTracker loaded(ledger_, shares);
  base::ByteReader reader(saved);
  loaded.load(reader, names_);
  ASSERT_TRUE(reader.finish("transfers"));
  EXPECT_EQ(shares.at(place_).in_transit, 10);
  loaded.advance(
      1,
      {.received = true, .at = 2 * kHour, .units = 10, .sku = place_.sku, .to = place_.warehouse});
  EXPECT_EQ(shares.at(place_).in_transit, 0);
  EXPECT_EQ(level(Measure::kTransferOpen, 2), 0);
}

}  // namespace
}  // namespace purvey::flow
