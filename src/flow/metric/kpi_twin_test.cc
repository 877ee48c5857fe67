// KPIs over trailing durations, different ones and rates against their naive twin: every signal
// kept, every window worked out anew.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <tuple>

#include "base/hash.h"
#include "flow/metric/kpi_board.h"

namespace purvey::flow {
namespace {

constexpr const char* kPack = R"toml(name = "test"
[[kpi]]
name = "failed"
formula = "count(payment.failed, 30m)"
dimensions = ["method"]
[[kpi]]
name = "failed_share"
formula = "count(payment.failed, 5m) / (count(payment.failed, 5m) + count(payment.authorized))"
[[kpi]]
name = "cycle"
formula = "mean(order.cycle_hours, 3h)"
[[kpi]]
name = "latency"
formula = "p50(payment.latency_ms, 10m)"
[[kpi]]
name = "buyers"
formula = "distinct(order.customer)"
[[kpi]]
name = "buyers_1h"
formula = "distinct(order.customer, 1h)"
dimensions = ["region"]
[[kpi]]
name = "rate"
formula = "rate(service.request)"
[[kpi]]
name = "rate_2h"
formula = "rate(service.request, 2h)"
)toml";

base::EventTime at(int64_t seconds) {
  return {seconds * 1'000'000};
}

struct Seen {
  Measure measure;
  int64_t second;
  int64_t value;
  int64_t weight;
  std::string name;  ///< of the method or region
  bool backfill = false;
};

/// What a formula comes to over signals that are all there.
class Twin {
 public:
  explicit Twin(const Pack& pack) : pack_(pack) {}

  void add(const Seen& seen) { seen_.push_back(seen); }

  double value(uint32_t kpi, int64_t start, int64_t seconds, const std::string& name) const {
    return pack_.kpis[kpi]
        .formula.evaluate([&](const Term& term) { return value_of(term, start, seconds, name); })
        .value;
  }

  /// Whether something that the KPI looks at came into or left its span in the window.
  bool changes(uint32_t kpi, int64_t start, int64_t seconds) const {
    const auto& terms = pack_.kpis[kpi].formula.terms();
    return std::any_of(terms.begin(), terms.end(), [&](const Term& term) {
      return std::any_of(seen_.begin(), seen_.end(), [&](const Seen& seen) {
        const int64_t left = seen.second + term.trailing.count() / 1'000'000;
        return seen.measure == term.measure &&
               (in(seen.second, start, seconds) || in(left, start, seconds));
      });
    });
  }

 private:
  static bool in(int64_t second, int64_t start, int64_t seconds) {
    return second >= start && second < start + seconds;
  }

  Amount value_of(const Term& term, int64_t start, int64_t seconds, const std::string& name) const {
    const int64_t trailing = term.trailing.count() / 1'000'000;
    const int64_t from = trailing > 0 ? start + seconds - trailing : start;
    const int64_t length = trailing > 0 ? trailing : seconds;
    int64_t n = 0;
    double sum = 0;
    std::set<int64_t> different;
    std::vector<double> values;
    for (const Seen& seen : seen_) {
      if (seen.measure != term.measure || !in(seen.second, from, length)) continue;
      if (!name.empty() && seen.name != name) continue;
      n += seen.weight;
      sum += static_cast<double>(seen.weight * seen.value) / 10'000;
      different.insert(seen.value);
      values.push_back(static_cast<double>(seen.value) / 10'000);
    }
    std::sort(values.begin(), values.end());
    switch (term.aggregate) {
      case Aggregate::kCount:
        return {static_cast<double>(n), n};
      case Aggregate::kMean:
        return {n == 0 ? std::nan("") : sum / static_cast<double>(n), n};
      case Aggregate::kRate:
        return {static_cast<double>(n) / static_cast<double>(length), n};
      case Aggregate::kDistinct:
        return {static_cast<double>(different.size()), n};
      default:
        return {values.empty() ? std::nan("") : values[(values.size() - 1) / 2], n};
    }
  }

  const Pack& pack_;
  std::vector<Seen> seen_;
};

class KpiTwinTest : public testing::Test {
 protected:
  using Key = std::tuple<uint32_t, std::string, int64_t, int64_t>;  // KPI, dimensions, size, start

