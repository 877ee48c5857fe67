#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "app/configuration.h"
#include "app/input_history.h"
#include "base/result.h"

namespace purvey::app {

struct RebuildOptions {
  std::string data = {};    ///< the old folder, held by the caller, with the key of its pseudonyms
  std::string folder = {};  ///< the new one: made, and not there before
  std::string source = {};  ///< left out, as if it had never sent anything
  /// Told as it goes on: bytes of files and journal, events.
  std::function<void(uint64_t bytes, uint64_t events)> progress = {};
};

struct Rebuilt {
  int64_t next_seq = 1;
  std::string digest = {};
};

/// Works a data folder out again from everything that came into it, in the same order and with the
/// same wall times, but for one source: replays of files and stretches of the journal in turns, a
/// commit after each. The new folder has a journal of its own, of the records that are left.
///
/// What is known of an order or of a customer is a fold over events of all sources, which nothing
/// can be taken out of; the inputs are all there is to go back to.
///
/// Files must have been found. Errors: those of files (kConflict if one has changed since), journal
/// and store; the new folder is then good for nothing.
base::Result<Rebuilt> rebuild_without(const InputHistory& history, const RebuildOptions& options,
                                      const Configuration& configuration);

}  // namespace purvey::app
