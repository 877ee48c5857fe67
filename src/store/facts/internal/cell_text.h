#pragma once

#include <duckdb.h>

#include "store/facts/internal/duck.h"
#include "store/result_set.h"

namespace purvey::store::facts::internal {

/// The kind and name of a type of DuckDB.
ResultColumn describe_column(std::string name, const LogicalType& type);

/// Appends the canonical texts of the first `rows` cells of `vector` to a column of `out`.
void append_cells(duckdb_vector vector, idx_t rows, size_t column, ResultChunk& out);

}  // namespace purvey::store::facts::internal