  Seen random_signal() {
    constexpr std::pair<Measure, int64_t> kMeasures[] = {
        {Measure::kPaymentFailed, 1},   {Measure::kPaymentAuthorized, 1},
        {Measure::kOrderCycleHours, 0}, {Measure::kPaymentLatencyMs, 0},
        {Measure::kOrderCustomer, 0},   {Measure::kServiceRequest, 1},
    };
    const auto& [measure, value] = kMeasures[random_() % std::size(kMeasures)];
    const auto number = static_cast<int64_t>(random_() % 40);
    Seen seen{measure, static_cast<int64_t>(random_() % 30'000), value, 1,
              random_() % 2 == 0 ? "north" : "south"};
    if (measure == Measure::kOrderCustomer) {
      seen.value = static_cast<int64_t>(base::mix64(7, static_cast<uint64_t>(number)));
    } else if (value == 0) {
      seen.value = number * 10'000 + 5;
    }
    return seen;
  }

  void put(KpiBoard& board, Twin& twin, const Seen& seen) {
    Dimensions dimensions;
    const auto dimension =
        seen.measure == Measure::kOrderCustomer ? Dimension::kRegion : Dimension::kMethod;
    dimensions[dimension] = names_.intern(seen.name);
    board.add({.measure = seen.measure,
               .time = at(seen.second),
               .value = seen.value,
               .weight = seen.weight,
               .backfill = seen.backfill},
              dimensions);
    twin.add(seen);
  }

  void note(const KpiBoard& board, std::vector<KpiRow>& rows) {
    for (const KpiRow& row : rows) {
      latest_[{row.kpi, board.dimensions_text(row.group), row.window_seconds,
               row.window_start.micros / 1'000'000}] = row.value;
    }
    rows.clear();
  }

  /// Saves the board and goes on with what was loaded.
  std::unique_ptr<KpiBoard> reloaded(std::unique_ptr<KpiBoard> board) {
    std::string saved;
    base::ByteWriter writer(saved);
    board->save(writer);
    auto loaded = std::make_unique<KpiBoard>(pack_, names_, base::SiteZone());
    base::ByteReader reader(saved);
    EXPECT_TRUE(loaded->load(reader, names_));
    EXPECT_TRUE(reader.finish("board"));
    return loaded;
  }

  void expect_right(const Twin& twin) {
    for (const auto& [key, value] : latest_) {
      const auto& [kpi, dimensions, seconds, start] = key;
      const size_t colon = dimensions.find(':');
      const std::string name = colon == std::string::npos
                                   ? ""
                                   : dimensions.substr(colon + 2, dimensions.size() - colon - 4);
      const double expected = twin.value(kpi, start, seconds, name);
      if (std::isnan(expected)) continue;  // taken back after it was told: the row stays
      // Quantiles are within the error of their sketch, all else is exact.
      const double error = pack_.kpis[kpi].name == "latency" ? expected * 0.0101 : 1e-9;
      ASSERT_NEAR(value, expected, error)
          << pack_.kpis[kpi].name << dimensions << " " << seconds << "s at " << start;
    }
  }

  /// Also that every change up to `until` was told; of signals that nothing took back.
  void expect_equal(const Twin& twin, int64_t until) {
    expect_right(twin);
    for (const int64_t seconds : kWindowSeconds) {
      for (int64_t start = 0; start + seconds <= until; start += seconds) {
        for (uint32_t kpi = 0; kpi < pack_.kpis.size(); ++kpi) {
          if (std::isnan(twin.value(kpi, start, seconds, ""))) continue;
          ASSERT_TRUE(latest_.contains({kpi, "{}", seconds, start}) ||
                      !twin.changes(kpi, start, seconds))
              << pack_.kpis[kpi].name << " " << seconds << "s at " << start;
        }
      }
    }
  }

  /// With an allowed lateness all signals are those of a backfill.
  void expect_equal_in_any_order(std::optional<base::Micros> lateness) {
    latest_.clear();
    auto board = std::make_unique<KpiBoard>(pack_, names_, base::SiteZone());
    if (lateness) board->set_allowed_lateness(*lateness);
    Twin twin(pack_);
    std::vector<KpiRow> rows;
    for (int i = 0; i < 120; ++i) {
      Seen seen = random_signal();
      seen.backfill = lateness.has_value();
      put(*board, twin, seen);
      if (i % 5 == 0) board->focus(at(seen.second));
      if (i % 17 == 0) board->advance(at(static_cast<int64_t>(random_() % 30'000)), rows);
      if (i % 29 == 0) board->revise(rows);
      if (i % 40 == 39) {
        board->revise(rows);
        note(*board, rows);
        board = reloaded(std::move(board));
        if (lateness) board->set_allowed_lateness(*lateness);
      }
    }
    board->advance(at(86'400), rows);
    board->revise(rows);
    note(*board, rows);
    expect_equal(twin, 86'400);
  }

  std::mt19937_64 random_{23};
  base::Dictionary names_;
  Pack pack_ = *read_pack(*base::parse_toml(kPack, "test.toml"));
  std::map<Key, double> latest_;
};

TEST_F(KpiTwinTest, in_order_every_change_of_a_span_is_told_and_is_right) {
  std::vector<Seen> all;
  for (int i = 0; i < 150; ++i) all.push_back(random_signal());
  std::sort(all.begin(), all.end(),
            [](const Seen& a, const Seen& b) { return a.second < b.second; });
  auto board = std::make_unique<KpiBoard>(pack_, names_, base::SiteZone());
  Twin twin(pack_);
  std::vector<KpiRow> rows;
  for (size_t i = 0; i < all.size(); ++i) {
    board->focus(at(all[i].second));
    board->advance(at(all[i].second), rows);
    put(*board, twin, all[i]);
    if (i == 70) board = reloaded(std::move(board));
  }
  board->advance(at(86'400), rows);
  note(*board, rows);
  expect_equal(twin, 86'400);
}

TEST_F(KpiTwinTest, in_any_order_with_revisions_and_restarts_the_rows_are_those_of_the_twin) {
  for (int round = 0; round < 25; ++round) expect_equal_in_any_order({});
}

TEST_F(KpiTwinTest, a_backfill_revises_what_looks_back_to_it_however_old_that_is) {
  for (int round = 0; round < 25; ++round) expect_equal_in_any_order(std::chrono::minutes(10));
}

TEST_F(KpiTwinTest, what_is_taken_back_leaves_trailing_sums_right) {
  KpiBoard board(pack_, names_, {});
  Twin twin(pack_);
  std::vector<KpiRow> rows;
  const auto failed = [&](int64_t second, int64_t weight) {
    put(board, twin, {Measure::kPaymentFailed, second, 1, weight, "card"});
  };
  failed(100, 1);
  failed(200, 1);
  failed(5'000, 1);
  failed(200, -1);  // before its minute closed
  board.advance(at(7'200), rows);
  failed(100, -1);  // after
  failed(400, 1);
  board.revise(rows);
  board.advance(at(86'400), rows);
  note(board, rows);
  expect_right(twin);
  EXPECT_EQ((latest_.at({0, "{}", 60, 1'900 / 60 * 60})), 1);      // the one of 400 s
  EXPECT_EQ((latest_.at({0, "{}", 60, 2'200 / 60 * 60})), 0);      // which left at 2,200 s
  EXPECT_FALSE(latest_.contains({0, "{}", 60, 2'000 / 60 * 60}));  // and here nothing changed
}

TEST_F(KpiTwinTest, open_windows_look_back_over_closed_minutes_and_open_ones) {
  KpiBoard board(pack_, names_, {});
  Twin twin(pack_);
  std::vector<KpiRow> rows;
  for (const int64_t second : {10, 1'000, 3'000, 3'500, 3'590, 3'640}) {
    put(board, twin, {Measure::kServiceRequest, second, 1, 1, ""});
    put(board, twin, {Measure::kPaymentFailed, second, 1, 1, "card"});
  }
  board.advance(at(3'560), rows);
  rows.clear();
  board.publish_open(at(3'630), rows);  // minutes of 3,540 and 3,600 s are open; 3,640 is to come
  note(board, rows);
  EXPECT_EQ((latest_.at({0, "{}", 60, 3'540})), 3);  // since 1,800 s
  EXPECT_EQ((latest_.at({0, "{}", 3'600, 0})), 3);
  EXPECT_NEAR((latest_.at({6, "{}", 3'600, 0})), 5.0 / 3'600, 1e-12);
}

TEST_F(KpiTwinTest, measures_are_saved_by_name) {
  const auto pack_of = [](const char* text) {
    return *read_pack(*base::parse_toml(text, "pack.toml"));
  };
  const Pack before = pack_of(R"toml(name = "a"
[[kpi]]
name = "room"
formula = "sum(sample.room_c)"
[[kpi]]
name = "gone"
formula = "sum(sample.gone)"
[[kpi]]
name = "hall"
formula = "sum(sample.hall_c)"
)toml");
  const Pack after = pack_of(R"toml(name = "a"
[[kpi]]
name = "hall"
formula = "sum(sample.hall_c)"
[[kpi]]
name = "room"
formula = "sum(sample.room_c)"
)toml");
  KpiBoard board(before, names_, {});
  board.add({sample_measure(0), at(10), 10'000}, {});
  board.add({sample_measure(1), at(10), 20'000}, {});
  board.add({sample_measure(2), at(10), 30'000}, {});
  std::string saved;
  base::ByteWriter writer(saved);
  board.save(writer);
  KpiBoard loaded(after, names_, {});
  base::ByteReader reader(saved);
  ASSERT_TRUE(loaded.load(reader, names_));
  ASSERT_TRUE(reader.finish("board"));
  std::vector<KpiRow> rows;
  loaded.advance(at(60), rows);
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows[0].value, 3);
  EXPECT_EQ(rows[1].value, 1);
}

}  // namespace
}  // namespace purvey::flow
