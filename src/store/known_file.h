#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/event_time.h"
#include "base/hash.h"

namespace purvey::store {

/// Events of one source in a file.
struct SourceCount {
  std::string source = {};  ///< empty: of lines that name none
  uint64_t events = 0;      ///< received from it
  bool purged = false;      ///< they count no more: `purvey purge`
};

/// A file of events that was taken in: by its content, not by its name.
struct KnownFile {
  base::Hash128 fingerprint = {};  ///< XXH3-128 of the raw bytes
  uint64_t size = 0;               ///< raw bytes
  base::Hash128 head_hash = {};    ///< XXH3-128 of the first MiB of the raw bytes
  std::string name = {};           ///< as the user gave it
  uint64_t events = 0;             ///< events received from it
  // What it takes to take it in once more, at the same place among all that came:
  std::string path = {};                  ///< where it lay, absolute
  uint64_t commit = 0;                    ///< number of the one that took it in, from 1; 0: unknown
  base::EventTime received = {};          ///< of the wall clock, when its replay began
  int64_t next_record = 1;                ///< of the journal: the file came before it
  std::vector<SourceCount> sources = {};  ///< by name
};

}  // namespace purvey::store
