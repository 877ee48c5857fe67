#include "store/result_set.h"

namespace purvey::store {

std::optional<std::string_view> ResultChunk::cell(size_t column, size_t row) const {
  const Column& cells = columns_[column];
  if (cells.nulls[row]) return std::nullopt;
  const size_t begin = row == 0 ? 0 : cells.ends[row - 1];
  return std::string_view(cells.bytes).substr(begin, cells.ends[row] - begin);
}

void ResultChunk::end_cell(size_t column, bool is_null) {
  columns_[column].ends.push_back(columns_[column].bytes.size());
  columns_[column].nulls.push_back(is_null);
}

void ResultChunk::clear() {
  for (Column& column : columns_) {
    column.bytes.clear();
    column.ends.clear();
    column.nulls.clear();
  }
}

}  // namespace purvey::store
