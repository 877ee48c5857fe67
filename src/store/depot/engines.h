#pragma once

#include <string>

namespace purvey::store::depot {

/// The engines behind the store, for `purvey --version`: `DuckDB 1.5.6, SQLite 3.40.1`.
std::string engine_versions();

}  // namespace purvey::store::depot
