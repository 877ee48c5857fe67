// How fast files of events go through the whole flow, beside what only reading them costs.
//
//   bench_replay [EVENTS]   (default 2,000,000)
//
// Prints, for the same generated file, warm: copying its bytes, decoding alone (one thread), and
// the whole replay to KPIs, incidents and all facts on disk (median of five runs), with the ratio
// of the last two.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "app/replay.h"
#include "app/temporary_folder.h"
#include "event/json_decoder.h"
#include "event/line_reader.h"

namespace {

using namespace purvey;

constexpr int64_t kStart = 1'767'225'600'000'000;  // 2026-01-01
constexpr int kRuns = 5;

/// A shop's day and a bit: orders through their steps, payments, stock moves and levels, views and
/// ratings.
class Shop {
 public:
  explicit Shop(std::ofstream& out) : out_(out) {}

  void make(size_t events) {
    while (made_ < events) one();
  }

 private:
  void one() {
    clock_ += static_cast<int64_t>(random_() % 2'000);  // about 1,000 events a second
    const uint64_t dice = random_() % 100;
    const uint64_t order = placed_ == 0 ? 0 : random_() % std::min<uint64_t>(placed_, 20'000);
    const uint64_t old = placed_ - order;
    if (dice < 15) return place();
    if (dice < 50) return step(old, dice);
    if (dice < 62) return pay(old, dice);
    if (dice < 80) {
      return write(
          "stock.moved",
          fmt::format(R"({{"sku":"SKU-{:05}","warehouse":"W{}","qty":{},"reason":"issue"}})",
                      random_() % 2'000, random_() % 5, -1 - static_cast<int>(random_() % 3)));
    }
    if (dice < 84) {
      return write("stock.level",
                   fmt::format(R"({{"sku":"SKU-{:05}","warehouse":"W{}","on_hand":{}}})",
                               random_() % 2'000, random_() % 5, random_() % 500));
    }
    if (dice < 97) {
      return write("behavior.viewed",
                   fmt::format(R"({{"customer_id":"C{}","session":"S{}","sku":"SKU-{:05}"}})",
                               random_() % 100'000, random_(), random_() % 2'000));
    }
    write("feedback.rated",
          fmt::format(R"({{"order_id":"O{:09}","score":{}}})", old, 1 + random_() % 5));
  }

  void place() {
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
    write("order.placed",
          fmt::format(R"({{"order_id":"O{:09}","customer_id":"C{}","channel":"{}","region":"R{}",)"
                      R"("warehouse":"W{}","promised_at":"{}","currency":"CNY","amount":{:.2f},)"
                      R"("lines":[{}]}})",
                      placed_, random_() % 100'000, random_() % 2 == 0 ? "app" : "web",
                      random_() % 10, random_() % 5,
                      base::format_rfc3339({clock_ + 172'800'000'000}), amount, lines));
  }

  void step(uint64_t order, uint64_t dice) {
    constexpr const char* kSteps[] = {"paid",   "allocated", "picked",
                                      "packed", "shipped",   "delivered"};
    write(fmt::format("order.{}", kSteps[dice % 6]),
          fmt::format(R"({{"order_id":"O{:09}","warehouse":"W{}","carrier":"K{}"}})", order,
                      random_() % 5, random_() % 4));
  }

  void pay(uint64_t order, uint64_t dice) {
    write(dice == 61 ? "payment.failed" : "payment.authorized",
          fmt::format(R"({{"order_id":"O{:09}","amount":{:.2f},"method":"{}","latency_ms":{}}})",
                      order, static_cast<double>(random_() % 100'000) / 100,
                      random_() % 2 == 0 ? "card" : "wallet", 50 + random_() % 900));
  }

  void write(const std::string& type, const std::string& data) {
    out_ << fmt::format(
        R"({{"specversion":"1.0","id":"e{:010}","source":"/shop/oms","type":"{}","time":"{}","data":{}}})"
        "\n",
        ++made_, type, base::format_rfc3339({clock_}), data);
  }

  std::ofstream& out_;
  std::mt19937_64 random_{7};
  size_t made_ = 0;
  uint64_t placed_ = 0;
  int64_t clock_ = kStart;
};

double seconds_of(const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

template <class T>
T must(base::Result<T> result) {
  if (result) return *std::move(result);
  fmt::print(stderr, "bench_replay: {}\n", result.error().message);
  std::exit(3);
}

double copy_seconds(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  std::vector<char> copy(1 << 20);
  return seconds_of([&] {
    for (size_t at = 0; at < bytes.size(); at += copy.size()) {
      std::memcpy(copy.data(), bytes.data() + at, std::min(copy.size(), bytes.size() - at));
      __asm__ volatile("" : : "r"(copy.data()) : "memory");
    }
  });
}

double decode_seconds(const std::string& path) {
  base::Dictionary names;
  event::JsonDecoder decoder(names, event::Pseudonymizer(event::Pseudonymizer::published_key()),
                             std::nullopt);
  event::LineReader lines(must(base::open_byte_source(path)));
  event::EventBatch batch;
  return seconds_of([&] {
    for (;;) {
      const auto line = must(lines.next());
      if (line.end) break;
      decoder.decode(line.text, batch);
      if (batch.rows.size() == 4096) batch.clear();
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  const size_t events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
  const auto folder = must(app::TemporaryFolder::make());
  const std::string path = folder.path() + "/events.ndjson";
  {
    std::ofstream out(path, std::ios::binary);
    Shop(out).make(events);
  }
  const auto configuration = must(app::load_configuration({}));
  const auto replay = [&] {
    return must(app::run_replay({.files = {path}, .data = "", .now = {kStart * 2}}, configuration));
  };

  const double copying = copy_seconds(path);
  std::vector<double> decoding;
  std::vector<double> replaying;
  app::ReplaySummary summary;
  for (int run = 0; run < kRuns; ++run) {
    decoding.push_back(decode_seconds(path));
    summary = replay();
    replaying.push_back(summary.seconds);
  }
  const auto rate = [&](double seconds) { return static_cast<double>(events) / seconds / 1e6; };
  fmt::print("{} events, {} facts, {} KPI rows; median of {} runs\n", events, summary.fact_rows,
             summary.kpi_rows, kRuns);
  fmt::print("  copy the bytes    {:8.2f} M events/s\n", rate(copying));
  fmt::print("  decode alone      {:8.2f} M events/s\n", rate(median(decoding)));
  fmt::print("  replay, all facts {:8.2f} M events/s   {:.2f} of decoding alone\n",
             rate(median(replaying)), median(decoding) / median(replaying));
  return 0;
}
