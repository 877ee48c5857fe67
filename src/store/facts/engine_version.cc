#include "store/facts/engine_version.h"

#include <duckdb.h>

namespace purvey::store::facts {

std::string_view engine_version() {
  std::string_view version = duckdb_library_version();
  if (version.starts_with('v')) version.remove_prefix(1);
  return version;
}

}  // namespace purvey::store::facts
