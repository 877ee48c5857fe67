// How fast `purvey import` takes in a CSV file, beside what reading alone costs: bench_import
// [MEGABYTES] [MAP].
//
// MAP is `rows` (one event a row), `orders` (rows grouped into orders with lines, two events each),
// or both without it. With `keep FILE` in place of a map the generated file is written to FILE and
// nothing is measured.

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/byte_source.h"
#include "event/csv/csv_reader.h"
#include "flow/import/import.h"

namespace {

namespace fs = std::filesystem;

constexpr const char* kHead = R"([import]
source = "bench"
currency = "EUR"
dates = ["%Y-%m-%d %H:%M:%S"]
[file.orders]
match = "*.csv"
)";

constexpr const char* kRowsMap = R"([[event]]
type = "order.paid"
from = "orders"
id = "{order_id}/{line}/paid"
time = "{paid_at}"
[event.data]
order_id = "{order_id}"
warehouse = "{warehouse}"
)";

constexpr const char* kOrdersMap = R"(group_by = "order_id"
[[event]]
type = "order.placed"
from = "orders"
id = "{order_id}/placed"
time = "{placed_at}"
[event.data]
order_id = "{order_id}"
customer_id = "{customer_id}"
region = "{region}"
amount = { sum_of = "orders", add = "{price}", times = "{qty}" }
lines = { each = "orders", sku = "{sku}", qty = "{qty}", price = "{price}" }
[[event]]
type = "order.paid"
from = "orders"
id = "{order_id}/paid"
time = "{paid_at}"
[event.data]
order_id = "{order_id}"
)";

/// Orders of one to four lines with times all over a year, some cells in quotes.
void generate(const fs::path& path, uint64_t bytes) {
  std::ofstream out(path, std::ios::binary);
  out << "order_id,line,customer_id,placed_at,paid_at,sku,qty,price,region,warehouse,comment\n";
  uint64_t state = 7;
  const auto random = [&state](uint64_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % below;
  };
  std::string block;
  uint64_t written = 0;
  for (uint64_t order = 0; written < bytes; ++order) {
    const uint64_t day = random(28) + 1;
    const uint64_t month = random(12) + 1;
    const uint64_t hour = random(23);
    const uint64_t minute = random(60);
    const uint64_t customer = random(1'000'000);
    for (uint64_t line = 1, lines = random(4) + 1; line <= lines; ++line) {
      block += fmt::format(
          "o{:010},{},c{:07},2025-{:02}-{:02} {:02}:{:02}:{:02},2025-{:02}-{:02} "
          "{:02}:{:02}:59,sku-{:05},"
          "{},{}.{:02},{},wh-{},\"quick, and good\"\n",
          order, line, customer, month, day, hour, minute, order % 60, month, day, hour + 1, minute,
          random(20'000), random(9) + 1, random(300), random(100), "NSWE"[random(4)], random(12));
    }
    if (block.size() < (1U << 20)) continue;
    out << block;
    written += block.size();
    block.clear();
  }
  out << block;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// The processor's time stands beside the clock's: the one holds on a busy machine too.
template <class Work>
void measure(std::string_view name, double megabytes, Work work) {
  const auto begin = std::chrono::steady_clock::now();
  const double cpu_before = cpu_seconds();
  const std::string note = work();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("{:<24} {:>7.1f} MB/s  {:>6.2f} s  {:>6.2f} s of processors  peak {:>4} MiB  {}\n",
             name, megabytes / seconds.count(), seconds.count(), cpu_seconds() - cpu_before,
             usage.ru_maxrss / 1024, note);
}

std::string split_lines(const fs::path& file) {
  auto source = purvey::base::open_byte_source(file).value();
  std::vector<char> block(1U << 20);
  uint64_t lines = 0;
  while (const size_t got = source->read(block).value()) {
    const char* at = block.data();
    const char* const end = at + got;
    while ((at = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at))))) {
      ++lines;
      if (++at == end) break;
    }
  }
  return fmt::format("{} lines", lines);
}

std::string read_rows(const fs::path& file) {
  auto reader = purvey::event::csv::open_csv(file, {}).value();
  purvey::event::csv::Row row;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  while (reader->next(row).value()) {
    ++rows;
    for (const auto cell : row.cells) bytes += cell.size();
  }
  return fmt::format("{} rows, {} bytes in cells", rows, bytes);
}

std::string import_with(const fs::path& folder, const fs::path& file, const char* map) {
  std::ofstream(folder / "map.toml") << kHead << map;
  purvey::flow::ImportOptions options;
  options.map = folder / "map.toml";
  options.inputs = {file};
  options.out = folder / "events.ndjson";
  const auto summary = purvey::flow::run_import(options);
  if (!summary) return summary.error().message;
  const auto size = fs::file_size(options.out);
  fs::remove(options.out);
  return fmt::format("{}, {} MB out", summary->json(), size / 1'000'000);
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t megabytes = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200;
  const std::string which = argc > 2 ? argv[2] : "both";
  if (which == "keep" && argc > 3) {
    generate(argv[3], megabytes * 1'000'000);
    return 0;
  }
  const fs::path folder =
      fs::temp_directory_path() / fmt::format("purvey-bench-import-{}", getpid());
  fs::create_directories(folder);
  const fs::path file = folder / "orders.csv";
  generate(file, megabytes * 1'000'000);
  const double size = static_cast<double>(fs::file_size(file)) / 1e6;
  fmt::print("{:.0f} MB of CSV; MB/s are of these\n", size);
  measure("baseline: lines only", size, [&] { return split_lines(file); });
  measure("baseline: CSV rows only", size, [&] { return read_rows(file); });
  if (which != "orders") {
    measure("import, one event a row", size, [&] { return import_with(folder, file, kRowsMap); });
  }
  if (which != "rows") {
    measure("import, orders of lines", size, [&] { return import_with(folder, file, kOrdersMap); });
  }
  fs::remove_all(folder);
  return 0;
}
