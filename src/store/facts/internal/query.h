#pragma once

#include <limits>
#include <string_view>

#include "base/result.h"
#include "store/facts/internal/duck.h"
#include "store/result_set.h"

namespace purvey::store::facts::internal {

/// For our own questions.
inline const QueryLimits kNoLimits{.time = std::chrono::hours{24 * 365},
                                   .rows = std::numeric_limits<uint64_t>::max(),
                                   .memory_mb = 0};

/// Runs one SELECT and gives its rows to `sink`. The memory limit is the session's. Errors:
/// kInvalidInput, kExhausted when the time is up or the memory full, those of `sink`.
base::Result<QueryEnd> run_query(const Session& session, std::string_view sql,
                                 const QueryLimits& limits, ResultSink& sink);

}  // namespace purvey::store::facts::internal
