#pragma once

#include <cstddef>
#include <cstdint>
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

}  // namespace purvey::store
