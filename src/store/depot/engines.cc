#include "store/depot/engines.h"

#include <fmt/core.h>

#include "store/facts/engine_version.h"
#include "store/ledger/engine_version.h"

namespace purvey::store::depot {

std::string engine_versions() {
  return fmt::format("DuckDB {}, SQLite {}", facts::engine_version(), ledger::engine_version());
}

}  // namespace purvey::store::depot
