#include "flow/metric/kpi_board.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <tuple>

namespace purvey::flow {
namespace {

constexpr const char* kPack = R"toml(name = "test"
[[kpi]]
name = "placed"
formula = "count(order.placed)"
dimensions = ["channel"]
[[kpi]]
name = "gmv"
formula = "sum(order.amount)"
[[kpi]]
name = "open"
formula = "level(order.open)"
[[kpi]]
name = "p50"
formula = "p50(payment.latency_ms)"
[[kpi]]
name = "cover"
formula = "level(stock.units) / per_day(line.units, 2)"
)toml";

struct Published {
  double value;
  int64_t n;
  int64_t revision;
  bool final;
};

class KpiBoardTest : public testing::Test {
 protected:
  /// (KPI, dimensions, seconds, window start in seconds) -> the latest row.
  using Latest = std::map<std::tuple<std::string, std::string, int64_t, int64_t>, Published>;

  static base::EventTime at(double seconds) { return {static_cast<int64_t>(seconds * 1e6)}; }

  void signal(Measure measure, double seconds, int64_t value = 1, const char* channel = "",
              int64_t weight = 1) {
    Dimensions dimensions;
    dimensions[Dimension::kChannel] = names_.intern(channel);
    board_.add({.measure = measure, .time = at(seconds), .value = value, .weight = weight},
               dimensions);
  }
  void advance(double seconds) { board_.advance(at(seconds), rows_); }

  Latest latest() const {
    Latest latest;
    for (const KpiRow& row : rows_) {
      Published& place = latest[{pack_.kpis[row.kpi].name, board_.dimensions_text(row.group),
                                 row.window_seconds, row.window_start.micros / 1'000'000}];
      EXPECT_TRUE(place.revision < row.revision || place.revision == 0);
      place = {row.value, row.n, row.revision, row.final};
    }
    return latest;
  }
  double value(const std::string& kpi, int64_t seconds, int64_t start,
               const std::string& dimensions = "{}") const {
    const auto all = latest();
    const auto found = all.find({kpi, dimensions, seconds, start});
    return found == all.end() ? -1 : found->second.value;
  }

