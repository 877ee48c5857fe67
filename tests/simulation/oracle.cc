#include "oracle.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace purvey::simulation {
namespace {

constexpr int64_t kDisorder = 5 * kSecond;
constexpr int64_t kIdleAfter = 10 * kSecond;
constexpr int64_t kLateness = kHour;
constexpr int64_t kHorizon = kDay;
constexpr int64_t kFutureAllowed = 10 * kMinute;

int64_t floor_to(int64_t time, int64_t unit) {
  return time / unit * unit;  // times are after 1970
}

const std::vector<std::string> kSteps = {"order.paid",      "order.allocated", "order.picked",
                                         "order.packed",    "order.shipped",   "order.delivered",
                                         "order.cancelled", "order.returned"};

/// What a KPI is made of, and by what it is split.
struct Definition {
  std::string kind;                   ///< count, sum, net, ratio, mean, level
  std::vector<std::string> measures;  ///< a ratio: the first of all the others
  double scale = 1;
  std::vector<std::vector<std::string>> splits;
};

const std::map<std::string, Definition>& definitions() {
  using Splits = std::vector<std::vector<std::string>>;
  const Splits by_origin = {{}, {"channel"}, {"region"}, {"warehouse"}};
  const Splits by_carrier = {{}, {"carrier"}, {"region"}, {"warehouse"}};
  const Splits by_pair = {{}, {"carrier"}, {"region"}, {"warehouse"}, {"carrier", "warehouse"}};
  const Splits by_place = {{}, {"region"}, {"warehouse"}};
  const Splits by_article = {{}, {"category"}, {"warehouse"}};
  static const std::map<std::string, Definition> all = {
      {"orders_placed", {"sum", {"placed"}, 1, by_origin}},
      {"gmv", {"sum", {"amount"}, 100, by_origin}},
      {"gmv_net", {"net", {"amount", "cancelled_amount", "returned_amount"}, 100, by_origin}},
      {"orders_paid", {"sum", {"paid"}, 1, by_origin}},
      {"orders_shipped", {"sum", {"shipped"}, 1, by_pair}},
      {"orders_delivered", {"sum", {"delivered"}, 1, by_carrier}},
      {"cancel_rate", {"ratio", {"cancelled", "placed"}, 1, by_origin}},
      {"return_rate", {"ratio", {"returned", "delivered"}, 1, by_place}},
      {"open_orders", {"level", {"open"}, 1, by_place}},
      {"late_orders", {"level", {"late"}, 1, by_carrier}},
      {"order_cycle_hours", {"mean", {"cycle"}, 10'000, by_carrier}},
      {"pick_minutes", {"mean", {"pick"}, 10'000, {{}, {"warehouse"}}}},
      {"ship_hours", {"mean", {"ship"}, 10'000, by_carrier}},
      {"on_time_rate", {"ratio", {"on_time", "promised"}, 1, by_pair}},
      {"payment_failed_rate", {"ratio", {"failed", "failed", "authorized"}, 1, {{}, {"method"}}}},
      {"stock_out_skus", {"level", {"out"}, 1, by_article}},
      {"stock_value", {"level", {"value"}, 100, by_article}},
  };
  return all;
}

constexpr std::array<int64_t, 4> kWindows = {60, 600, 3600, 86400};

bool is_level(const std::string& measure) {
  return measure == "open" || measure == "late" || measure == "out" || measure == "value";
}

/// `{"carrier":"swift","warehouse":"north"}`; nothing if one of the names is not known.
std::optional<std::string> dimensions_of(const std::map<std::string, std::string>& names,
                                         const std::vector<std::string>& split) {
  std::string text;
  for (const std::string& dimension : split) {
    const auto name = names.find(dimension);
    if (name == names.end() || name->second.empty()) return std::nullopt;
    text += fmt::format("{}\"{}\":\"{}\"", text.empty() ? "" : ",", dimension, name->second);
  }
  return "{" + text + "}";
}

}  // namespace

// --- time and verdicts ---

void Oracle::take(const JournaledInput& input) {
  if (input.is_tick) return tick(input.received);
  now_ = input.received;
  for (const ShopEvent* event : input.events) {
    const std::string verdict = verdict_of(*event);
    const bool is_known = event->form != ShopEvent::Form::kBroken;
    ++verdicts_[{is_known ? event->source : "", verdict}];
    if (verdict == "accepted" || verdict == "late" || verdict == "quarantined") {
      taken_[{event->source, event->id}] = {event->content, verdict == "quarantined"};
    }
    if (verdict == "accepted" || verdict == "late") {
      count(*event);
    } else if (verdict != "duplicate") {
      ++facts_["dead_letter"];
    }
    move_time(*event, verdict);
  }
}

std::string Oracle::verdict_of(const ShopEvent& event) const {
  using enum ShopEvent::Form;
  if (event.form == kBroken || event.form == kIncomplete) return "rejected";
  const bool is_catalog = event.type.starts_with("catalog.");
  const bool has_begun = watermark_ != kNever;
  if (has_begun && event.time < watermark_ - kHorizon && !is_catalog) return "too_old";
  const bool is_impossible = event.form == kImpossible || event.time > now_ + kFutureAllowed;
  const auto known = taken_.find({event.source, event.id});
  if (known != taken_.end() && (is_impossible || !known->second.is_quarantined)) {
    return known->second.content == event.content ? "duplicate" : "conflict";
  }
  if (is_impossible) return "quarantined";
  const bool is_late = has_begun && event.time < floor_to(watermark_ - kLateness, kDay);
  return is_late && !is_catalog ? "late" : "accepted";
}

void Oracle::move_time(const ShopEvent& event, const std::string& verdict) {
  if (verdict == "rejected") return;
  move_clock(now_);
  Source& source = sources_[event.source];
  source.heard = std::max(source.heard, now_);
  if (verdict != "accepted" && verdict != "late") return;
  highest_ = std::max(highest_, event.time);
  if (event.time <= source.highest) return;
  source.highest = event.time;
  follow_sources();
}

/// The least of the active sources, less the disorder.
void Oracle::follow_sources() {
  int64_t least = INT64_MAX;
  for (const auto& [name, source] : sources_) {
    const bool is_idle = clock_ - source.heard > kIdleAfter;
    if (!is_idle && source.highest != kNever) least = std::min(least, source.highest);
  }
  if (least != INT64_MAX) watermark_ = std::max(watermark_, least - kDisorder);
}

/// Time goes on while nobody holds it; nobody is silent while the server is down.
void Oracle::move_clock(int64_t now) {
  if (now <= clock_) return;
  const int64_t passed = clock_ == kNever ? 0 : now - clock_;
  const bool were_idle = std::all_of(sources_.begin(), sources_.end(), [&](const auto& entry) {
    return clock_ - entry.second.heard > kIdleAfter || entry.second.highest == kNever;
  });
  if (passed > kMinute) {
    for (auto& [name, source] : sources_) source.heard += passed;
  }
  clock_ = now;
  if (were_idle && watermark_ != kNever) watermark_ += std::min(passed, kMinute);
}

void Oracle::tick(int64_t now) {
  if (now <= clock_) return;
  move_clock(now);
  follow_sources();
}

int64_t Oracle::closed_until() const {
  return watermark_ == kNever ? kNever : floor_to(watermark_, kMinute);
}

// --- what events add up to ---

void Oracle::count(const ShopEvent& event) {
  if (event.type == "order.placed") {
    ++facts_["order_head"];
    facts_["order_line"] += event.lines.size();
    return count_order(event);
  }
  if (event.type.starts_with("order.")) {
    ++facts_["order_step"];
    return count_order(event);
  }
  if (event.type.starts_with("payment.")) {
    ++facts_["payment"];
    const std::string outcome = event.type.substr(event.type.find('.') + 1);
    return add({outcome, event.time, 1, {{"method", event.method}}}, 1);
  }
  if (event.type == "catalog.sku") {
    ++facts_["catalog"];
    return count_card(event);
  }
  ++facts_[event.type == "stock.level" ? "stock_level" : "stock_move"];
  count_stock(event);
}

/// What is known of an order.
struct Oracle::Order {
  struct Step {
    std::optional<int64_t> at;  ///< the first time, of deliveries the last
    bool inferred = false;
    bool is_whole = false;  ///< said of the whole order
    int64_t units = 0;      ///< of its parts
    std::optional<int64_t> last_part_at;
  };
  std::optional<int64_t> placed_at;
  std::optional<int64_t> promised_at;
  std::optional<int64_t> amount;
  int64_t units = 0;
  Names names;
  std::map<std::string, Step> steps;
  std::set<std::string> left;  ///< shipments
  std::set<std::string> arrived;
  bool has_delivery_by_shipment = false;

  const Step& step(const std::string& name) const {
    static const Step none;
    const auto found = steps.find("order." + name);
    return found == steps.end() ? none : found->second;
  }
  int64_t need() const { return std::max<int64_t>(units - step("cancelled").units, 0); }
  bool adds_up(const Step& step, int64_t all) const {
    return placed_at && step.last_part_at && step.units >= all;
  }
  bool is_under_way() const {
    return std::any_of(left.begin(), left.end(),
                       [&](const std::string& shipment) { return !arrived.contains(shipment); });
  }
  bool is_shipped() const { return step("shipped").is_whole || adds_up(step("shipped"), need()); }
  bool is_delivered() const {
    const Step& delivered = step("delivered");
    if (!delivered.at) return false;
    if (delivered.is_whole) return true;
    if (adds_up(delivered, need()) && (units > 0 || !is_under_way())) return true;
    return has_delivery_by_shipment && !is_under_way() && (!step("shipped").at || is_shipped());
  }
  std::optional<int64_t> whole_at(const std::string& name) const {
    const Step& said = step(name);
    if (!said.at) return std::nullopt;
    if (name == "delivered") return is_delivered() ? said.at : std::nullopt;
    if (said.is_whole) return said.at;
    return adds_up(said, name == "cancelled" ? units : need()) ? said.last_part_at : std::nullopt;
  }
};

Oracle::Order Oracle::order_of(const std::vector<const ShopEvent*>& events) {
  Order order;
  for (const ShopEvent* event : events) {
    int64_t units = 0;
    for (const ShopLine& line : event->lines) units += line.qty;
    if (event->type == "order.placed") {
      order.placed_at = event->time;
      order.promised_at = event->promised_at;
      order.amount = event->amount;
      order.units = units;
      order.names["channel"] = event->channel;
      order.names["region"] = event->region;
      if (!event->warehouse.empty()) order.names["warehouse"] = event->warehouse;
      continue;
    }
    Order::Step& step = order.steps[event->type];
    const bool is_delivery = event->type == "order.delivered";
    if (!step.at || (is_delivery ? event->time > *step.at : event->time < *step.at)) {
      step.at = event->time;
      step.inferred = event->inferred;
    }
    const bool can_be_part = event->type == "order.shipped" || is_delivery ||
                             event->type == "order.cancelled" || event->type == "order.returned";
    const bool is_by_shipment = is_delivery && !event->shipment.empty();
    if (units == 0 && !is_by_shipment) step.is_whole = true;
    if (is_by_shipment) order.has_delivery_by_shipment = true;
    if (units > 0 && can_be_part) {
      step.units += units;
      step.last_part_at = std::max(step.last_part_at.value_or(event->time), event->time);
    }
    if (order.names["warehouse"].empty()) order.names["warehouse"] = event->warehouse;
    if (!event->carrier.empty()) order.names["carrier"] = event->carrier;
    if (event->shipment.empty()) continue;
    if (event->type == "order.shipped") order.left.insert(event->shipment);
    if (is_delivery) order.arrived.insert(event->shipment);
  }
  return order;
}

/// A place of the list for each thing that an order may be observed to do.
std::vector<Oracle::Observation> Oracle::observations_of(const Order& order) {
  std::vector<Observation> all;
  const auto at = [&](const char* measure, std::optional<int64_t> time,
                      std::optional<int64_t> value = 1) {
    const bool is_there = time && value;
    all.push_back(is_there ? Observation{measure, *time, *value, order.names} : Observation{});
  };
  const auto between = [&](const char* measure, std::optional<int64_t> begin,
                           std::optional<int64_t> end, int64_t unit) {
    const bool is_there = begin && end && *end >= *begin;
    at(measure, is_there ? end : std::nullopt,
       is_there ? std::optional((*end - *begin) / (unit / 10'000)) : std::nullopt);
  };
  const auto measured = [&](const char* step, std::optional<int64_t> time) {
    return order.step(step).inferred ? std::nullopt : time;
  };
  const auto delivered = order.whole_at("delivered");
  const auto cancelled = order.whole_at("cancelled");
  const auto returned = order.whole_at("returned");
  std::optional<int64_t> ended;
  for (const auto& end : {delivered, cancelled, returned}) {
    if (end) ended = std::min(ended.value_or(*end), *end);
  }
  const auto arrived = measured("delivered", delivered);
  const auto left = measured("shipped", order.step("shipped").at);
  const auto begun = order.step("allocated").at ? measured("allocated", order.step("allocated").at)
                                                : measured("paid", order.step("paid").at);
  at("placed", order.placed_at);
  at("amount", order.placed_at, order.amount);
  at("paid", order.step("paid").at);
  at("shipped", order.step("shipped").at);
  at("delivered", delivered);
  at("cancelled", cancelled);
  at("cancelled_amount", cancelled, order.amount);
  at("returned", returned);
  at("returned_amount", returned, order.amount);
  const auto stands = [&](const char* measure, std::optional<int64_t> from) {
    const bool is_there = from && (!ended || *ended > *from);
    at(measure, is_there ? from : std::nullopt, 1);
    at(measure, is_there ? ended : std::nullopt, -1);
  };
  stands("open", order.placed_at);
  const bool has_promise = order.placed_at && order.promised_at;
  stands("late", has_promise ? std::optional(std::max(*order.promised_at, *order.placed_at))
                             : std::nullopt);
  between("cycle", order.placed_at, arrived, kHour);
  between("pick", begun, measured("picked", order.step("picked").at), kMinute);
  between("ship", order.placed_at, left, kHour);
  at("promised", order.promised_at ? arrived : std::nullopt);
  const bool is_on_time = order.promised_at && arrived && *arrived <= *order.promised_at;
  at("on_time", is_on_time ? arrived : std::nullopt);
  return all;
}

void Oracle::count_order(const ShopEvent& event) {
  auto& events = orders_[event.order];
  const auto before = observations_of(order_of(events));
  events.push_back(&event);
  const auto after = observations_of(order_of(events));
  for (size_t i = 0; i < after.size(); ++i) {
    if (before[i] == after[i]) continue;
    if (!before[i].measure.empty()) add(before[i], -1);
    if (!after[i].measure.empty()) add(after[i], 1);
  }
}

/// The latest count, of two of one time the later to come, and the moves after it.
int64_t Oracle::on_hand(const std::vector<const ShopEvent*>& events) const {
  const ShopEvent* count = nullptr;
  size_t counted = 0;
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i]->type != "stock.level" || (count && events[i]->time < count->time)) continue;
    count = events[i];
    counted = i;
  }
  int64_t units = count ? count->qty : 0;
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i]->type != "stock.moved") continue;
    const bool is_after =
        !count || events[i]->time > count->time || (events[i]->time == count->time && i > counted);
    if (is_after) units += events[i]->qty;
  }
  return units;
}

std::vector<Oracle::Observation> Oracle::stock_at(const std::string& sku,
                                                  const std::string& warehouse,
                                                  const Stock& stock) const {
  if (!stock.is_known) return {};
  const auto card = cards_.find(sku);
  Names names = {{"warehouse", warehouse}};
  if (card != cards_.end()) names["category"] = card->second.category;
  const int64_t units = on_hand(stock.events);
  std::vector<Observation> all = {{"out", stock.changed_at, units <= 0 ? 1 : 0, names}};
  if (card != cards_.end() && card->second.cost) {
    all.push_back(
        {"value", stock.changed_at, std::max<int64_t>(units, 0) * *card->second.cost, names});
  }
  return all;
}

void Oracle::count_stock(const ShopEvent& event) {
  Stock& stock = stocks_[{event.sku, event.warehouse}];
  // What lies before the latest count says nothing new.
  const bool is_past = std::any_of(
      stock.events.begin(), stock.events.end(),
      [&](const auto* known) { return known->type == "stock.level" && event.time < known->time; });
  if (is_past) return;
  const int64_t when = stock.is_known ? std::max(stock.changed_at, event.time) : event.time;
  stock.changed_at = when;
  for (const Observation& gone : stock_at(event.sku, event.warehouse, stock)) add(gone, -1);
  stock.events.push_back(&event);
  stock.is_known = true;
  for (const Observation& come : stock_at(event.sku, event.warehouse, stock)) add(come, 1);
}

void Oracle::count_card(const ShopEvent& event) {
  const auto known = cards_.find(event.sku);
  if (known != cards_.end() && known->second.since > event.time) return;
  for (auto& [place, stock] : stocks_) {
    if (place.first != event.sku || !stock.is_known) continue;
    stock.changed_at = std::max(stock.changed_at, event.time);
    for (const Observation& gone : stock_at(place.first, place.second, stock)) add(gone, -1);
  }
  cards_[event.sku] = {event.time, event.category, event.cost};
  for (auto& [place, stock] : stocks_) {
    if (place.first != event.sku) continue;
    for (const Observation& come : stock_at(place.first, place.second, stock)) add(come, 1);
  }
}

void Oracle::add(const Observation& observation, int64_t weight) {
  Signal signal{.measure = observation.measure,
                .minute = floor_to(observation.time, kMinute),
                .value = observation.value,
                .weight = weight,
                .closed_until = closed_until()};
  signal.was_closed = signal.closed_until != kNever && signal.minute < signal.closed_until;
  // A level that changed before what is still revised changes from there on.
  if (signal.was_closed && is_level(signal.measure)) {
    signal.minute = std::max(signal.minute, floor_to(signal.closed_until - kLateness, kMinute));
  }
  signals_.emplace_back(std::move(signal), observation.names);
}

std::map<std::string, std::string> Oracle::statuses() const {
  std::map<std::string, std::string> all;
  for (const auto& [id, events] : orders_) {
    const Order order = order_of(events);
    std::string status = "placed";
    for (const char* step : {"paid", "allocated", "picked", "packed"}) {
      if (order.step(step).at) status = step;
    }
    if (order.step("shipped").at) status = order.is_shipped() ? "shipped" : "partial_shipped";
    if (order.step("delivered").at) status = "partial_delivered";
    for (const char* step : {"delivered", "cancelled", "returned"}) {
      if (order.whole_at(step)) status = step;
    }
    all[id] = status;
  }
  return all;
}

// --- windows ---

bool Oracle::knows(const std::string& metric) {
  return definitions().contains(metric);
}

/// All up to the highest time, or up to the watermark where it was carried on beyond that.
bool Oracle::is_visible(const Signal& signal) const {
  return signal.minute <= std::max(highest_, watermark_);
}

const std::vector<Oracle::Signal>& Oracle::signals(const std::string& measure,
                                                   const std::string& dimensions) {
  if (signals_of_.empty()) {
    std::set<std::vector<std::string>> splits;
    for (const auto& [metric, definition] : definitions()) {
      splits.insert(definition.splits.begin(), definition.splits.end());
    }
    for (const auto& [signal, names] : signals_) {
      if (!is_visible(signal)) continue;
      for (const auto& split : splits) {
        const auto text = dimensions_of(names, split);
        if (text) signals_of_[{signal.measure, *text}].push_back(signal);
      }
    }
  }
  return signals_of_[{measure, dimensions}];
}

Oracle::Sum Oracle::sum_of(const std::string& measure, const KpiKey& key) {
  const int64_t end = key.start + key.seconds * kSecond;
  Sum sum;
  for (const Signal& signal : signals(measure, key.dimensions)) {
    if (signal.minute < key.start || signal.minute >= end) continue;
    if (signal.was_closed && end + kLateness <= signal.closed_until) continue;  // too late for it
    sum.sum += signal.value * signal.weight;
    sum.count += signal.weight;
  }
  return sum;
}

int64_t Oracle::level_of(const std::string& measure, const KpiKey& key) {
  const int64_t end = key.start + key.seconds * kSecond;
  int64_t level = 0;
  for (const Signal& signal : signals(measure, key.dimensions)) {
    if (signal.minute < end) level += signal.value * signal.weight;
  }
  return level;
}

std::optional<double> Oracle::value(const KpiKey& key) {
  const Definition& definition = definitions().at(key.metric);
  const std::string& first = definition.measures[0];
  if (definition.kind == "level") {
    return static_cast<double>(level_of(first, key)) / definition.scale;
  }
  Sum sum = sum_of(first, key);
  if (definition.kind == "sum") return static_cast<double>(sum.sum) / definition.scale;
  if (definition.kind == "mean") {
    if (sum.count == 0) return std::nullopt;
    return static_cast<double>(sum.sum) / definition.scale / static_cast<double>(sum.count);
  }
  int64_t rest = 0;
  for (size_t i = 1; i < definition.measures.size(); ++i) {
    rest += sum_of(definition.measures[i], key).sum;
  }
  if (definition.kind == "net") return static_cast<double>(sum.sum - rest) / definition.scale;
  if (rest == 0) return std::nullopt;
  return static_cast<double>(sum.sum) / static_cast<double>(rest);
}

std::set<KpiKey> Oracle::expected_rows() {
  std::set<KpiKey> rows;
  static_cast<void>(signals("placed", "{}"));  // sorts them by what they are about
  for (const auto& [metric, definition] : definitions()) {
    for (const auto& [about, all] : signals_of_) {
      const auto& [measure, dimensions] = about;
      const auto& measures = definition.measures;
      if (std::find(measures.begin(), measures.end(), measure) == measures.end()) continue;
      const bool is_split =
          std::any_of(definition.splits.begin(), definition.splits.end(), [&](const auto& split) {
            const auto named = std::count(dimensions.begin(), dimensions.end(), ':');
            return static_cast<size_t>(named) == split.size() &&
                   std::all_of(split.begin(), split.end(), [&](const std::string& dimension) {
                     return dimensions.find("\"" + dimension + "\":") != std::string::npos;
                   });
          });
      if (!is_split) continue;
      for (const Signal& signal : all) {
        for (const int64_t seconds : kWindows) {
          const KpiKey key{metric, dimensions, seconds, floor_to(signal.minute, seconds * kSecond)};
          if (rows.contains(key)) continue;
          const bool changed = sum_of(measure, key).sum != 0;
          if (changed && value(key)) rows.insert(key);
        }
      }
    }
  }
  return rows;
}

}  // namespace purvey::simulation
