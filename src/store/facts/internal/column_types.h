#pragma once

#include <duckdb.h>

#include <string_view>

#include "store/facts/internal/duck.h"
#include "store/table.h"

namespace purvey::store::facts::internal {

/// DuckDB's type of a column.
LogicalType duck_type(ColumnType type);

/// Its name in SQL.
std::string_view sql_type(ColumnType type);

}  // namespace purvey::store::facts::internal
