#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scenarios/scenario.h"

namespace purvey::scenarios {

/// A way to run a scenario, which changes no result.
struct Mode {
  std::string_view name;
  size_t shards = 1;
  bool threads = false;        ///< of the shards
  bool one_by_one = false;     ///< every event is a message of its own
  bool commits = false;        ///< after each step
  bool restarts = false;       ///< a kill after each step, every other time with a commit before it
  bool small_buffers = false;  ///< rows go to parts of the archive early
  bool plays_journal = false;  ///< the digest of the journal is taken too
  uint64_t segment_bytes = 64U << 20;  ///< of the journal
  /// Another source sends things in between, and is purged at the end.
  bool has_noise = false;
};

/// The first is the plain one.
std::span<const Mode> all_modes();

/// What a run showed.
struct Outcome {
  std::vector<std::string> failures =
      {};                   ///< `file:line: ...`; empty if all that was expected was found
  std::string digest = {};  ///< of the data folder, after a graceful stop at the end
  std::string digest_of_journal = {};  ///< played into a fresh folder; empty if the mode does not
};

/// Runs a scenario on a data folder of its own. Of ExpectSameResults only the two digests are
/// compared, by whoever calls.
Outcome run_scenario(const Scenario& scenario, const Mode& mode);

}  // namespace purvey::scenarios
