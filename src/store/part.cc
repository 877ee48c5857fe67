#include "store/part.h"

#include <fmt/core.h>

namespace purvey::store {

std::string Part::path() const {
  return fmt::format("{}/month={}/{}", table_spec(table).name, month, name);
}

base::EventTime partition_time(TableId table, int64_t cell, base::EventTime otherwise) {
  if (cell == RowBuffer::kNull) return otherwise;
  constexpr int64_t kDay = 86'400'000'000;
  const ColumnType type = table_spec(table).columns[*time_column(table)].type;
  return {type == ColumnType::kDate ? cell * kDay : cell};
}

}  // namespace purvey::store
