#pragma once

#include <cstdint>
#include <string>

#include "base/hash.h"

namespace purvey::store {

/// A file of events that was taken in: by its content, not by its name.
struct KnownFile {
  base::Hash128 fingerprint = {};  ///< XXH3-128 of the raw bytes
  uint64_t size = 0;               ///< raw bytes
  base::Hash128 head_hash = {};    ///< XXH3-128 of the first MiB of the raw bytes
  std::string name = {};           ///< as the user gave it
  uint64_t events = 0;             ///< events received from it
};

}  // namespace purvey::store
