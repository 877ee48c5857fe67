#pragma once

#include <cstdint>
#include <string>

#include "store/table.h"

namespace purvey::store {

/// Rows that were dropped because of their age or for want of room, of one table, up to now.
struct DroppedRows {
  TableId table = TableId::kOrderHead;
  std::string cause;  ///< the key of `[retention]` that says so
  uint64_t rows = 0;
  int64_t seq_to = 0;     ///< the greatest `seq` among them, or above it
  int32_t stored_to = 0;  ///< the last UTC day, since 1970-01-01, on which one was stored

  friend bool operator==(const DroppedRows&, const DroppedRows&) = default;
};

}  // namespace purvey::store
