// How fast files of events go through the whole flow, beside what only reading them costs.
//
//   bench_replay [EVENTS] [SHARDS]   (default 2,000,000, and what `[limits] shards` is by default)
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
#include <string>
#include <vector>

#include "app/replay.h"
#include "app/temporary_folder.h"
#include "bench/shop.h"
#include "event/json_decoder.h"
#include "event/line_reader.h"

namespace {

using namespace purvey;

constexpr int64_t kStart = 1'767'225'600'000'000;  // 2026-01-01
constexpr int kRuns = 5;

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
    bench::Shop shop({kStart});
    std::string line;
    for (size_t i = 0; i < events; ++i) {
      line.clear();
      shop.write_next(line);
      out << line;
    }
  }
  auto configuration = must(app::load_configuration({}));
  if (argc > 2) configuration.shards.shards = std::strtoull(argv[2], nullptr, 10);
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
