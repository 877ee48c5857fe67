// Rows of order_step to Parquet, per codec, in CPU time of this process, beside what copying the
// same buffer costs.

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <numeric>
#include <vector>

#include "store/facts/parquet_writer.h"
#include "store/part.h"

namespace {

using purvey::base::EventTime;
using purvey::store::RowBuffer;
using purvey::store::TableId;
namespace facts = purvey::store::facts;

constexpr size_t kRows = 245'760;  // a full part
constexpr int kRounds = 7;

/// As a shop makes them: five steps an order, some minutes apart, mixed with those of others.
RowBuffer make_steps() {
  constexpr const char* kSteps[] = {"paid", "allocated", "picked", "packed", "shipped"};
  constexpr const char* kWarehouses[] = {"SH-01", "BJ-01", "GZ-01", "CD-01"};
  constexpr const char* kCarriers[] = {"SF", "YTO", "ZTO"};
  RowBuffer rows(TableId::kOrderStep);
  uint64_t random = 7;
  for (size_t i = 0; i < kRows; ++i) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    const size_t order = i / 5 + (random >> 33) % 64;
    const EventTime at{1'767'225'600'000'000 + static_cast<int64_t>(i) * 73'000};
    rows.integer(static_cast<int64_t>(i) + 1);
    rows.text(fmt::format("ORD-2026-{:010}", order));
    rows.text(kSteps[i % 5]);
    rows.time(at);
    rows.text(kWarehouses[(random >> 40) % 4]);
    rows.text_or_null(i % 5 == 4 ? kCarriers[(random >> 44) % 3] : "");
    i % 5 == 4 ? rows.text(fmt::format("SHP-{:012}", order)) : rows.null();
    rows.null();
    rows.flag(false);
    rows.null();
    rows.end_row(at);
  }
  return rows;
}

template <class Work>
double least_cpu_ns_per_row(Work work) {
  double best = 1e18;
  for (int round = 0; round < kRounds; ++round) {
    const std::clock_t start = std::clock();
    work();
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    best = std::min(best, seconds * 1e9 / static_cast<double>(kRows));
  }
  return best;
}

/// Copies every cell and text of the buffer once: the least that any writer does.
size_t copy_all(const RowBuffer& rows, std::vector<char>& into) {
  size_t used = 0;
  const auto columns = purvey::store::table_spec(rows.table()).columns;
  for (size_t column = 0; column < columns.size(); ++column) {
    if (columns[column].type != purvey::store::ColumnType::kText) {
      const auto cells = rows.cells(column);
      std::memcpy(into.data() + used, cells.data(), cells.size_bytes());
      used += cells.size_bytes();
      continue;
    }
    for (size_t row = 0; row < rows.rows(); ++row) {
      const auto text = rows.text_at(column, row);
      if (!text.empty()) std::memcpy(into.data() + used, text.data(), text.size());
      used += text.size();
    }
  }
  return used;
}

}  // namespace

int main() {
  const RowBuffer rows = make_steps();
  std::vector<uint32_t> order(rows.rows());
  std::iota(order.begin(), order.end(), 0U);
  std::vector<char> copy(rows.bytes());
  size_t copied = 0;
  const double copy_ns = least_cpu_ns_per_row([&] { copied = copy_all(rows, copy); });
  fmt::print("{} rows of order_step, CPU time, best of {} rounds\n", rows.rows(), kRounds);
  fmt::print("{:<22}{:>8.1f} ns/row  {:>6.1f} B/row\n", "baseline: copy cells", copy_ns,
             static_cast<double>(copied) / kRows);

  const std::string path =
      (std::filesystem::temp_directory_path() / "purvey-bench-archive.parquet").string();
  constexpr std::pair<const char*, facts::Compression> kCodecs[] = {
      {"parquet zstd", facts::Compression::kZstd},
      {"parquet snappy", facts::Compression::kSnappy},
      {"parquet uncompressed", facts::Compression::kNone}};
  for (const auto& [name, codec] : kCodecs) {
    const auto writer = facts::make_parquet_writer({.compression = codec});
    if (!writer) {
      fmt::print(stderr, "{}\n", writer.error().message);
      return 1;
    }
    bool failed = false;
    const double ns = least_cpu_ns_per_row([&] {
      std::remove(path.c_str());
      failed = failed || !(*writer)->write(rows, order, path);
    });
    if (failed) {
      fmt::print(stderr, "{}: cannot be written\n", path);
      return 1;
    }
    fmt::print("{:<22}{:>8.1f} ns/row  {:>6.1f} B/row\n", name, ns,
               static_cast<double>(std::filesystem::file_size(path)) / kRows);
  }
  std::remove(path.c_str());
  return 0;
}
