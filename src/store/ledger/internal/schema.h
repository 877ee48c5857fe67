#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "store/ledger/internal/sqlite.h"

namespace purvey::store::ledger::internal {

/// The first version of `state.db` that knows on which days rows were stored.
inline constexpr int64_t kVersionOfDays = 3;

/// Makes the tables of `state.db` in a fresh file, gives those of an older version what they lack,
/// and has the file written ahead of (WAL). Errors: as Ledger::open().
base::Result<void> prepare_ledger(Sqlite& db, const std::string& path);

/// True if nothing was made in the file yet; an error if another program or a newer Purvey did.
base::Result<bool> is_fresh_ledger(Sqlite& db, const std::string& path);

base::Result<int64_t> ledger_version(Sqlite& db);

}  // namespace purvey::store::ledger::internal
