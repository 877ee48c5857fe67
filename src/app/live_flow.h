#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/configuration.h"
#include "app/flow_state.h"
#include "app/operator_command.h"
#include "base/dictionary.h"
#include "event/batch.h"
#include "event/pseudonym.h"
#include "store/depot/folder_lock.h"
#include "store/depot/questions.h"
#include "store/depot/upkeep.h"

namespace purvey::app {

struct LiveOptions {
  std::string data;                             ///< the data folder
  base::Micros commit_interval{60'000'000};     ///< of wall time, between two commits of results
  size_t rows_per_commit = 1'000'000;           ///< or as many rows, if they come first
  uint64_t segment_bytes = 64U << 20;           ///< of the journal
  bool keep_journal = false;                    ///< also the segments that committed results cover
  uint64_t bytes_waiting_max = 32U << 20;       ///< of submissions before the journal has them
  std::function<base::EventTime()> clock = {};  ///< of the wall; the system's without one
  std::chrono::milliseconds upkeep_every{1'000};  ///< looks whether the archive is to be tidied
  size_t merge_fan = 8;                           ///< see store::archive::MergeRules
  store::depot::Retention retention = {};         ///< keeps everything
  /// Told, in a line, of what was dropped and of what the upkeep could not do.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
};

/// As the settings say, for a data folder.
LiveOptions live_options(const std::string& data, const Configuration& configuration);

/// A batch of decoded events, or a command, on its way into the journal.
struct Submission {
  std::shared_ptr<event::EventBatch> batch;
  /// Called once, by the journal's thread or submit()'s caller: the batch is on disk, or an error.
  std::function<void(base::Result<void>)> done;
  std::shared_ptr<const OperatorCommand> command = {};  ///< without a batch
  /// Called once it is counted, by the counting thread; not if the flow ends before.
  std::function<void()> counted = {};
};

/// The flow of a server. What is submitted goes into the journal, is acknowledged, and is then
/// counted; results are committed as time goes on. Whoever opens a folder plays the journal from
/// the last commit on, and takes events in meanwhile, so that a kill at any instant changes no
/// result.
///
/// Threads: one writes the journal (group commit: what arrives while it syncs goes with the next
/// transaction), one counts, one writes results. Whatever fails for good ends all three: nothing is
/// acknowledged any more, and opening the folder anew goes on from what is on disk.
class LiveFlow {
 public:
  /// Errors: those of the store (kConflict while another process holds the folder), of the journal
  /// and of the settings.
  static base::Result<std::unique_ptr<LiveFlow>> open(const LiveOptions& options,
                                                      const Configuration& configuration);
  /// Ends without a commit, as a kill would; stop() is the graceful way.
  virtual ~LiveFlow() = default;

  /// The dictionary of its batches, what makes pseudonyms, and the base currency: for decoders, of
  /// which one at a time may run, by the dictionary's interning().
  virtual base::Dictionary& names() = 0;
  virtual event::Pseudonymizer people(event::Pseudonymizer::Pseudonyms pseudonyms =
                                          event::Pseudonymizer::Pseudonyms::kHashed) const = 0;
  virtual std::optional<base::Currency> base_currency() const = 0;

  /// Errors: kExhausted while too much waits (try again soon) or, for events, while refusal() says
  /// so; or why the flow ended.
  virtual base::Result<void> submit(Submission submission) = 0;

  /// Has the counting thread run `question`, between two batches, soon. Errors: kExhausted while
  /// too much waits, or why the flow ended; `question` is not run then.
  virtual base::Result<void> ask(std::function<void(const FlowState&)> question) = 0;

  /// Calls `done` once everything acknowledged before is committed, or with why it will not be. A
  /// commit is made for it if there is need, but not more often than once a second nor for more
  /// than a tenth of the time. Errors: kExhausted while too much waits; `done` is not called then.
  virtual base::Result<void> when_committed(
      std::function<void(const base::Result<void>&)> done) = 0;

  /// Questions to what is committed, from any thread, until stop().
  virtual store::depot::Questions& questions() = 0;

  /// Says in the folder where this process answers.
  virtual base::Result<void> announce(const store::depot::Announcement& announcement) = 0;

  /// What was done to keep the archive small, since the start.
  virtual store::depot::UpkeepReport upkeep() const = 0;

  /// Why no more events are taken in, though all else goes on: the disk has reached its ceiling.
  virtual std::optional<std::string> refusal() const = 0;

  /// Why the flow ended, if it has by itself.
  virtual std::optional<base::Error> failure() const = 0;

  /// Takes nothing more, counts what was acknowledged, publishes what is open and commits.
  virtual base::Result<void> stop() = 0;
};

}  // namespace purvey::app
