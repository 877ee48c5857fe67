#include <gtest/gtest.h>

#include <random>

#include "watch/desk_fixture.h"

namespace purvey::watch {
namespace {

using Random = std::mt19937;

int64_t draw(Random& random, int64_t least, int64_t most) {
  return std::uniform_int_distribution<int64_t>(least, most)(random);
}

constexpr int64_t kWindows = 60;

struct Point {
  int64_t window;
  double value;
  int64_t n;
};
using Series = std::vector<Point>;

/// A rule of the test and what the twin needs of it.
struct Case {
  bool above;
  double threshold;
  double resolve;
  int64_t for_windows;
  int64_t keep_windows;
  int64_t silent_windows;  ///< 0: never
  int64_t min_n;
  bool level;

  std::string text() const {
    const auto minutes = [](int64_t windows) { return std::to_string(windows * 10) + "m\"\n"; };
    return "[[rule]]\nname = \"r\"\nwindow = \"10m\"\nmetric = \"" +
           std::string(level ? "level\"\n" : "rate\"\ndimensions = [\"channel\"]\n") +
           (above ? "above = " : "below = ") + std::to_string(threshold) +
           (above ? "\nresolve_below = " : "\nresolve_above = ") + std::to_string(resolve) +
           "\nfor = \"" + minutes(for_windows) + "keep_firing_for = \"" + minutes(keep_windows) +
           "resolve_after = \"" + minutes(silent_windows) + "min_n = " + std::to_string(min_n);
  }
  bool beyond(double value) const { return above ? value > threshold : value < threshold; }
  bool back(double value) const { return above ? value <= resolve : value >= resolve; }
};

/// What the desk must tell of one group, worked out by looking at the whole series over and over
/// instead of carrying state from row to row.
class Twin {
 public:
  Twin(const Case& rule, Series series, std::string dimensions)
      : rule_(rule), points_(std::move(series)), dimensions_(std::move(dimensions)) {
    std::erase_if(points_, [&](const Point& point) { return point.n < rule.min_n; });
  }

  std::vector<std::string> lines() {
    for (size_t from = 0; from < points_.size();) {
      size_t fired = from;
      while (fired < points_.size() && run(from, fired, true) < rule_.for_windows) ++fired;
      if (fired == points_.size()) break;
      tell("firing", points_[fired].window);
      from = end_of_incident(fired);
    }
    return std::move(lines_);
  }

 private:
  /// How many windows up to `last`, in a row and without a long silence, were beyond (or back);
  /// none of them before `from`.
  int64_t run(size_t from, size_t last, bool beyond) const {
    int64_t windows = 0;
    for (size_t at = last + 1; at-- > from;) {
      const double value = points_[at].value;
      if (beyond ? !rule_.beyond(value) : !rule_.back(value)) break;
      const bool goes_on =
          at > from && !silent_between(at - 1, at) &&
          (beyond ? rule_.beyond(points_[at - 1].value) : rule_.back(points_[at - 1].value));
      windows += rule_.level && goes_on ? points_[at].window - points_[at - 1].window : 1;
      if (!goes_on) break;
    }
    return windows;
  }

  bool silent_between(size_t earlier, size_t later) const {
    return rule_.silent_windows > 0 &&
           points_[later].window - points_[earlier].window > rule_.silent_windows;
  }

  /// Tells how the incident ends that began at `fired`; where the next may begin.
  size_t end_of_incident(size_t fired) {
    for (size_t at = fired + 1; at < points_.size(); ++at) {
      if (silent_between(at - 1, at)) {
        tell("resolved", points_[at - 1].window + rule_.silent_windows);
        return at;
      }
      if (run(fired + 1, at, false) >= rule_.keep_windows) {
        tell("resolved", points_[at].window);
        return at + 1;
      }
    }
    const int64_t due = points_.back().window + rule_.silent_windows;
    if (rule_.silent_windows > 0 && due < kWindows) tell("resolved", due);
    return points_.size();
  }

  void tell(const char* state, int64_t window) {
    lines_.push_back(std::string(state) + "@" + std::to_string(window) + " r " + dimensions_);
  }

  const Case& rule_;
  Series points_;
  std::string dimensions_;
  std::vector<std::string> lines_;
};

Case random_case(Random& random) {
  Case rule{};
  rule.above = draw(random, 0, 1) == 1;
  rule.threshold = static_cast<double>(draw(random, 3, 6)) / 8;
  const double step = static_cast<double>(draw(random, 0, 2)) / 8;
  rule.resolve = rule.threshold + (rule.above ? -step : step);
  rule.for_windows = draw(random, 1, 4);
  rule.keep_windows = draw(random, 1, 3);
  rule.silent_windows = draw(random, 0, 1) * draw(random, 2, 8);
  rule.min_n = draw(random, 0, 3);
  rule.level = draw(random, 0, 2) == 0;
  return rule;
}

/// Values in eighths, which stay long on one side; some windows have no row.
Series random_series(Random& random) {
  Series series;
  const int64_t presence = draw(random, 1, 10);
  int64_t value = draw(random, 0, 8);
  for (int64_t window = 0; window < kWindows; ++window) {
    value = std::clamp<int64_t>(value + draw(random, -2, 2), 0, 8);
    if (draw(random, 1, 10) > presence) continue;
    series.push_back({window, static_cast<double>(value) / 8, draw(random, 1, 9)});
  }
  return series;
}

/// Plays series to a desk in batches of several windows, with revisions and restarts strewn in.
std::vector<std::string> played(Random& random, const Case& rule,
                                const std::map<std::string, Series>& groups) {
  Shop shop(rule.text());
  const auto row = [&](const std::string& group, const Point& point) {
    flow::KpiRow out = rule.level ? shop.level_row(point.window, point.value)
                                  : shop.row(point.window, point.value, group);
    out.n = point.n;
    return out;
  };
  for (int64_t from = 0; from < kWindows;) {
    const int64_t to = std::min(kWindows, from + draw(random, 1, 4));
    std::vector<flow::KpiRow> rows;
    for (const auto& [group, series] : groups) {
      for (const Point& point : series) {
        if (point.window >= to) continue;
        if (point.window >= from) rows.push_back(row(group, point));
        if (draw(random, 0, 9) > 0) continue;
        flow::KpiRow revised = row(group, point);
        revised.value = 1 - revised.value;
        revised.n = 9;
        revised.revision = 1;
        rows.push_back(revised);
      }
    }
    shop.observe(rows, to - 1);
    if (draw(random, 0, 3) == 0) shop.restart();
    from = to;
  }
  return shop.told();
}

TEST(IncidentTwinTest, the_desk_tells_what_a_look_at_the_whole_series_tells) {
  size_t told = 0;
  for (unsigned seed = 1; seed <= 600; ++seed) {
    Random random(seed);
    const Case rule = random_case(random);
    std::map<std::string, Series> groups;
    for (const char* name : {"app", "web"}) {
      groups[rule.level ? "" : name] = random_series(random);
    }
    std::vector<std::string> expected;
    for (const auto& [group, series] : groups) {
      const std::string text = group.empty() ? "{}" : R"({"channel":")" + group + R"("})";
      for (std::string& line : Twin(rule, series, text).lines()) {
        expected.push_back(std::move(line));
      }
    }
    std::vector<std::string> actual = played(random, rule, groups);
    told += actual.size();
    std::sort(expected.begin(), expected.end());
    std::sort(actual.begin(), actual.end());
    ASSERT_EQ(actual, expected) << "seed " << seed << "\n" << rule.text();
  }
  EXPECT_GT(told, 2'000U);  // else the series say little
}

}  // namespace
}  // namespace purvey::watch
