#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "store/archive/archive.h"
#include "store/part.h"

namespace purvey::store::archive {

/// Which parts may become one.
struct MergeRules {
  size_t fan = 8;                 ///< so many parts of one tier are merged; at least 2
  uint64_t rows_max = kPartRows;  ///< of a merged part
  int32_t today = 0;              ///< UTC day since 1970-01-01
  /// Of a table: so many days of storing go together, so that a row that is to go by its age does
  /// not wait for younger ones longer than that. At least 1.
  std::function<int32_t(const Part&)> span_days = [](const Part&) { return 40; };
  /// Parts that were tried and are to be left alone.
  std::function<bool(const Part&)> is_left_alone = [](const Part&) { return false; };
};

/// The next parts to merge, of one table and month, oldest first; none if all is well.
///
/// Size-tiered compaction by rows, as in Cassandra (SizeTieredCompactionStrategy) and, for the
/// bound, the logarithmic method of Bentley and Saxe (1980):
///
/// 1. Parts of one table, one month and one span of days of storing belong together. One with more
///    than half of `rows_max` rows is full and stays as it is.
/// 2. Tier k holds parts of fan^k to fan^(k+1) - 1 rows. When a tier has `fan` parts, the oldest
///    ones that fit into `rows_max` become one: then it is of a higher tier, or full.
/// 3. When the span has passed, nothing comes to it any more: what is left of it becomes one part,
///    or as few as fit.
/// 4. Of all that could be merged, what costs the least rows for each part that goes comes first.
///
/// So a row is written again at most once for each tier, log_fan(rows_max) times (6 at the default;
/// 3 for rows that come in parts of some hundreds), and once more at the end of its span; and at
/// most (fan - 1) * log_fan(rows_max) small parts stand beside the full ones. Rejected: leveled
/// compaction, which keeps fewer files and writes each row `fan` times a level (O'Neil et al.
/// 1996). Cost: parts * log(parts).
std::vector<Part> plan_merge(std::span<const Part> parts, const MergeRules& rules);

}  // namespace purvey::store::archive
