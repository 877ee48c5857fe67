#include "store/facts/internal/column_types.h"

#include "base/check.h"

namespace purvey::store::facts::internal {

LogicalType duck_type(ColumnType type) {
  constexpr uint8_t kDecimalWidth = 18;
  constexpr uint8_t kDecimalScale = 4;
  switch (type) {
    case ColumnType::kText:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
    case ColumnType::kInteger:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
    case ColumnType::kNumber:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE));
    case ColumnType::kFlag:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN));
    case ColumnType::kTimestamp:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP));
    case ColumnType::kDate:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_DATE));
    case ColumnType::kDecimal:
      return LogicalType(duckdb_create_decimal_type(kDecimalWidth, kDecimalScale));
  }
  base::check_failed("type", "a column type without a DuckDB type");
}

std::string_view sql_type(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
      return "VARCHAR";
    case ColumnType::kInteger:
      return "BIGINT";
    case ColumnType::kNumber:
      return "DOUBLE";
    case ColumnType::kFlag:
      return "BOOLEAN";
    case ColumnType::kTimestamp:
      return "TIMESTAMP";
    case ColumnType::kDate:
      return "DATE";
    case ColumnType::kDecimal:
      return "DECIMAL(18,4)";
  }
  base::check_failed("type", "a column type without a name in SQL");
}

}  // namespace purvey::store::facts::internal
