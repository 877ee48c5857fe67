#pragma once

#include <absl/container/btree_map.h>

#include <array>
#include <cstdint>
#include <limits>

#include "base/byte_codec.h"
#include "base/site_zone.h"
#include "flow/metric/internal/cell.h"
#include "flow/metric/kpi_board.h"

namespace purvey::flow::internal {

constexpr int64_t kSecond = 1'000'000;  // times are microseconds since 1970
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kDay = 86'400 * kSecond;
constexpr int64_t kNowhere = std::numeric_limits<int64_t>::min();

// Places in kWindowSeconds.
constexpr size_t kMinutes = 0;
constexpr size_t kHours = 2;
constexpr size_t kDays = 3;
constexpr size_t kSizes = kWindowSeconds.size();

/// The greatest multiple of `unit` at or before `value`.
constexpr int64_t floor_to(int64_t value, int64_t unit) {
  const int64_t rest = value % unit;
  return rest < 0 ? value - rest - unit : value - rest;
}

/// Windows of one size, by their start.
using Blocks = absl::btree_map<int64_t, Block>;

/// The windows of all sizes: where each begins and ends, and what it holds.
class Windows {
 public:
  explicit Windows(base::SiteZone zone) : zone_(std::move(zone)) {}

  /// Of the window of `size` that holds `time`; days are those of the site.
  int64_t start_of(size_t size, int64_t time) const;
  int64_t end_of(size_t size, int64_t start) const;

  /// The window that starts at `start`, made if it is not there.
  Block& block(size_t size, int64_t start) { return blocks_[size][start]; }
  /// Null if nothing ever happened in it.
  const Block* find(size_t size, int64_t start) const;
  const Blocks& of(size_t size) const { return blocks_[size]; }

  void save(base::ByteWriter& writer) const;
  void load(base::ByteReader& reader, const MeasureNames& measures);

 private:
  base::SiteZone zone_;
  std::array<Blocks, kSizes> blocks_;
};

}  // namespace purvey::flow::internal
