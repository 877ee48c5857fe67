#include <algorithm>

#include "base/check.h"
#include "store/table.h"

namespace purvey::store {
namespace {

constexpr unsigned kSizeBits = 24;
constexpr int64_t kSizeMask = (int64_t{1} << kSizeBits) - 1;

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

void RowBuffer::append(const RowBuffer& from, size_t begin, size_t end) {
  PURVEY_CHECK(from.table_ == table_ && end <= from.rows(), "rows of another table, or too many");
  PURVEY_CHECK(next_ == 0, "rows are appended in the middle of a row");
  times_.insert(times_.end(), from.times_.begin() + static_cast<ptrdiff_t>(begin),
                from.times_.begin() + static_cast<ptrdiff_t>(end));
  const auto specs = table_spec(table_).columns;
  for (size_t column = 0; column < columns_.size(); ++column) {
    const std::span<const int64_t> cells = from.cells(column).subspan(begin, end - begin);
    if (specs[column].type == ColumnType::kText) {
      columns_[column].append_texts(cells, from.columns_[column].bytes);
    } else {
      columns_[column].cells.insert(columns_[column].cells.end(), cells.begin(), cells.end());
    }
  }
}

void RowBuffer::Column::append_texts(std::span<const int64_t> from, std::string_view texts) {
  // Texts lie in the order of their cells, so those of a range of rows are one range of bytes.
  const auto present = [](int64_t cell) { return cell != kNull; };
  const auto first = std::find_if(from.begin(), from.end(), present);
  if (first == from.end()) {
    cells.insert(cells.end(), from.begin(), from.end());
    return;
  }
  const int64_t last = *std::find_if(from.rbegin(), from.rend(), present);
  const auto start = static_cast<size_t>(*first >> kSizeBits);
  const auto stop = static_cast<size_t>((last >> kSizeBits) + (last & kSizeMask));
  const int64_t shift = static_cast<int64_t>(bytes.size()) - static_cast<int64_t>(start);
  bytes.append(texts.substr(start, stop - start));
  const size_t end = cells.size();
  cells.resize(end + from.size());
  std::transform(
      from.begin(), from.end(), cells.begin() + static_cast<ptrdiff_t>(end),
      [&](int64_t cell) { return cell == kNull ? kNull : cell + shift * (kSizeMask + 1); });
}

void RowBuffer::clear() {
  times_.clear();
  for (Column& column : columns_) {
    column.cells.clear();
    column.bytes.clear();
  }
}

}  // namespace purvey::store
