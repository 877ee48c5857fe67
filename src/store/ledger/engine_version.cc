#include "store/ledger/engine_version.h"

#include <sqlite3.h>

namespace purvey::store::ledger {

std::string_view engine_version() {
  return sqlite3_libversion();
}

}  // namespace purvey::store::ledger
