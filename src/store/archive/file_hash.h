#pragma once

#include <cstdint>
#include <string>

#include "base/hash.h"
#include "base/result.h"

namespace purvey::store::archive {

struct FileHash {
  uint64_t bytes = 0;
  base::Hash128 hash;
};

/// XXH3-128 of a file, read in pieces. Errors: kNotFound, kUnavailable.
base::Result<FileHash> hash_file(const std::string& path);

}  // namespace purvey::store::archive
