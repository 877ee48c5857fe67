#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/configuration.h"
#include "oracle.h"
#include "random.h"
#include "shop.h"
#include "sim_disk.h"
#include "sim_server.h"

namespace purvey::simulation {

/// What disturbs one life of the server.
struct Disturbance {
  enum class Kind : uint8_t {
    kNone,
    kPowerCut,  ///< at step `at` of the disk in this life
    kKill,      ///< the process alone, at step `at`: what it wrote is in the cache of the system
    kFault,     ///< step `at` fails
    kFullDisk,  ///< `at` bytes are left
  };
  Kind kind = Kind::kNone;
  uint64_t at = 0;
  Survival survival = Survival::kNothing;  ///< of a power cut
  Fault fault = Fault::kError;
};

/// A bug put in by hand: what finds no bugs here finds none.
enum class Mutation : uint8_t {
  kNone,
  kJournalSyncs,    ///< the journal's log is never synced
  kPartSyncs,       ///< parts of the archive are never synced
  kFolderSyncs,     ///< names in the journal's folder are never synced
  kLedgerSyncs,     ///< state.db is never synced
  kBatchTwice,      ///< a batch is counted twice
  kBatchForgotten,  ///< a batch is acknowledged and not journaled
  kCent,            ///< one order is 0.01 dearer: no bug, but another digest
};

struct RunOptions {
  uint64_t seed = 1;
  bool small = false;  ///< a short shop, as crash points have to be tried one by one
  /// Of the lives in order; beyond the end, none. Without a value the seed decides.
  std::optional<std::vector<Disturbance>> disturbances = {};
  Mutation mutation = Mutation::kNone;
  bool verbose = false;
};

struct Outcome {
  std::optional<std::string> problem;  ///< what is wrong, in a line or a few
  uint64_t first_life_steps = 0;       ///< of the disk
  uint64_t steps = 0;
  uint64_t trace = 0;  ///< of all that happened: the same for the same seed
  uint64_t events = 0;
  uint64_t lives = 0;
  uint64_t crashes = 0;
  uint64_t faults = 0;
  uint64_t merges = 0;  ///< of parts of the archive
  std::string digest;
};

/// A shop, its senders, a network that loses, doubles and reorders, a server, its disk and a clock,
/// all by one seed; then what came of it is held against the oracle, and against the same journal
/// played without a disturbance.
Outcome run(const RunOptions& options);

}  // namespace purvey::simulation
