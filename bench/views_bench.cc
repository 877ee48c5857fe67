// The store as a whole: rows in, then every view and the digest. `bench_views [ORDERS]`; the
// default makes about 2 million facts. CPU time, one thread. The baseline is a plain count over the
// same parts.

#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>

#include "store/depot/store.h"

namespace {

using purvey::base::EventTime;
using purvey::store::RowBuffer;
using purvey::store::TableId;
using purvey::store::depot::Store;

/// CPU time of this process: what others do on the machine does not count.
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// Keeps nothing.
class Sink final : public purvey::store::ResultSink {
 public:
  purvey::base::Result<void> begin(std::span<const purvey::store::ResultColumn>) override {
    return {};
  }
  purvey::base::Result<void> rows(const purvey::store::ResultChunk&) override { return {}; }
};

template <class T>
T must(purvey::base::Result<T> result) {
  if (!result) {
    fmt::print(stderr, "{}\n", result.error().message);
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// A shop's facts: each order with 2.5 lines, 6 steps, a payment, a level or move of stock.
class Shop {
 public:
  explicit Shop(Store& store) : store_(store) {}

  uint64_t fill(int64_t orders) {
    for (int64_t i = 0; i < orders; ++i) {
      add_order(i);
      if (i % 10'000 == 9'999) flush();
    }
    flush();
    return rows_;
  }

 private:
  void add_order(int64_t i) {
    constexpr const char* kSteps[] = {"paid",   "allocated", "picked",
                                      "packed", "shipped",   "delivered"};
    const std::string order = fmt::format("ORD-2026-{:010}", i);
    const std::string warehouse = fmt::format("WH-{:02}", i % 20);
    const EventTime placed{1'767'225'600'000'000 + i * 2'000'000};
    head(order, warehouse, placed);
    for (int64_t line = 1; line <= 2 + i % 2; ++line) {
      add_line(order, line, fmt::format("SKU-{:06}", (i * 31 + line * 7) % 20'000), placed);
    }
    ++seq_;
    const int64_t reached = i % 7 == 0 ? 2 : 6;
    for (int64_t step = 0; step < reached; ++step) {
      add_step(order, kSteps[step], EventTime{placed.micros + (step + 1) * 3'600'000'000});
    }
    add_stock(i, warehouse, placed);
  }

  void head(const std::string& order, const std::string& warehouse, EventTime placed) {
    heads_.integer(seq_);
    heads_.text(order);
    heads_.text(order.substr(order.size() - 6));
    heads_.text("web");
    heads_.text("east");
    heads_.text(warehouse);
    heads_.decimal(990'000);
    heads_.text("CNY");
    heads_.time(placed);
    heads_.time({placed.micros + 172'800'000'000});
    heads_.end_row(placed);
  }

  void add_line(const std::string& order, int64_t line, const std::string& sku, EventTime placed) {
    lines_.integer(seq_);
    lines_.text(order);
    lines_.integer(line);
    lines_.text(sku);
    lines_.integer(1 + line % 3);
    lines_.decimal(495'000);
    lines_.text("CNY");
    lines_.end_row(placed);
  }

  void add_step(const std::string& order, const char* step, EventTime at) {
    steps_.integer(seq_++);
    steps_.text(order);
    steps_.text(step);
    steps_.time(at);
    steps_.null();
    steps_.text("SF");
    steps_.null();
    steps_.null();
    steps_.flag(false);
    steps_.null();
    steps_.end_row(at);
  }

  void add_stock(int64_t i, const std::string& warehouse, EventTime at) {
    const std::string sku = fmt::format("SKU-{:06}", i % 20'000);
    if (i % 5 == 0) {
      levels_.integer(seq_++);
      levels_.text(sku);
      levels_.text(warehouse);
      levels_.time(at);
      levels_.integer(100);
      levels_.null();
      return levels_.end_row(at);
    }
    moves_.integer(seq_++);
    moves_.text(sku);
    moves_.text(warehouse);
    moves_.time(at);
    moves_.integer(-2);
    moves_.text("issue");
    for (int column = 0; column < 5; ++column) moves_.null();
    moves_.end_row(at);
  }

  void flush() {
    for (RowBuffer* rows : {&heads_, &lines_, &steps_, &moves_, &levels_}) {
      rows_ += rows->rows();
      must(store_.append(*rows));
      rows->clear();
    }
  }

  Store& store_;
  int64_t seq_ = 1;
  uint64_t rows_ = 0;
  RowBuffer heads_{TableId::kOrderHead};
  RowBuffer lines_{TableId::kOrderLine};
  RowBuffer steps_{TableId::kOrderStep};
  RowBuffer moves_{TableId::kStockMove};
  RowBuffer levels_{TableId::kStockLevel};
};

void ask(Store& store, const std::string& what, const std::string& sql, uint64_t rows) {
  Sink sink;
  const double start = cpu_seconds();
  must(store.query(sql, {.time = std::chrono::hours{1}}, sink));
  const double took = cpu_seconds() - start;
  fmt::print("{:<28}{:>9.3f} s  {:>7.0f} ns/fact\n", what, took,
             took * 1e9 / static_cast<double>(rows));
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t orders = argc > 1 ? std::atoll(argv[1]) : 200'000;
  const std::string folder =
      (std::filesystem::temp_directory_path() / "purvey-bench-views").string();
  std::filesystem::remove_all(folder);
  {
    const auto store = must(Store::open({.folder = folder}));
    double start = cpu_seconds();
    const uint64_t rows = Shop(*store).fill(orders);
    must(store->commit({.next_seq = 1 << 30, .watermark = {1'800'000'000'000'000}}));
    const double took = cpu_seconds() - start;
    fmt::print("{} facts written in {:.2f} s: {:.0f} ns/fact, making them included\n", rows, took,
               took * 1e9 / static_cast<double>(rows));
    ask(*store, "first question (views made)", "SELECT 1", rows);
    ask(*store, "baseline: count and sum",
        "SELECT (SELECT sum(seq) FROM order_step), (SELECT sum(seq) FROM order_line), "
        "(SELECT sum(seq) FROM stock_move)",
        rows);
    for (const char* view : {"orders", "stock", "shipments", "daily_sales"}) {
      ask(*store, view, fmt::format("SELECT count(COLUMNS(*)) FROM {}", view), rows);
    }
    start = cpu_seconds();
    must(store->digest());
    const double digest_took = cpu_seconds() - start;
    fmt::print("{:<28}{:>9.3f} s  {:>7.0f} ns/fact\n", "digest, verifying included", digest_took,
               digest_took * 1e9 / static_cast<double>(rows));
  }
  std::filesystem::remove_all(folder);
  return 0;
}
