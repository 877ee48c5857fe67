#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/event_time.h"

namespace purvey::store {

/// What a column of a fact or result table holds; each engine has its own name for it.
enum class ColumnType : uint8_t {
  kText,       ///< VARCHAR
  kInteger,    ///< BIGINT
  kNumber,     ///< DOUBLE
  kFlag,       ///< BOOLEAN
  kTimestamp,  ///< TIMESTAMP, naive UTC, microseconds
  kDate,       ///< DATE, days since 1970-01-01
  kDecimal,    ///< DECIMAL(18,4), as an integer of ten-thousandths
};

struct ColumnSpec {
  std::string_view name;
  ColumnType type;
};

/// The append-only tables of docs/data.md, section 4. The first column of each is `seq`.
enum class TableId : uint8_t {
  kOrderHead,
  kOrderStep,
  kOrderLine,
  kPayment,
  kStockMove,
  kStockLevel,
  kSupplyStep,
  kTransferStep,
  kShipmentStep,
  kPosition,
  kBehavior,
  kAd,
  kFeedback,
  kRequest,
  kLog,
  kSpan,
  kSample,
  kChange,
  kPromotion,
  kCatalog,
  kKpi,
  kAnomaly,
  kIncidentStep,
  kQuality,
  kDeadLetter,
  kDeadLetterStep,
};
inline constexpr size_t kTables = 26;

struct TableSpec {
  TableId id;
  std::string_view name;
  std::span<const ColumnSpec> columns;
};

/// All tables, in the order of TableId.
std::span<const TableSpec> all_tables();
inline const TableSpec& table_spec(TableId id) {
  return all_tables()[static_cast<size_t>(id)];
}
/// The column, of a timestamp or a date, that holds a row's partition time (see RowBuffer); nothing
/// where the time stands in another table (order_line: in order_head).
std::optional<size_t> time_column(TableId table);

/// Rows of one table as columns, filled cell by cell from left to right and closed by end_row().
/// Every cell is written exactly once; the kind of cell must fit the column (checked in debug
/// builds).
///
/// `partition_time` of end_row() decides the month a row is archived under and its order within a
/// part.
class RowBuffer {
 public:
  static constexpr int64_t kNull = std::numeric_limits<int64_t>::min();

  explicit RowBuffer(TableId table);

  void text(std::string_view value);
  void integer(int64_t value) { cell(value); }
  void number(double value) { cell(std::bit_cast<int64_t>(value == 0 ? 0.0 : value)); }
  void flag(bool value) { cell(value ? 1 : 0); }
  void time(base::EventTime value) { cell(value.micros); }
  void date(int32_t days) { cell(days); }
  void decimal(int64_t ten_thousandths) { cell(ten_thousandths); }
  void null();
  /// As text(), but an empty text is null.
  void text_or_null(std::string_view value) { value.empty() ? null() : text(value); }
  void end_row(base::EventTime partition_time);

  TableId table() const { return table_; }
  size_t rows() const { return times_.size(); }
  size_t bytes() const;  ///< memory held, about

  /// Cells of a column that is not text: kNull, or the value (a double by its bits).
  std::span<const int64_t> cells(size_t column) const { return columns_[column].cells; }
  /// A cell of a text column; `is_null` tells a null from an empty text.
  std::string_view text_at(size_t column, size_t row) const;
  bool is_null(size_t column, size_t row) const { return columns_[column].cells[row] == kNull; }
  std::span<const base::EventTime> partition_times() const { return times_; }

  /// Copies the rows [begin, end) of `from`, a buffer of the same table, to the end.
  void append(const RowBuffer& from, size_t begin, size_t end);

  /// Empties it, keeping the memory.
  void clear();

 private:
  struct Column {
    std::vector<int64_t> cells;  ///< of text: offset << 24 | size
    std::string bytes;

    void append_texts(std::span<const int64_t> from, std::string_view texts);
  };

  void cell(int64_t value) { columns_[next_++].cells.push_back(value); }

  TableId table_;
  size_t next_ = 0;
  std::vector<Column> columns_;
  std::vector<base::EventTime> times_;
};

}  // namespace purvey::store
