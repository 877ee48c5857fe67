#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "shop.h"

namespace purvey::simulation {

/// What the journal took in: a batch of events, or a tick without any.
struct JournaledInput {
  int64_t received = 0;
  bool is_tick = false;
  std::vector<const ShopEvent*> events = {};
};

/// A KPI's row, by what it is about.
struct KpiKey {
  std::string metric;
  std::string dimensions;  ///< `{}` or `{"warehouse":"north"}`
  int64_t seconds = 0;
  int64_t start = 0;

  friend auto operator<=>(const KpiKey&, const KpiKey&) = default;
};

/// What should come of a journal, worked out the slow way from docs/data.md, for days of UTC and
/// one currency: lists that are searched, states and windows worked out anew from all that is
/// known. Shares no code with the flow.
class Oracle {
 public:
  void take(const JournaledInput& input);

  /// Events by source ("" where it cannot be read) and verdict.
  using Verdicts = std::map<std::pair<std::string, std::string>, uint64_t>;
  const Verdicts& verdicts() const { return verdicts_; }

  /// Rows by table.
  const std::map<std::string, uint64_t>& facts() const { return facts_; }

  /// `paid`, ... of each order of which anything is known.
  std::map<std::string, std::string> statuses() const;

  /// The KPIs that it knows.
  static bool knows(const std::string& metric);
  /// The value that a row must have after a stop; nothing if there must be none.
  std::optional<double> value(const KpiKey& key);
  /// Rows that must be there.
  std::set<KpiKey> expected_rows();

 private:
  /// An observation, as it came: weight -1 takes one back.
  struct Signal {
    std::string measure;
    int64_t minute = 0;  ///< in which it counts
    int64_t value = 0;
    int64_t weight = 1;
    int64_t closed_until = 0;  ///< when it came; kNever: nothing was
    bool was_closed = false;   ///< its minute, when it came
  };
  using Names = std::map<std::string, std::string>;
  /// By the place in an order's list: measure, time, value, names.
  struct Observation {
    std::string measure;
    int64_t time = 0;
    int64_t value = 0;
    Names names;

    friend auto operator<=>(const Observation&, const Observation&) = default;
  };
  struct Order;
  struct Card {
    int64_t since = 0;
    std::string category;
    std::optional<int64_t> cost;
  };
  struct Stock {
    std::vector<const ShopEvent*> events;
    int64_t changed_at = 0;
    bool is_known = false;
  };

  std::string verdict_of(const ShopEvent& event) const;
  void move_time(const ShopEvent& event, const std::string& verdict);
  void move_clock(int64_t now);
  void tick(int64_t now);
  void follow_sources();
  int64_t closed_until() const;

  void count(const ShopEvent& event);
  void count_order(const ShopEvent& event);
  void count_stock(const ShopEvent& event);
  void count_card(const ShopEvent& event);
  static Order order_of(const std::vector<const ShopEvent*>& events);
  static std::vector<Observation> observations_of(const Order& order);
  int64_t on_hand(const std::vector<const ShopEvent*>& events) const;
  std::vector<Observation> stock_at(const std::string& sku, const std::string& warehouse,
                                    const Stock& stock) const;
  void add(const Observation& observation, int64_t weight);

  bool is_visible(const Signal& signal) const;
  const std::vector<Signal>& signals(const std::string& measure, const std::string& dimensions);
  struct Sum {
    int64_t sum = 0;
    int64_t count = 0;
  };
  Sum sum_of(const std::string& measure, const KpiKey& key);
  int64_t level_of(const std::string& measure, const KpiKey& key);

  static constexpr int64_t kNever = INT64_MIN;
  int64_t now_ = kNever;    ///< when the record was received
  int64_t clock_ = kNever;  ///< the latest of them
  int64_t watermark_ = kNever;
  int64_t highest_ = kNever;
  struct Source {
    int64_t highest = kNever;
    int64_t heard = kNever;
  };
  std::map<std::string, Source> sources_;
  struct Taken {
    std::string content;
    bool is_quarantined = false;  ///< another of the id counts if it can be
  };
  std::map<std::pair<std::string, std::string>, Taken> taken_;  ///< by source and id
  Verdicts verdicts_;
  std::map<std::string, uint64_t> facts_;
  std::map<std::string, std::vector<const ShopEvent*>> orders_;
  std::map<std::pair<std::string, std::string>, Stock> stocks_;
  std::map<std::string, Card> cards_;
  std::vector<std::pair<Signal, Names>> signals_;
  std::map<std::pair<std::string, std::string>, std::vector<Signal>> signals_of_;
};

}  // namespace purvey::simulation
