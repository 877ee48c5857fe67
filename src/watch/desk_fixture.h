#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "watch/incident_desk.h"

namespace purvey::watch {

/// Made-up KPI rows for a desk: `rate` by channel and in total, `level`, a level. Windows are
/// numbered from 0, which begins at 2026-01-05T00:00:00Z.
class Shop {
 public:
  static constexpr const char* kPack = R"toml(name = "test"
[[kpi]]
name = "rate"
unit = "ratio"
formula = "count(payment.failed) / count(payment.authorized)"
dimensions = ["channel", "channel,region"]
[[kpi]]
name = "level"
formula = "level(order.open)"
)toml";

  explicit Shop(std::string_view rules, std::string_view zone = "UTC")
      : zone_(*base::SiteZone::find(zone)) {
    const auto added = book_.add_file(*base::parse_toml(rules, "rules.toml"));
    EXPECT_TRUE(added) << (added ? "" : added.error().message);
    restart();
  }

  static base::EventTime start() { return base::from_civil(2026, 1, 5); }
  base::EventTime end_of(int64_t window) const {
    return start() + std::chrono::seconds((window + 1) * seconds_);
  }

  /// The windows that row() and end_of() are about.
  void set_window(int64_t seconds) { seconds_ = seconds; }

  /// A final row of the group of `channel` ("" for the total) in a window.
  flow::KpiRow row(int64_t window, double value, const std::string& channel = "", int64_t n = 100) {
    return {.kpi = 0,
            .group = group(channel),
            .window_seconds = seconds_,
            .window_start = start() + std::chrono::seconds(window * seconds_),
            .value = value,
            .n = n,
            .final = true};
  }
  flow::KpiRow level_row(int64_t window, double value) {
    flow::KpiRow level = row(window, value);
    level.kpi = 1;
    level.n = 1;
    return level;
  }

  /// Gives the rows to the desk, with the watermark at the end of `window`.
  void observe(std::vector<flow::KpiRow> rows, int64_t window) {
    desk_->observe(rows, end_of(window), steps_);
  }
  /// One row a window, from window 0 on, of the total.
  void observe_series(std::initializer_list<double> values) {
    for (const double value : values) {
      observe({row(next_, value)}, next_);
      ++next_;
    }
  }

  /// A new desk with what the old one saved, and a new board whose groups have other numbers.
  void restart() {
    std::string bytes;
    base::ByteWriter writer(bytes);
    if (desk_) desk_->save(writer);
    begin_board();
    desk_ = std::make_unique<IncidentDesk>(book_, *board_, zone_, active_max_);
    if (bytes.empty()) return;
    base::ByteReader reader(bytes);
    ASSERT_TRUE(desk_->load(reader));
    EXPECT_TRUE(reader.finish("desk"));
  }

  void replace_rules(std::string_view rules) {
    // The desk holds on to its book, so the old one is saved before and read again after.
    std::string bytes;
    base::ByteWriter writer(bytes);
    desk_->save(writer);
    RuleBook book(pack_);
    ASSERT_TRUE(book.add_file(*base::parse_toml(rules, "rules.toml")));
    desk_.reset();
    book_ = std::move(book);
    desk_ = std::make_unique<IncidentDesk>(book_, *board_, zone_, active_max_);
    base::ByteReader reader(bytes);
    ASSERT_TRUE(desk_->load(reader));
  }

  void set_active_max(size_t max) {
    active_max_ = max;
    restart();
  }

  /// `firing@2 rate {}`: the steps so far, times as window ends; and forgets them.
  std::vector<std::string> told() {
    std::vector<std::string> lines;
    for (const IncidentStep& step : steps_) {
      const int64_t at = (step.happened_at - start()) / std::chrono::seconds(seconds_) - 1;
      lines.push_back(std::string(incident_state_name(step.state)) + "@" + std::to_string(at) +
                      " " + step.rule + " " + step.dimensions);
    }
    steps_.clear();
    return lines;
  }

  std::vector<IncidentStep>& steps() { return steps_; }
  IncidentDesk& desk() { return *desk_; }
  const RuleBook& book() const { return book_; }
  const flow::KpiBoard& board() const { return *board_; }

 private:
  /// A board that knows a few channels, numbered in another order than the time before.
  void begin_board() {
    board_ = std::make_unique<flow::KpiBoard>(pack_, names_, base::SiteZone());
    groups_.clear();
    std::vector<std::string> channels = {"app", "web", "phone", "say \"hi\""};
    if (++boards_ % 2 == 0) std::reverse(channels.begin(), channels.end());
    for (const std::string& channel : channels) add_payment(channel);
    std::vector<flow::KpiRow> rows;
    board_->advance(start(), rows);
    for (const flow::KpiRow& each : rows) {
      groups_[board_->dimensions_text(each.group)] = each.group;
    }
  }

  void add_payment(const std::string& channel) {
    flow::Dimensions dimensions;
    dimensions[flow::Dimension::kChannel] = names_.intern(channel);
    dimensions[flow::Dimension::kRegion] = names_.intern("north");
    board_->add({.measure = flow::Measure::kPaymentAuthorized, .time = base::EventTime{0}},
                dimensions);
  }

  uint32_t group(const std::string& channel) const {
    std::string text = "{}";
    if (!channel.empty()) {
      std::string escaped;
      for (const char c : channel) {
        if (c == '"') escaped += '\\';
        escaped += c;
      }
      text = R"({"channel":")" + escaped + R"("})";
    }
    return groups_.at(text);
  }

  flow::Pack pack_ = *flow::read_pack(*base::parse_toml(kPack, "pack.toml"));
  RuleBook book_{pack_};
  base::Dictionary names_;
  base::SiteZone zone_;
  std::unique_ptr<flow::KpiBoard> board_;
  std::map<std::string, uint32_t> groups_;
  std::unique_ptr<IncidentDesk> desk_;
  std::vector<IncidentStep> steps_;
  size_t active_max_ = kActiveMax;
  int64_t seconds_ = 600;
  int64_t next_ = 0;
  int boards_ = 0;
};

}  // namespace purvey::watch
