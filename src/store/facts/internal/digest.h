#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/facts/internal/duck.h"

namespace purvey::store::facts::internal {

/// The order-free hash of all result tables and views by names (docs/data.md, section 4).
///
/// 1. A row's bytes: the hash of its columns' names and types, then each cell as a tag (0: null)
///    and its value: integers in 16 bytes little-endian, doubles by their bits (one zero, one nan),
///    texts with their length. Its hash: XXH3-128.
/// 2. A table: its name, its count of rows, and the sum of their hashes modulo 2^128.
/// 3. The digest: XXH3-128 of all tables in the order of their names.
/// Columns that say how or when a row was stored are left out: seq, received, revision,
/// updated_at, who. Cost: one pass over the rows, constant memory besides that of the views.
base::Result<std::string> compute_digest(const Session& session);

}  // namespace purvey::store::facts::internal
