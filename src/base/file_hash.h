#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "base/disk.h"
#include "base/hash.h"
#include "base/result.h"

namespace purvey::base {

struct FileHash {
  uint64_t bytes = 0;  ///< that were hashed
  Hash128 hash;
};

/// XXH3-128 of the first `limit` bytes of a file, of all if it has no more; read in pieces.
/// Errors: as read_error() of base/file.h.
Result<FileHash> hash_file(const std::string& path,
                           uint64_t limit = std::numeric_limits<uint64_t>::max(),
                           Disk& disk = Disk::system());

}  // namespace purvey::base
