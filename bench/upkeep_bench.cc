// What it costs to keep the archive of a server small: many commits of some hundred rows, as a
// server makes one a minute, and the merging of their parts, beside copying the same parts.
//
//   bench_upkeep [COMMITS] [ROWS]   (default 400 and 500, of each of two tables)
//
// Merging runs between two commits here, on the same thread, so that its time can be taken alone.
#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "store/depot/store.h"
#include "store/depot/upkeep.h"

namespace {

using namespace purvey;
using store::RowBuffer;
using store::TableId;
using Clock = std::chrono::steady_clock;

constexpr int64_t kStart = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
constexpr int64_t kMinute = 60'000'000;

[[noreturn]] void fail(const std::string& what) {
  fmt::print(stderr, "bench_upkeep: {}\n", what);
  std::exit(3);
}

double seconds_since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

class AtOnce final : public base::Behind {
 public:
  void start(std::function<void()> work) override { work(); }
  void wait() override {}
};

RowBuffer steps_of(int64_t commit, int64_t rows, int64_t seq) {
  constexpr const char* kSteps[] = {"paid", "allocated", "picked", "packed", "shipped"};
  RowBuffer out(TableId::kOrderStep);
  for (int64_t i = 0; i < rows; ++i) {
    const base::EventTime at{kStart + commit * kMinute + i * (kMinute / rows)};
    out.integer(seq + i);
    out.text(fmt::format("ORD-2026-{:010}", (seq + i) / 5));
    out.text(kSteps[i % 5]);
    out.time(at);
    out.text("SH-01");
    out.null();
    out.null();
    out.null();
    out.flag(false);
    out.null();
    out.end_row(at);
  }
  return out;
}

RowBuffer kpis_of(int64_t commit, int64_t rows, int64_t seq) {
  RowBuffer out(TableId::kKpi);
  const base::EventTime at{kStart + commit * kMinute};
  for (int64_t i = 0; i < rows; ++i) {
    out.integer(seq);
    out.text(fmt::format("metric_{}", i % 50));
    out.text(fmt::format(R"({{"warehouse":"W-{}"}})", i / 50));
    out.time(at);
    out.integer(60);
    out.number(static_cast<double>(i * commit) * 0.37);
    out.integer(i);
    out.integer(0);
    out.flag(true);
    out.end_row(at);
  }
  return out;
}

template <class T>
T must(base::Result<T> result) {
  if (!result) fail(result.error().message);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

uint64_t bytes_of(const store::depot::Store& store) {
  uint64_t bytes = 0;
  for (const auto& part : store.parts()) bytes += part.bytes;
  return bytes;
}

/// Each part copied and synced: what the disk alone costs.
double copy_seconds(const store::depot::Store& store, const std::string& folder,
                    const std::string& copies) {
  base::Disk& disk = base::Disk::system();
  must(disk.make_folders(copies));
  const auto begun = Clock::now();
  int copy = 0;
  for (const auto& part : store.parts()) {
    std::string bytes;
    must(disk.read(folder + "/archive/" + part.path(), [&](std::string_view piece) {
      bytes += piece;
      return true;
    }));
    const std::string path = fmt::format("{}/{}", copies, copy++);
    must(disk.write(path, bytes, 0600));
    must(disk.sync(path));
  }
  return seconds_since(begun);
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t commits = argc > 1 ? std::strtoll(argv[1], nullptr, 10) : 400;
  const int64_t rows = argc > 2 ? std::strtoll(argv[2], nullptr, 10) : 500;
  std::string root = (std::filesystem::temp_directory_path() / "purvey-upkeep-XXXXXX").string();
  if (mkdtemp(root.data()) == nullptr) fail("no folder in " + root);
  const std::string folder = root + "/data";
  {
    const auto store = must(store::depot::Store::open({.folder = folder}));
    const auto upkeep =
        must(store::depot::Upkeep::open(*store, {.behind = std::make_shared<AtOnce>()}, {kStart}));
    double merging = 0;
    uint64_t bytes_added = 0;
    int64_t seq = 1;
    for (int64_t commit = 0; commit < commits; ++commit) {
      const uint64_t before = bytes_of(*store);
      must(store->append(steps_of(commit, rows, seq)));
      seq += rows;
      must(store->append(kpis_of(commit, rows, seq)));
      const base::EventTime now{kStart + commit * kMinute};
      must(store->commit({.next_seq = seq, .watermark = now, .stored_at = now}));
      bytes_added += bytes_of(*store) - before;
      const auto begun = Clock::now();
      do must(upkeep->step(now));
      while (upkeep->is_busy());
      merging += seconds_since(begun);
    }
    const auto report = upkeep->report();
    const double copying = copy_seconds(*store, folder, root + "/copies");
    const auto added = static_cast<double>(2 * commits * rows);
    const auto rewritten = static_cast<double>(report.rows_rewritten);
    const double megabytes = static_cast<double>(bytes_of(*store)) / 1e6;
    fmt::print("{} commits of {} rows in each of two tables\n", commits, rows);
    fmt::print("  copy and sync what is left     {:8.1f} MB/s   {:.2f} M rows/s\n",
               megabytes / copying, added / copying / 1e6);
    fmt::print("  merging                        {:8.1f} MB/s   {:.2f} M rows/s\n",
               static_cast<double>(report.bytes_written) / merging / 1e6,
               rewritten / merging / 1e6);
    fmt::print("  {} merges; each row written again {:.2f} times, bytes {:.2f} of those added\n",
               report.merges, rewritten / added,
               static_cast<double>(report.bytes_written) / static_cast<double>(bytes_added));
    fmt::print("  parts: {} where {} were added; {:.1f} MB where {:.1f} were\n",
               store->parts().size(), 2 * commits, megabytes,
               static_cast<double>(bytes_added) / 1e6);
    fmt::print("  merging took {:.2f} ms for each commit\n",
               merging * 1e3 / static_cast<double>(commits));
  }
  std::filesystem::remove_all(root);
  return 0;
}
