#pragma once

#include <string>

namespace purvey::app {

/// `purvey 0.1.0 (DuckDB v1.5.6, SQLite 3.40.1)`.
std::string version_text();

}  // namespace purvey::app
