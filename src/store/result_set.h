#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace purvey::store {

/// What the cells of a result column are, as far as a writer must know.
enum class CellKind : uint8_t {
  kText,       ///< also lists, structs and whatever else an engine has, as text
  kNumber,     ///< whole or decimal number: digits, sign, one point
  kDouble,     ///< as kNumber, with an exponent if shorter; `nan`, `inf`, `-inf`
  kFlag,       ///< `true`, `false`
  kTimestamp,  ///< `2026-01-02 03:04:05.678`, naive UTC, fraction as short as is exact
  kDate,       ///< `2026-01-02`
};

struct ResultColumn {
  std::string name;
  CellKind kind = CellKind::kText;
  std::string type;  ///< the engine's name: `DECIMAL(18,4)`
};

/// Some rows of a result: every cell as its canonical text, or null.
class ResultChunk {
 public:
  explicit ResultChunk(size_t columns) : columns_(columns) {}

  size_t columns() const { return columns_.size(); }
  size_t rows() const { return columns_.empty() ? 0 : columns_[0].ends.size(); }
  /// The text of a cell, nothing if it is null. The view lives until the chunk changes.
  std::optional<std::string_view> cell(size_t column, size_t row) const;

  /// For the engine: appends to the text of the next cell of a column, then closes the cell.
  std::string& text(size_t column) { return columns_[column].bytes; }
  void end_cell(size_t column, bool is_null);
  void clear();

 private:
  struct Column {
    std::string bytes;
    std::vector<size_t> ends;
    std::vector<bool> nulls;
  };
  std::vector<Column> columns_;
};

/// Takes a result as it comes: begin() once, then rows() for each chunk. An error from it ends the
/// query with that error.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual base::Result<void> begin(std::span<const ResultColumn> columns) = 0;
  virtual base::Result<void> rows(const ResultChunk& chunk) = 0;
};

/// What one query may take.
struct QueryLimits {
  std::chrono::milliseconds time{60'000};
  uint64_t rows = 1'000'000;  ///< rows after these are left out, and QueryEnd says so
  uint64_t memory_mb = 1024;  ///< of the engine; large sorts go to disk before they fail
  std::stop_token stop = {};  ///< ends it early
};

/// How a query ended.
struct QueryEnd {
  uint64_t rows = 0;       ///< given to the sink
  bool truncated = false;  ///< there were more than QueryLimits::rows
};

}  // namespace purvey::store
