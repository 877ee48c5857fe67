#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "store/facts/internal/duck.h"

namespace purvey::store::facts::internal {

enum class ExportFormat : uint8_t { kParquet, kCsv };

/// Writes each table and view to `folder/<name>.<format>`, all or none: into a folder beside it
/// with a name of its own, which is renamed at the end. `session` may write files. Errors:
/// kConflict if `folder` exists and is not empty, kUnavailable.
base::Result<void> export_all(const Session& session, const std::string& folder,
                              ExportFormat format);

}  // namespace purvey::store::facts::internal
