#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <tuple>
#include <vector>

#include "base/byte_codec.h"
#include "flow/metric/kpi_board.h"
#include "flow/metric/pack.h"

namespace purvey::app {

/// The row of the last closed window of each KPI, group and size of window: what questions about
/// the present are answered with. One thread.
class LatestKpis {
 public:
  /// Rows of windows that are not closed are passed over.
  void note(const flow::KpiRow& row);

  /// All, in the order of comes_before().
  std::vector<flow::KpiRow> rows() const;

  /// By KPI, group, size and start of the window.
  static bool comes_before(const flow::KpiRow& a, const flow::KpiRow& b);

  void save(base::ByteWriter& writer, const flow::Pack& pack) const;
  /// Into a fresh object; KPIs that `pack` no longer has are dropped. Groups keep their numbers.
  void load(base::ByteReader& reader, const flow::Pack& pack);

 private:
  absl::flat_hash_map<std::tuple<uint32_t, uint32_t, int64_t>, flow::KpiRow> rows_;
};

}  // namespace purvey::app
