#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "base/event_time.h"
#include "base/hash.h"
#include "base/result.h"
#include "store/table.h"

namespace purvey::store {

/// One immutable file of the archive, as the manifest in state.db describes it.
struct Part {
  TableId table = TableId::kOrderHead;
  std::string month;  ///< `2026-01`: UTC month of the partition times in it
  std::string name;   ///< `part-<from>-<to>.parquet`
  uint64_t rows = 0;
  uint64_t bytes = 0;
  int64_t seq_from = 0;  ///< least and greatest `seq` in it
  int64_t seq_to = 0;
  base::EventTime time_from;  ///< least and greatest partition time in it
  base::EventTime time_to;
  base::Hash128 hash;  ///< XXH3-128 of the file

  static constexpr int32_t kUnknownDay = std::numeric_limits<int32_t>::min();
  /// First and last UTC day of the wall clock, since 1970-01-01, on which its rows were committed;
  /// kUnknownDay as long as nobody who knows the day has committed to the folder.
  int32_t stored_from = kUnknownDay;
  int32_t stored_to = kUnknownDay;
  bool is_thinned = false;  ///< of `kpi`: rows of 1-minute windows are gone

  /// `order_step/month=2026-01/part-1-900.parquet`: the place in the archive folder.
  std::string path() const;
};

/// Writes rows as one file of the archive's format; implemented by an engine.
class PartWriter {
 public:
  virtual ~PartWriter() = default;

  /// Writes the rows of `rows` in the order of `order` (each row once) to `path`, which does not
  /// exist. The file need not be durable yet. Errors: kUnavailable, as when the disk is full.
  virtual base::Result<void> write(const RowBuffer& rows, std::span<const uint32_t> order,
                                   const std::string& path) = 0;
};

/// Reads parts again; implemented by an engine.
class PartReader {
 public:
  virtual ~PartReader() = default;

  /// Appends all rows of `part`, whose file stands at `path`, to `rows`, in the order of the file.
  /// A row's partition time is its cell of time_column(), or the part's `time_from` where it has
  /// none. Errors: kCorrupt if the file has other columns, kUnavailable, kExhausted when
  /// `rows` would hold more than `bytes_max`.
  virtual base::Result<void> read(const Part& part, const std::string& path, size_t bytes_max,
                                  RowBuffer& rows) = 0;
};

/// The partition time of a row of `table` by the cell of its time column, RowBuffer::kNull for
/// none; `otherwise` where it has none.
base::EventTime partition_time(TableId table, int64_t cell, base::EventTime otherwise);

}  // namespace purvey::store
