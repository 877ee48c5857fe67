#include "shop.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/event_time.h"

namespace purvey::simulation {
namespace {

std::string money(int64_t hundredths) {
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

std::string rfc3339(int64_t micros) {
  return base::format_rfc3339({micros});
}

/// Writes `"name":value` with commas between.
class Fields {
 public:
  void text(std::string_view name, const std::string& value) {
    if (!value.empty()) raw(name, fmt::format("\"{}\"", value));
  }
  void raw(std::string_view name, std::string_view value) {
    text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "" : ",", name, value);
  }
  std::string object() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

std::string lines_of(const std::vector<ShopLine>& lines, bool priced) {
  std::string text;
  for (const ShopLine& line : lines) {
    text += fmt::format("{}{{\"sku\":\"{}\",\"qty\":{}{}}}", text.empty() ? "" : ",", line.sku,
                        line.qty, priced ? ",\"price\":1.25" : "");
  }
  return "[" + text + "]";
}

bool is_about_order(const ShopEvent& event) {
  return event.type.starts_with("order.") || event.type.starts_with("payment.");
}

std::string data_of(const ShopEvent& event) {
  Fields data;
  const bool is_placed = event.type == "order.placed";
  const bool is_incomplete = event.form == ShopEvent::Form::kIncomplete;
  if (!is_incomplete && is_about_order(event)) data.text("order_id", event.order);
  if (is_placed) data.text("customer_id", "c-" + event.order);
  data.text("channel", event.channel);
  data.text("region", event.region);
  data.text("carrier", event.carrier);
  data.text("shipment_id", event.shipment);
  data.text("method", event.method);
  data.text("category", event.category);
  if (!is_incomplete) data.text("sku", event.sku);
  data.text("warehouse", event.warehouse);
  if (event.promised_at) data.text("promised_at", rfc3339(*event.promised_at));
  if (event.amount) data.raw("amount", money(*event.amount));
  if (event.cost) data.raw("cost", money(*event.cost));
  if (event.amount || event.cost) data.text("currency", "CNY");
  if (is_placed || !event.lines.empty()) data.raw("lines", lines_of(event.lines, is_placed));
  if (event.inferred) data.raw("inferred", "true");
  if (event.type == "stock.level") data.raw("on_hand", std::to_string(event.qty));
  if (event.type == "stock.moved") {
    data.raw("qty", std::to_string(event.qty));
    data.text("reason", event.qty > 0 ? "receipt" : "issue");
  }
  return data.object();
}

/// Works out what it says and the line that says it.
void write_out(ShopEvent& event) {
  if (event.form == ShopEvent::Form::kImpossible && event.type == "stock.level") event.qty = -5;
  const std::string said = fmt::format(R"("type":"{}","time":"{}","data":{})", event.type,
                                       rfc3339(event.time), data_of(event));
  event.content = said;
  event.json = fmt::format(R"({{"specversion":"1.0","id":"{}","source":"{}",{}}})", event.id,
                           event.source, said);
  if (event.form == ShopEvent::Form::kBroken) event.json.resize(event.json.size() / 2);
}

class Maker {
 public:
  Maker(const ShopOptions& options, Random random) : options_(options), random_(random) {}

  std::vector<ShopEvent> make() {
    for (int i = 0; i < 4; ++i) add_card(i);
    for (const auto& sku : skus_) {
      for (const auto& warehouse : warehouses_) add_count(sku, warehouse, options_.begins_at);
    }
    for (int i = 0; i < options_.orders; ++i) add_order(i);
    for (int i = 0; i < options_.stock_moves; ++i) add_move();
    for (int i = 0; i < 4; ++i) add_card(i);
    const size_t good = events_.size();
    for (size_t i = 0; i < good; ++i) add_trouble(events_[i]);
    std::stable_sort(events_.begin(), events_.end(),
                     [](const ShopEvent& a, const ShopEvent& b) { return a.sent_at < b.sent_at; });
    return std::move(events_);
  }

 private:
  int64_t some_time() { return options_.begins_at + random_.between(0, options_.lasts); }

  /// Adds an event as its source sends it: soon, most of the time.
  void add(ShopEvent event) {
    event.id = fmt::format("e{}", next_id_++);
    event.sent_at = event.time + random_.between(0, 3 * kSecond);
    if (random_.chance(options_.slightly_late)) event.sent_at += random_.between(0, 20 * kMinute);
    if (random_.chance(options_.hours_late)) event.sent_at += random_.between(0, 20 * kHour);
    if (random_.chance(options_.days_late)) event.sent_at += random_.between(20 * kHour, 3 * kDay);
    if (random_.chance(options_.in_the_future)) event.time = event.sent_at + kHour;
    write_out(event);
    events_.push_back(std::move(event));
  }

  void add_card(int sku) {
    add({.source = "/catalog",
         .type = "catalog.sku",
         .time = some_time(),
         .sku = skus_[static_cast<size_t>(sku)],
         .category = random_.chance(0.5) ? "toys" : "books",
         .cost = random_.between(100, 5'000)});
  }

  void add_count(const std::string& sku, const std::string& warehouse, int64_t time) {
    add({.source = "/wms",
         .type = "stock.level",
         .time = time,
         .warehouse = warehouse,
         .sku = sku,
         .qty = random_.between(0, 30)});
  }

  void add_move() {
    const std::string& sku = random_.pick(skus_);
    const std::string& warehouse = random_.pick(warehouses_);
    if (random_.chance(0.2)) return add_count(sku, warehouse, some_time());
    const int64_t qty = random_.between(1, 12);
    add({.source = "/wms",
         .type = "stock.moved",
         .time = some_time(),
         .warehouse = warehouse,
         .sku = sku,
         .qty = random_.chance(0.6) ? -qty : qty});
  }

  void add_order(int number) {
    ShopEvent placed{.source = "/oms", .type = "order.placed", .time = some_time()};
    placed.order = fmt::format("o{}", number);
    placed.channel = random_.chance(0.5) ? "web" : "app";
    if (random_.chance(0.8)) placed.region = random_.chance(0.5) ? "east" : "west";
    if (random_.chance(0.5)) placed.warehouse = random_.pick(warehouses_);
    if (random_.chance(0.8)) placed.promised_at = placed.time + random_.between(0, 2 * kDay);
    placed.amount = random_.between(1, 100'000);
    for (int64_t i = random_.between(0, 3); i > 0; --i) {
      placed.lines.push_back({random_.pick(skus_), random_.between(1, 5)});
    }
    add(placed);
    add_payments(placed);
    if (random_.chance(0.15)) {
      placed.time += random_.between(0, kHour);
      placed.amount = *placed.amount + random_.between(-1, 500);
      if (random_.chance(0.5)) placed.region = "north";
      add(placed);  // a correction
    }
    add_steps(placed);
  }

  void add_payments(const ShopEvent& placed) {
    while (random_.chance(0.7)) {
      const bool failed = random_.chance(0.2);
      add({.source = "/pay",
           .type = failed ? "payment.failed" : "payment.authorized",
           .time = placed.time + random_.between(0, 10 * kMinute),
           .order = placed.order,
           .amount = placed.amount,
           .method = random_.chance(0.5) ? "card" : "wallet"});
    }
  }

  void add_steps(const ShopEvent& placed) {
    ShopEvent step{.source = "/oms", .time = placed.time};
    step.order = placed.order;
    const auto next = [&](const char* type, int64_t most) {
      step.type = type;
      step.time += random_.between(0, most);
      add(step);
    };
    if (random_.chance(0.1)) return next("order.cancelled", 3 * kHour);
    if (random_.chance(0.9)) next("order.paid", 20 * kMinute);
    if (random_.chance(0.6)) next("order.allocated", kHour);
    step.source = "/wms";
    if (random_.chance(0.5)) step.warehouse = random_.pick(warehouses_);
    if (random_.chance(0.7)) next("order.picked", kHour);
    if (random_.chance(0.2)) return;
    step.carrier = random_.chance(0.5) ? "swift" : "slow";
    if (!placed.lines.empty() && random_.chance(0.3)) {
      add_parts(placed, step);
    } else {
      step.inferred = random_.chance(0.1);
      next("order.shipped", 6 * kHour);
      if (random_.chance(0.8)) next("order.delivered", kDay);
    }
    step.inferred = false;
    if (random_.chance(0.1)) next("order.returned", kDay);
  }

  /// The lines leave and arrive one by one, some of them never.
  void add_parts(const ShopEvent& placed, const ShopEvent& step) {
    int number = 0;
    for (const ShopLine& line : placed.lines) {
      ShopEvent part = step;
      part.type = "order.shipped";
      part.time += random_.between(0, 6 * kHour);
      part.lines = {line};
      if (random_.chance(0.7)) part.shipment = fmt::format("{}-{}", placed.order, ++number);
      add(part);
      part.type = "order.delivered";
      part.time += random_.between(0, kDay);
      if (random_.chance(0.3)) part.lines.clear();
      if (random_.chance(0.8)) add(part);
    }
  }

  void add_trouble(const ShopEvent& about) {
    const auto later = [&](ShopEvent event) {
      event.sent_at += random_.between(0, kHour);
      events_.push_back(std::move(event));
    };
    ShopEvent event = about;  // events_ may move
    if (random_.chance(options_.sent_again)) later(event);
    if (random_.chance(options_.in_conflict)) later(changed(event));
    if (!random_.chance(options_.bad)) return;
    event.id = fmt::format("bad{}", next_id_++);
    event.form = random_.chance(0.4)   ? ShopEvent::Form::kBroken
                 : random_.chance(0.5) ? ShopEvent::Form::kIncomplete
                                       : ShopEvent::Form::kImpossible;
    if (event.form == ShopEvent::Form::kImpossible) {
      event = {.source = "/wms",
               .id = event.id,
               .type = "stock.level",
               .time = event.time,
               .sent_at = event.sent_at,
               .form = event.form,
               .warehouse = "north",
               .sku = "s1"};
    }
    write_out(event);
    later(std::move(event));
  }

  const ShopOptions& options_;
  Random random_;
  const std::vector<std::string> skus_ = {"s1", "s2", "s3", "s4"};
  const std::vector<std::string> warehouses_ = {"north", "south"};
  std::vector<ShopEvent> events_;
  int next_id_ = 1;
};

}  // namespace

std::vector<ShopEvent> make_shop(const ShopOptions& options, Random random) {
  return Maker(options, random).make();
}

ShopEvent a_cent_more(const ShopEvent& event) {
  ShopEvent dearer = event;
  dearer.amount = event.amount.value_or(0) + 1;
  write_out(dearer);
  return dearer;
}

ShopEvent changed(const ShopEvent& event) {
  ShopEvent other = event;
  other.time += kSecond;
  if (other.amount) other.amount = *other.amount + 1;
  write_out(other);
  return other;
}

}  // namespace purvey::simulation
