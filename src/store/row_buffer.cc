#include "base/check.h"
#include "store/table.h"

namespace purvey::store {
namespace {

constexpr unsigned kSizeBits = 24;

}  // namespace

RowBuffer::RowBuffer(TableId table) : table_(table), columns_(table_spec(table).columns.size()) {}

void RowBuffer::text(std::string_view value) {
  PURVEY_CHECK(value.size() < (1U << kSizeBits), "a text of 16 MiB in a table");
  Column& column = columns_[next_];
  cell(static_cast<int64_t>(column.bytes.size() << kSizeBits | value.size()));
  column.bytes.append(value);
}

void RowBuffer::null() {
  cell(kNull);
}

void RowBuffer::end_row(base::EventTime partition_time) {
  PURVEY_CHECK(next_ == columns_.size(), "a row with too few or too many cells");
  next_ = 0;
  times_.push_back(partition_time);
}

size_t RowBuffer::bytes() const {
  size_t sum = times_.size() * sizeof(base::EventTime);
  for (const Column& column : columns_) sum += column.cells.size() * 8 + column.bytes.size();
  return sum;
}

std::string_view RowBuffer::text_at(size_t column, size_t row) const {
  const int64_t cell = columns_[column].cells[row];
  if (cell == kNull) return {};
  const auto packed = static_cast<uint64_t>(cell);
  return std::string_view(columns_[column].bytes)
      .substr(packed >> kSizeBits, packed & ((1U << kSizeBits) - 1));
}

void RowBuffer::clear() {
  times_.clear();
  for (Column& column : columns_) {
    column.cells.clear();
    column.bytes.clear();
  }
}

}  // namespace purvey::store
