#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/output_file.h"
#include "app/running_server.h"
#include "base/result.h"

namespace purvey::app {

struct SqlArguments {
  std::string sql = {};
  WhereOptions where = {};
  ResultForm form = {};
  std::optional<uint64_t> rows = {};
  std::optional<uint64_t> seconds = {};
  std::optional<uint64_t> memory_mb = {};
  bool committed = false;                        ///< of a running server: as of its last commit
  std::string for_more = "--rows N takes more, up to [sql] rows of a server";  ///< what to write if there are more rows
};

/// Asks the folder, or the server that works on it, and writes the answer. Errors: those of either.
base::Result<void> ask_sql(const SqlArguments& arguments);

}  // namespace purvey::app
