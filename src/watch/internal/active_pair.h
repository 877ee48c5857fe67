#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/byte_codec.h"
#include "base/event_time.h"
#include "watch/rule.h"

namespace purvey::watch::internal {

/// A rule and a group that are not at rest.
struct ActivePair {
  bool firing = false;       ///< else pending
  int64_t held_windows = 0;  ///< beyond the threshold in a row, up to the firing
  int64_t back_windows = 0;  ///< firing: back in a row
  base::EventTime last_end;  ///< of the last window that counted
  base::EventTime fired;     ///< firing: end of the window that made it fire
  std::string title;         ///< firing: as told then
};

/// An ActivePair with the names by which it is found again.
struct SavedPair {
  std::string rule;
  std::string metric;
  std::string dimensions;
  int64_t window_seconds = 0;
  Severity severity = Severity::kWarning;
  ActivePair pair;
};

/// Whether differences of such times cannot overflow: of all that parse_rfc3339() gives.
bool is_sane(base::EventTime time);

/// Writes the pairs by rule, dimensions and time of firing: the same state is the same bytes.
void save_pairs(std::vector<SavedPair> pairs, base::ByteWriter& writer);

/// Errors: kCorrupt.
base::Result<std::vector<SavedPair>> load_pairs(base::ByteReader& reader);

}  // namespace purvey::watch::internal
