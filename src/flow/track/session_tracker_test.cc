#include "flow/track/session_tracker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "flow/track/signal_ledger_fixture.h"

namespace purvey::flow {
namespace {

constexpr int64_t kMinute = 60'000'000;
constexpr int64_t kGap = 30 * kMinute;

class SessionTrackerTest : public testing::Test {
 protected:
  void see(double minute, const char* campaign = "") {
    observe({.at = at(minute), .campaign = names_.intern(campaign)});
  }
  void cart(double minute) { observe({.at = at(minute), .carted = true}); }
  void buy(double minute) { observe({.at = at(minute), .bought = true}); }
  void order(double minute) { observe({.at = at(minute), .bought = true, .is_order = true}); }
  void observe(const SessionPoint& point) { tracker_.observe(1, point); }
  static int64_t at(double minute) { return static_cast<int64_t>(minute * kMinute); }

  SignalLedger ledger_;
  base::Dictionary names_;
  SessionTracker tracker_{ledger_, names_, kGap};
};

TEST_F(SessionTrackerTest, a_session_counts_a_gap_after_its_last_thing) {
  see(0);
  see(20);
  see(50);  // exactly a gap later: the same session
  see(80.1);
  using Times = std::map<int64_t, int64_t>;
  EXPECT_EQ(ledger_.times(Measure::kSessionEnded), (Times{{at(80), 1}, {at(110.1), 1}}));
  EXPECT_EQ(ledger_.count(Measure::kSessionCarted), 0);
}

TEST_F(SessionTrackerTest, a_cart_without_buying_is_abandoned) {
  cart(0);
  EXPECT_EQ(ledger_.count(Measure::kSessionAbandoned), 1);
  see(20);
  EXPECT_EQ(ledger_.times(Measure::kSessionAbandoned), (std::map<int64_t, int64_t>{{at(50), 1}}));
  buy(40);
  EXPECT_EQ(ledger_.count(Measure::kSessionAbandoned), 0);
  EXPECT_EQ(ledger_.count(Measure::kSessionBought), 1);
  EXPECT_EQ(ledger_.count(Measure::kSessionCarted), 1);
}

TEST_F(SessionTrackerTest, a_late_event_bridges_two_sessions) {
  cart(0);
  buy(50);
  EXPECT_EQ(ledger_.count(Measure::kSessionEnded), 2);
  EXPECT_EQ(ledger_.count(Measure::kSessionAbandoned), 1);
  see(25);
  EXPECT_EQ(ledger_.count(Measure::kSessionEnded), 1);
  EXPECT_EQ(ledger_.count(Measure::kSessionAbandoned), 0);
}

TEST_F(SessionTrackerTest, orders_alone_are_no_session_but_make_one_a_success) {
  order(0);
  EXPECT_EQ(ledger_.count(Measure::kSessionEnded), 0);
  cart(10);
  EXPECT_EQ(ledger_.count(Measure::kSessionEnded), 1);
  EXPECT_EQ(ledger_.count(Measure::kSessionBought), 1);
  EXPECT_EQ(ledger_.count(Measure::kSessionAbandoned), 0);
}

TEST_F(SessionTrackerTest, the_campaign_is_the_one_named_first) {
  see(10, "mail");
  see(20, "search");
  see(0);
  const auto of = [&](const char* campaign) {
    return ledger_.count(Measure::kSessionEnded, Dimension::kCampaign, names_.intern(campaign));
  };
  EXPECT_EQ(of("mail"), 1);
  see(5, "search");
  EXPECT_EQ(of("search"), 1);
  EXPECT_EQ(of("mail"), 0);
}

TEST_F(SessionTrackerTest, the_oldest_of_many_sessions_is_forgotten_and_still_counts) {
  for (int i = 0; i < 200; ++i) see(i * 60);
  EXPECT_EQ(ledger_.count(Measure::kSessionEnded), 200);
  see(199 * 60 + 1);
  see(150 * 60 + 1);  // still known
  EXPECT_EQ(ledger_.count(Measure::kSessionEnded), 200);
  see(10 * 60 + 1);  // no longer
  EXPECT_EQ(ledger_.count(Measure::kSessionEnded), 201);
}

/// The naive twin: all things of a customer sorted, cut where the gap is exceeded.
void count_plainly(std::vector<SessionPoint> points, const base::Dictionary& names,
                   SignalLedger& ledger) {
  std::sort(points.begin(), points.end(), [&](const SessionPoint& a, const SessionPoint& b) {
    return std::pair(a.at, names.hash(a.campaign)) < std::pair(b.at, names.hash(b.campaign));
  });
  for (size_t begin = 0; begin < points.size();) {
    size_t end = begin + 1;
    while (end < points.size() && points[end].at - points[end - 1].at <= kGap) ++end;
    bool seen = false;
    bool carted = false;
    bool bought = false;
    Dimensions dimensions;
    for (size_t i = begin; i < end; ++i) {
      seen |= !points[i].is_order;
      carted |= points[i].carted;
      bought |= points[i].bought;
      uint32_t& campaign = dimensions[Dimension::kCampaign];
      if (campaign == 0) campaign = points[i].campaign;
    }
    const auto add = [&](Measure measure) {
      ledger.add({.measure = measure, .time = {points[end - 1].at + kGap}}, dimensions);
    };
    if (seen) add(Measure::kSessionEnded);
    if (seen && bought) add(Measure::kSessionBought);
    if (seen && carted) add(Measure::kSessionCarted);
    if (seen && carted && !bought) add(Measure::kSessionAbandoned);
    begin = end;
  }
}

TEST_F(SessionTrackerTest, in_any_order_of_arrival_the_sums_are_those_of_the_sorted_things) {
  std::mt19937_64 random(5);
  const uint32_t campaigns[] = {0, 0, names_.intern("mail"), names_.intern("search")};
  for (int round = 0; round < 300; ++round) {
    SignalLedger expected;
    SignalLedger got;
    SessionTracker tracker(got, names_, kGap);
    for (uint64_t customer = 1; customer <= 3; ++customer) {
      std::vector<SessionPoint> points;
      for (size_t i = 0; i < random() % 40; ++i) {
        const bool is_order = random() % 8 == 0;
        points.push_back({.at = static_cast<int64_t>(random() % 100) * 10 * kMinute,
                          .carted = !is_order && random() % 4 == 0,
                          .bought = is_order || random() % 10 == 0,
                          .is_order = is_order,
                          .campaign = is_order ? 0 : campaigns[random() % 4]});
      }
      for (const SessionPoint& point : points) tracker.observe(customer << 40, point);
      count_plainly(points, names_, expected);
    }
    ASSERT_TRUE(got == expected) << "round " << round;
  }
}

TEST_F(SessionTrackerTest, saved_sessions_go_on_where_they_were) {
  cart(0);
  see(100, "mail");
  std::string saved;
  base::ByteWriter writer(saved);
  tracker_.save(writer);
  SessionTracker loaded(ledger_, names_, kGap);
  base::ByteReader reader(saved);
  loaded.load(reader, names_);
  ASSERT_TRUE(reader.finish("sessions"));
  loaded.observe(1, {.at = at(20), .bought = true});
  EXPECT_EQ(ledger_.count(Measure::kSessionAbandoned), 0);
  EXPECT_EQ(ledger_.count(Measure::kSessionEnded), 2);
  std::string again;
  base::ByteWriter second(again);
  tracker_.save(second);
  EXPECT_EQ(again, saved);
}

}  // namespace
}  // namespace purvey::flow
