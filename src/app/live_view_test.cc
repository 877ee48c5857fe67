#include "app/live_view.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "app/flow_fixture.h"
#include "app/open_store.h"
#include "app/replay.h"

namespace purvey::app {
namespace {

constexpr int64_t kDay = 86'400'000'000;

/// A shop whose stock moves in every way, in random order: few orders and articles, so that parts,
/// corrections, cancellations and counts meet.
class StockLife {
 public:
  explicit StockLife(uint32_t seed) : random_(seed) {}

  /// An event's type and data.
  std::pair<std::string, std::string> next() {
    const std::string sku = fmt::format("s{}", below(4));
    const std::string warehouse = fmt::format("w{}", below(3));
    switch (below(10)) {
      case 0:
      case 1:
        return {"order.placed", placed()};
      case 2:
      case 3:
      case 4:
        return {
            fmt::format("order.{}", word({"paid", "allocated", "allocated", "allocated", "picked",
                                          "shipped", "delivered", "cancelled", "returned"})),
            step()};
      case 5:
        return {"stock.level",
                fmt::format(R"({{"sku":"{}","warehouse":"{}","on_hand":{}{}}})", sku, warehouse,
                            below(90), maybe(3, fmt::format(R"(,"reserved":{})", below(9))))};
      case 6:
        return {"stock.moved",
                fmt::format(R"({{"sku":"{}","warehouse":"{}","qty":{},"reason":"adjust"}})", sku,
                            warehouse, below(30) - 15)};
      case 7:
      case 8:
        return {
            fmt::format("purchase.{}", word({"ordered", "shipped", "received", "cancelled"})),
            fmt::format(R"({{"po_id":"p{}","supplier":"u","sku":"{}","warehouse":"{}","qty":{}}})",
                        below(12), sku, warehouse, below(40))};
      default:
        return {below(2) == 0 ? "transfer.sent" : "transfer.received",
                fmt::format(R"({{"transfer_id":"t{}","sku":"{}","from":"w9","to":"{}","qty":{}}})",
                            below(12), sku, warehouse, below(40))};
    }
  }

  int64_t below(int64_t end) { return std::uniform_int_distribution<int64_t>(0, end - 1)(random_); }

 private:
  const char* word(std::initializer_list<const char*> words) {
    return words.begin()[below(static_cast<int64_t>(words.size()))];
  }
  std::string maybe(int64_t one_in, std::string text) {
    return below(one_in) == 0 ? std::move(text) : "";
  }

  std::string placed() {
    std::string lines;
    for (int64_t i = below(4); i >= 0; --i) {
      lines +=
          fmt::format(R"({}{{"sku":"s{}","qty":{},"price":1{}}})", lines.empty() ? "" : ",",
                      below(4), 1 + below(5), maybe(2, fmt::format(R"(,"line_no":{})", below(4))));
    }
    return fmt::format(
        R"({{"order_id":"o{}","customer_id":"c","currency":"CNY","amount":1{},"lines":[{}]}})",
        below(80), maybe(2, fmt::format(R"(,"warehouse":"w{}")", below(3))), lines);
  }

  std::string step() {
    return fmt::format(
        R"({{"order_id":"o{}"{}{}{}}})", below(80),
        maybe(2, fmt::format(R"(,"warehouse":"w{}")", below(3))),
        maybe(5, fmt::format(R"(,"shipment_id":"x{}")", below(3))),
        below(5) == 0 ? "" : fmt::format(R"(,"lines":[{{"sku":"s0","qty":{}}}])", 1 + below(4)));
  }

  std::mt19937 random_;
};

class LiveViewTest : public FlowFixture {
 protected:
  /// Replays random events into a data folder of the name `data`.
  void replay_random(uint32_t seed, const std::string& data) {
    StockLife life(seed);
    std::string text;
    for (int i = 0; i < 700; ++i) {
      const auto [type, body] = life.next();
      text += event(fmt::format("e{}", i), type, life.below(400), body);
    }
    const auto summary = run_replay({.files = {write(data + ".ndjson", text)},
                                     .data = path(data),
                                     .now = {kStart + 400 * kDay}},
                                    configuration_);
    ASSERT_TRUE(summary) << summary.error().message;
    ASSERT_EQ(summary->verdicts[static_cast<size_t>(event::Verdict::kAccepted)], 700U);
  }

  /// The stock that the saved state of `data` comes to, as rows of the view.
  std::string live_stock(const std::string& data) {
    base::Dictionary names;
    FlowState flow(configuration_, names, {kStart + 400 * kDay});
    const auto store = open_store(path(data), configuration_);
    EXPECT_TRUE(store) << store.error().message;
    const auto opened = flow.open(**store, path(data));
    EXPECT_TRUE(opened) << opened.error().message;
    std::string rows;
    for (const char* sku : {"s0", "s1", "s2", "s3"}) {
      const auto id = names.find(sku);
      if (!id) continue;
      for (const uint32_t warehouse : flow.shards().warehouses_of(*id)) {
        const flow::KnownStock stock = flow.shards().stock_of(*id, warehouse);
        if (!stock.is_known()) continue;
        rows += fmt::format("{}{},{},{},{},{},{}", rows.empty() ? "" : "\n", sku,
                            names.text(warehouse), stock.on_hand.value_or(0), stock.reserved(),
                            stock.in_transit, stock.available());
      }
    }
    return rows;
  }
};

TEST_F(LiveViewTest, stock_in_memory_is_that_of_the_view_also_after_a_restart) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    const std::string data = fmt::format("data{}", seed);
    configuration_.shards.shards = seed % 2 == 0 ? 3 : 1;
    replay_random(seed, data);
    const std::string expected =
        ask(data,
            "select sku, warehouse, on_hand, reserved, in_transit, available from stock "
            "order by sku, warehouse");
    configuration_.shards.shards = seed % 3 + 1;  // who owns what may change at a restart
    EXPECT_EQ(live_stock(data), expected) << "seed " << seed;
    EXPECT_EQ(ask(data, "select sum(reserved) > 0 and sum(in_transit) > 0 from stock"), "true");
  }
}

}  // namespace
}  // namespace purvey::app
