#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace purvey::base {

/// Writes `bytes` to `path` whole or not at all: to a temporary name beside it, fsync, rename,
/// fsync of the folder. `mode` are the permission bits. Errors: kUnavailable.
Result<void> write_file(const std::string& path, std::string_view bytes, unsigned mode = 0644);

/// All bytes of a file up to `limit`. Errors: kNotFound, kUnavailable, kExhausted above the limit.
Result<std::string> read_file(const std::string& path, size_t limit);

/// Makes what stands in a file durable. Errors: kUnavailable.
Result<void> sync_file(const std::string& path);

/// Makes the names in a folder durable (a new or renamed file is lost in a power cut without it).
Result<void> sync_folder(const std::string& path);

}  // namespace purvey::base
