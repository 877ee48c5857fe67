#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <memory>

#include "algo/sketch/ddsketch.h"
#include "algo/sketch/hyperloglog.h"
#include "base/byte_codec.h"
#include "flow/metric/measure.h"

namespace purvey::flow::internal {

__extension__ using Wide = __int128;  // a sum that no number of 64-bit values overflows

/// One group's observations of one measure.
using SeriesKey = uint64_t;

constexpr SeriesKey series_key(uint32_t group, Measure measure) {
  return static_cast<uint64_t>(group) << 8 | static_cast<uint64_t>(measure);
}
constexpr uint32_t group_of(SeriesKey key) {
  return static_cast<uint32_t>(key >> 8);
}
constexpr Measure measure_of(SeriesKey key) {
  return static_cast<Measure>(key & 0xFF);
}

/// What sums do not tell of a series: quantiles, or of an identity measure who it was.
struct Sketch {
  algo::DdSketch quantiles;
  algo::HyperLogLog distinct;

  void merge(const Sketch& other) {
    quantiles.merge(other.quantiles);
    distinct.merge(other.distinct);
  }
};

/// What a window knows of one series.
struct Cell {
  Wide sum = 0;
  int64_t n = 0;
  std::unique_ptr<Sketch> sketch;  ///< only where quantiles or different ones are asked for

  /// `scale` as of scale_of().
  void add_to_sketch(const Signal& signal, double scale);
  void merge(const Cell& other);
  /// All that was added was taken back.
  bool is_empty() const { return n == 0 && sum == 0; }
};

class MeasureNames;

/// One window: its cells, and how often each group's rows were published.
struct Block {
  absl::flat_hash_map<SeriesKey, Cell> cells;
  absl::btree_map<uint32_t, int64_t> revisions;  ///< by group: of its next row
  /// Series of which something has just left the span of a trailing term.
  absl::btree_set<SeriesKey> slid;
  /// Forgets a cell whose all was taken back, unless a row was published of it: that is corrected.
  void forget_if_empty(SeriesKey key) {
    const auto cell = cells.find(key);
    const bool is_told = revisions.contains(group_of(key));
    if (cell != cells.end() && cell->second.is_empty() && !is_told) cells.erase(cell);
  }

  absl::btree_set<uint32_t> dirty;  ///< groups changed since the window was published
};

void save_block(const Block& block, base::ByteWriter& writer);
void load_block(base::ByteReader& reader, const MeasureNames& measures, Block& block);

/// Units of a value in 1 of a person's; `money_scale` as in KpiBoard::set_money_scale().
double scale_of(Measure measure, int64_t money_scale);

void save_wide(Wide value, base::ByteWriter& writer);
Wide load_wide(base::ByteReader& reader);

}  // namespace purvey::flow::internal