  base::Dictionary names_;
  Pack pack_ = *read_pack(*base::parse_toml(kPack, "test.toml"));
  KpiBoard board_{pack_, names_, {}};
  std::vector<KpiRow> rows_;
};

TEST_F(KpiBoardTest, a_window_is_published_once_the_watermark_passes_its_end) {
  signal(Measure::kOrderPlaced, 10, 1, "app");
  signal(Measure::kOrderPlaced, 50, 1, "web");
  advance(59.9);
  EXPECT_TRUE(rows_.empty());
  advance(60);
  EXPECT_EQ(value("placed", 60, 0), 2);
  EXPECT_EQ(value("placed", 60, 0, R"({"channel":"app"})"), 1);
  EXPECT_EQ(value("placed", 600, 0), -1);
  advance(600);
  EXPECT_EQ(value("placed", 600, 0), 2);
  EXPECT_TRUE(latest().at({"placed", "{}", 60, 0}).final);
}

TEST_F(KpiBoardTest, longer_windows_merge_the_minutes) {
  for (int minute = 0; minute < 60; ++minute) signal(Measure::kOrderAmount, minute * 60 + 1, 250);
  advance(3600);
  EXPECT_EQ(value("gmv", 60, 3540), 2.5);
  EXPECT_EQ(value("gmv", 600, 3000), 25);
  EXPECT_EQ(value("gmv", 3600, 0), 150);
}

TEST_F(KpiBoardTest, a_late_signal_revises_every_window_that_it_belongs_to) {
  signal(Measure::kOrderPlaced, 10);
  advance(3600);
  signal(Measure::kOrderPlaced, 20);
  board_.revise(rows_);
  const auto all = latest();
  for (const int64_t seconds : {60, 600, 3600}) {
    const auto& row = all.at({"placed", "{}", seconds, 0});
    EXPECT_EQ(row.value, 2) << seconds;
    EXPECT_EQ(row.revision, 1) << seconds;
  }
  advance(86400);
  EXPECT_EQ(value("placed", 86400, 0), 2);
}

TEST_F(KpiBoardTest, what_is_taken_back_leaves_the_rest) {
  signal(Measure::kOrderPlaced, 10);
  signal(Measure::kOrderPlaced, 11);
  signal(Measure::kOrderPlaced, 11, 1, "", -1);
  advance(60);
  EXPECT_EQ(value("placed", 60, 0), 1);
}

TEST_F(KpiBoardTest, what_moves_between_groups_changes_no_group_that_both_name) {
  Dimensions app;
  app[Dimension::kChannel] = names_.intern("app");
  Dimensions web;
  web[Dimension::kChannel] = names_.intern("web");
  const Signal placed{.measure = Measure::kOrderPlaced, .time = at(10)};
  board_.add(placed, app);
  advance(3600);
  rows_.clear();
  board_.move(placed, app, web);
  board_.revise(rows_);
  EXPECT_EQ(value("placed", 60, 0, R"({"channel":"web"})"), 1);
  EXPECT_EQ(value("placed", 60, 0, R"({"channel":"app"})"), 0);
  EXPECT_EQ(value("placed", 60, 0), -1);  // the total is not told again
}

TEST_F(KpiBoardTest, a_level_stands_and_is_written_each_hour_and_day) {
  signal(Measure::kOrderOpen, 10, +3);
  signal(Measure::kOrderOpen, 7300, -1);
  advance(4 * 3600);
  EXPECT_EQ(value("open", 60, 0), 3);
  EXPECT_EQ(value("open", 60, 60), -1);
  EXPECT_EQ(value("open", 3600, 0), 3);
  EXPECT_EQ(value("open", 3600, 3600), 3);
  EXPECT_EQ(value("open", 3600, 7200), 2);
  EXPECT_EQ(value("open", 3600, 10800), 2);
  advance(86400);
  EXPECT_EQ(value("open", 86400, 0), 2);
}

TEST_F(KpiBoardTest, a_late_change_of_a_level_revises_all_that_follow) {
  signal(Measure::kOrderOpen, 10, +3);
  signal(Measure::kOrderOpen, 7300, +1);
  advance(3 * 3600);
  signal(Measure::kOrderOpen, 3700, -2);
  board_.revise(rows_);
  EXPECT_EQ(value("open", 3600, 0), 3);
  EXPECT_EQ(value("open", 60, 3660), 1);
  EXPECT_EQ(value("open", 3600, 3600), 1);
  EXPECT_EQ(value("open", 3600, 7200), 2);
  EXPECT_EQ(value("open", 60, 7260), 2);
}

TEST_F(KpiBoardTest, what_was_never_observed_has_no_level) {
  signal(Measure::kLineUnits, 10, 5);
  advance(3600);
  EXPECT_EQ(value("cover", 3600, 0), -1);
}

TEST_F(KpiBoardTest, cover_is_stock_over_mean_demand_of_the_days_asked_for) {
  signal(Measure::kStockUnits, 1, 100);
  signal(Measure::kLineUnits, 10, 30);              // day 0
  signal(Measure::kLineUnits, 86400 + 10, 10);      // day 1
  signal(Measure::kLineUnits, 2 * 86400 + 10, 40);  // day 2
  advance(3 * 86400);
  EXPECT_EQ(value("cover", 86400, 0), 100.0 / 30);  // one day seen
  EXPECT_EQ(value("cover", 86400, 86400), 100.0 / ((30 + 10) / 2.0));
  EXPECT_EQ(value("cover", 86400, 2 * 86400), 100.0 / ((10 + 40) / 2.0));
}

TEST_F(KpiBoardTest, open_windows_are_published_without_being_closed) {
  signal(Measure::kOrderPlaced, 10);
  signal(Measure::kOrderOpen, 10, +1);
  signal(Measure::kOrderPlaced, 70);
  signal(Measure::kOrderOpen, 7200, -1);  // to come
  advance(65);
  board_.publish_open(at(75), rows_);
  EXPECT_EQ(value("placed", 60, 60), 1);
  EXPECT_EQ(value("placed", 600, 0), 2);
  EXPECT_EQ(value("open", 3600, 0), 1);
  EXPECT_FALSE(latest().at({"placed", "{}", 600, 0}).final);
  advance(600);
  const auto row = latest().at({"placed", "{}", 600, 0});
  EXPECT_TRUE(row.final);
  EXPECT_EQ(row.revision, 1);
}

TEST_F(KpiBoardTest, what_is_open_can_be_looked_at_without_a_revision) {
  signal(Measure::kOrderPlaced, 10);
  signal(Measure::kOrderPlaced, 70);
  advance(65);
  const std::vector<KpiRow> closed = rows_;
  rows_.clear();
  board_.show_open(at(75), rows_);
  const std::vector<KpiRow> shown = std::exchange(rows_, closed);
  EXPECT_TRUE(
      std::none_of(shown.begin(), shown.end(), [](const KpiRow& row) { return row.final; }));
  board_.publish_open(at(75), rows_);
  ASSERT_EQ(rows_.size(), closed.size() + shown.size());
  for (size_t i = 0; i < shown.size(); ++i) {
    EXPECT_EQ(rows_[closed.size() + i].value, shown[i].value);
    EXPECT_EQ(rows_[closed.size() + i].revision, 0);
  }
}

TEST_F(KpiBoardTest, where_no_time_moves_the_present_windows_alone_are_looked_at) {
  for (int minute = 0; minute < 300; ++minute) signal(Measure::kOrderPlaced, minute * 60);
  board_.show_open(at(299 * 60), rows_);
  std::map<int64_t, std::vector<int64_t>> starts;
  for (const KpiRow& row : rows_) {
    auto& of_size = starts[row.window_seconds];
    const int64_t start = row.window_start.micros / 1'000'000;
    if (of_size.empty() || of_size.back() != start) of_size.push_back(start);
  }
  EXPECT_EQ(starts[60], (std::vector<int64_t>{298 * 60, 299 * 60}));
  EXPECT_EQ(starts[600], (std::vector<int64_t>{28 * 600, 29 * 600}));
  EXPECT_EQ(starts[3600], (std::vector<int64_t>{3 * 3600, 4 * 3600}));
  EXPECT_EQ(starts[86400], (std::vector<int64_t>{0}));
}

TEST_F(KpiBoardTest, nothing_is_open_where_time_went_on_without_events) {
  signal(Measure::kOrderOpen, 10);
  signal(Measure::kOrderLate, 7200);  // a promise to come
  advance(3600);
  rows_.clear();
  board_.publish_open(at(10), rows_);
  EXPECT_TRUE(std::none_of(rows_.begin(), rows_.end(),
                           [](const KpiRow& row) { return row.window_seconds == 60; }));
}

TEST_F(KpiBoardTest, quantiles_merge_over_windows) {
  for (int i = 1; i <= 99; ++i) signal(Measure::kPaymentLatencyMs, i * 30, i * 10'000);
  advance(3600);
  EXPECT_NEAR(value("p50", 3600, 0), 50, 0.5);
}

TEST_F(KpiBoardTest, an_idle_century_is_not_a_century_of_rows) {
  signal(Measure::kOrderOpen, -3e9, +1);
  signal(Measure::kOrderOpen, 0, +1);
  advance(3600);
  EXPECT_LT(rows_.size(), 31U * 24 + 400 + 50);
  EXPECT_EQ(value("open", 3600, 0), 2);
}

TEST_F(KpiBoardTest, days_are_those_of_the_site) {
  KpiBoard shanghai(pack_, names_, *base::SiteZone::find("Asia/Shanghai"));
  shanghai.add({.measure = Measure::kOrderPlaced, .time = at(10 * 3600)}, {});
  shanghai.advance(at(16 * 3600), rows_);  // 00:00 of 2 January there
  const auto day = std::find_if(rows_.begin(), rows_.end(),
                                [](const KpiRow& row) { return row.window_seconds == 86400; });
  ASSERT_NE(day, rows_.end());
  EXPECT_EQ(day->window_start, at(-8 * 3600));
}

/// The naive twin: every signal kept, every window summed anew.
TEST_F(KpiBoardTest, any_order_of_signals_ends_in_the_same_rows_as_a_plain_sum) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 20; ++round) {
    struct Seen {
      Measure measure;
      int64_t second;
      int64_t value;
    };
    std::vector<Seen> seen;
    KpiBoard board(pack_, names_, {});
    std::vector<KpiRow> rows;
    for (int i = 0; i < 200; ++i) {
      const Seen one{random() % 2 == 0 ? Measure::kOrderAmount : Measure::kOrderOpen,
                     static_cast<int64_t>(random() % 20'000),
                     static_cast<int64_t>(random() % 9) - 4};
      seen.push_back(one);
      if (i % 3 != 0) board.focus(at(static_cast<double>(one.second)));
      board.add(
          {.measure = one.measure, .time = at(static_cast<double>(one.second)), .value = one.value},
          {});
      if (i % 17 == 0) board.advance(at(static_cast<double>(random() % 20'000)), rows);
      if (i % 31 == 0) board.revise(rows);
    }
    board.advance(at(86400), rows);
    board.revise(rows);
    std::map<std::tuple<uint32_t, int64_t, int64_t>, double> latest;
    for (const KpiRow& row : rows) {
      latest[{row.kpi, row.window_seconds, row.window_start.micros / 1'000'000}] = row.value;
    }
    for (const auto& [key, value] : latest) {
      const auto& [kpi, seconds, start] = key;
      const bool is_level = pack_.kpis[kpi].name == "open";
      int64_t expected = 0;
      for (const Seen& one : seen) {
        const bool mine = (one.measure == Measure::kOrderOpen) == is_level;
        if (mine && one.second < start + seconds && (is_level || one.second >= start)) {
          expected += one.value;
        }
      }
      ASSERT_DOUBLE_EQ(value, static_cast<double>(expected) / (is_level ? 1 : 100))
          << "round " << round << " kpi " << pack_.kpis[kpi].name << " " << seconds << "s at "
          << start;
    }
    for (const Seen& one : seen) {
      const uint32_t kpi = one.measure == Measure::kOrderOpen ? 2 : 1;
      EXPECT_TRUE(latest.contains({kpi, 60, one.second / 60 * 60}));
    }
  }
}

TEST_F(KpiBoardTest, a_saved_board_goes_on_as_if_nothing_happened) {
  const auto first_half = [&](KpiBoard& board, std::vector<KpiRow>& rows) {
    for (int i = 0; i < 300; ++i) {
      board.add({.measure = Measure::kOrderOpen, .time = at(i * 37.0)}, {});
      board.add({.measure = Measure::kPaymentLatencyMs, .time = at(i * 37.0), .value = i * 7}, {});
    }
    board.advance(at(9000), rows);
    board.revise(rows);
  };
  const auto second_half = [&](KpiBoard& board, std::vector<KpiRow>& rows) {
    for (int i = 0; i < 300; ++i) {
      board.add({.measure = Measure::kOrderOpen, .time = at(5000 + i * 50.0), .value = -1}, {});
    }
    board.advance(at(40000), rows);
    board.revise(rows);
  };
  first_half(board_, rows_);
  std::string saved;
  base::ByteWriter writer(saved);
  board_.save(writer);
  base::Dictionary other_names;
  KpiBoard loaded(pack_, other_names, {});
  base::ByteReader reader(saved);
  ASSERT_TRUE(loaded.load(reader, other_names));
  ASSERT_TRUE(reader.finish("board"));

  std::vector<KpiRow> expected;
  std::vector<KpiRow> got;
  second_half(board_, expected);
  second_half(loaded, got);
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].value, expected[i].value);
    EXPECT_EQ(got[i].window_start, expected[i].window_start);
    EXPECT_EQ(got[i].revision, expected[i].revision);
  }
  std::string damaged = saved.substr(0, saved.size() / 2);
  KpiBoard broken(pack_, other_names, {});
  base::ByteReader cut(damaged);
  EXPECT_FALSE(broken.load(cut, other_names));
}

TEST_F(KpiBoardTest, lateness_ends_the_revision_of_a_window_not_of_longer_ones) {
  board_.set_allowed_lateness(std::chrono::minutes(30));
  signal(Measure::kOrderPlaced, 10);
  signal(Measure::kOrderPlaced, 5'000);
  advance(5'000);
  signal(Measure::kOrderPlaced, 20);     // its minute ended 4,940 s ago, its hour 1,400 s
  signal(Measure::kOrderPlaced, 3'590);  // its minute ended 1,400 s ago
  board_.revise(rows_);
  EXPECT_EQ(value("placed", 60, 0), 1);
  EXPECT_EQ(value("placed", 600, 0), 1);
  EXPECT_EQ(value("placed", 60, 3'540), 1);
  EXPECT_EQ(value("placed", 3'600, 0), 3);
  advance(2 * 86'400);
  EXPECT_EQ(value("placed", 86'400, 0), 4);
  signal(Measure::kOrderPlaced, 30);
  board_.revise(rows_);
  EXPECT_EQ(value("placed", 86'400, 0), 4);
  EXPECT_EQ(value("placed", 3'600, 0), 3);
}

TEST_F(KpiBoardTest, a_level_that_comes_beyond_lateness_counts_from_the_first_revised_minute) {
  board_.set_allowed_lateness(std::chrono::minutes(30));
  signal(Measure::kOrderOpen, 10);
  signal(Measure::kOrderOpen, 5'990);
  advance(6'000);
  signal(Measure::kOrderOpen, 20);
  board_.revise(rows_);
  EXPECT_EQ(value("open", 60, 0), 1);
  EXPECT_EQ(value("open", 3'600, 0), 1);
  EXPECT_EQ(value("open", 60, 4'200), 2);
  EXPECT_EQ(value("open", 60, 5'940), 3);
  signal(Measure::kOrderOpen, 20, 1, "", -1);  // taken back where it was put
  board_.revise(rows_);
  EXPECT_EQ(value("open", 60, 5'940), 2);
  EXPECT_EQ(value("open", 60, 4'200), 1);
}

}  // namespace
}  // namespace purvey::flow
