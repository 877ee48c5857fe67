#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>

#include "base/event_time.h"

namespace purvey::bench {

/// A shop's day and a bit: orders through their steps, payments, stock moves and levels, views and
/// ratings.
class Shop {
 public:
  /// Events begin at `start` and come about `per_second` in a second of event time.
  explicit Shop(base::EventTime start, int64_t per_second = 1'000)
      : gap_(2'000'000 / per_second), clock_(start.micros) {}

  /// Appends one event, a line of NDJSON.
  void write_next(std::string& out) {
    const size_t before = made_;
    while (made_ == before) one(out);
  }

 private:
  void one(std::string& out) {
    clock_ += static_cast<int64_t>(random_() % static_cast<uint64_t>(gap_));
    const uint64_t dice = random_() % 100;
    const uint64_t order = placed_ == 0 ? 0 : random_() % std::min<uint64_t>(placed_, 20'000);
    const uint64_t old = placed_ - order;
    if (dice < 15) return place(out);
    if (dice < 50) return step(out, old, dice);
    if (dice < 62) return pay(out, old, dice);
    if (dice < 80) {
      return write(
          out, "stock.moved",
          fmt::format(R"({{"sku":"SKU-{:05}","warehouse":"W{}","qty":{},"reason":"issue"}})",
                      random_() % 2'000, random_() % 5, -1 - static_cast<int>(random_() % 3)));
    }
    if (dice < 84) {
      return write(out, "stock.level",
                   fmt::format(R"({{"sku":"SKU-{:05}","warehouse":"W{}","on_hand":{}}})",
                               random_() % 2'000, random_() % 5, random_() % 500));
    }
    if (dice < 97) {
      return write(out, "behavior.viewed",
                   fmt::format(R"({{"customer_id":"C{}","session":"S{}","sku":"SKU-{:05}"}})",
                               random_() % 100'000, random_(), random_() % 2'000));
    }
    write(out, "feedback.rated",
          fmt::format(R"({{"order_id":"O{:09}","score":{}}})", old, 1 + random_() % 5));
  }

  void place(std::string& out) {
    ++placed_;
    std::string lines;
    double amount = 0;
    for (uint64_t i = 0, count = 1 + random_() % 4; i < count; ++i) {
      const uint64_t qty = 1 + random_() % 3;
      const auto cents = 100 + random_() % 20'000;
      amount += static_cast<double>(qty * cents) / 100;
      lines += fmt::format(R"({}{{"sku":"SKU-{:05}","qty":{},"price":{:.2f}}})", i == 0 ? "" : ",",
                           random_() % 2'000, qty, static_cast<double>(cents) / 100);
    }
    write(out, "order.placed",
          fmt::format(R"({{"order_id":"O{:09}","customer_id":"C{}","channel":"{}","region":"R{}",)"
                      R"("warehouse":"W{}","promised_at":"{}","currency":"CNY","amount":{:.2f},)"
                      R"("lines":[{}]}})",
                      placed_, random_() % 100'000, random_() % 2 == 0 ? "app" : "web",
                      random_() % 10, random_() % 5,
                      base::format_rfc3339({clock_ + 172'800'000'000}), amount, lines));
  }

  void step(std::string& out, uint64_t order, uint64_t dice) {
    constexpr const char* kSteps[] = {"paid",   "allocated", "picked",
                                      "packed", "shipped",   "delivered"};
    write(out, fmt::format("order.{}", kSteps[dice % 6]),
          fmt::format(R"({{"order_id":"O{:09}","warehouse":"W{}","carrier":"K{}"}})", order,
                      random_() % 5, random_() % 4));
  }

  void pay(std::string& out, uint64_t order, uint64_t dice) {
    write(out, dice == 61 ? "payment.failed" : "payment.authorized",
          fmt::format(R"({{"order_id":"O{:09}","amount":{:.2f},"method":"{}","latency_ms":{}}})",
                      order, static_cast<double>(random_() % 100'000) / 100,
                      random_() % 2 == 0 ? "card" : "wallet", 50 + random_() % 900));
  }

  void write(std::string& out, const std::string& type, const std::string& data) {
    out += fmt::format(
        R"({{"specversion":"1.0","id":"e{:010}","source":"/shop/oms","type":"{}","time":"{}","data":{}}})"
        "\n",
        ++made_, type, base::format_rfc3339({clock_}), data);
  }

  std::mt19937_64 random_{7};
  size_t made_ = 0;
  uint64_t placed_ = 0;
  int64_t gap_;  ///< twice the mean between two events, microseconds
  int64_t clock_;
};

}  // namespace purvey::bench
