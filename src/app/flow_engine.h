#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/configuration.h"
#include "app/flow_state.h"
#include "app/open_store.h"
#include "app/operator_command.h"
#include "app/row_writer.h"
#include "base/behind.h"
#include "base/dictionary.h"
#include "event/batch.h"
#include "event/pseudonym.h"
#include "store/depot/store.h"
#include "store/depot/upkeep.h"
#include "store/ledger/journal.h"

namespace purvey::app {

struct EngineOptions {
  std::string data;                        ///< the data folder
  uint64_t segment_bytes = 64U << 20;      ///< of the journal
  bool keep_journal = false;               ///< also the segments that committed results cover
  base::EventTime now = {};                ///< of the wall clock
  Ground ground = {};                      ///< disk and analytical engine
  std::shared_ptr<base::Behind> behind{};  ///< see store::ledger::JournalOptions
  std::function<event::Pseudonymizer::Key()> new_key = event::Pseudonymizer::random_key;
  store::depot::UpkeepOptions upkeep = {};
};

/// What a server does with events, without threads, clocks or waiting of its own: LiveFlow runs it
/// on three threads, the simulation (tests/simulation) on one, in any order that a seed says.
///
/// Three duties, each of which belongs to one thread at a time; what one gives the next in order:
///
///   submit -> [journal] write_journal() -> [counting] count(), prepare_commit() -> [results]
///   write()
///
/// After an error of a duty nothing more may be asked of the engine: opening the folder anew goes
/// on from what is on disk.
class FlowEngine {
 public:
  /// A batch that waits for the journal.
  struct Submitted {
    std::shared_ptr<event::EventBatch> batch = {};        ///< null if it is a command
    std::shared_ptr<const OperatorCommand> command = {};  ///< null if it is a batch
    /// Called once it is counted, by the counting thread; not if the flow ends before.
    std::function<void()> counted = {};
    /// Called once: the batch is on disk, or an error.
    std::function<void(const base::Result<void>&)> done = {};
    base::EventTime received = {};
    std::string body = {};  ///< of the journal's record, from pack()
  };

  /// A record of the journal on its way to be counted: a batch, a command, or a tick or stop
  /// without either.
  struct Journaled {
    std::shared_ptr<event::EventBatch> batch = {};
    int64_t number = 0;
    base::EventTime received = {};
    store::ledger::RecordKind kind = store::ledger::RecordKind::kEvents;
    std::shared_ptr<const OperatorCommand> command = {};
    std::function<void()> counted = {};

    bool is_tick() const { return !batch && !command; }
  };

  /// Rows on their way into the store, and perhaps the commit that makes them true.
  struct Results {
    flow::PendingRows rows = {};
    std::optional<store::depot::CommitInfo> commit = {};
    int64_t next_record = 0;
  };

  /// Opens the folder as its last commit left it; recover() comes next. That the journal can be
  /// played from there is looked at, so that events may be taken in at once. Errors: those of
  /// LiveFlow.
  static base::Result<std::unique_ptr<FlowEngine>> open(const EngineOptions& options,
                                                        const Configuration& configuration);

  // --- of any thread ---

  base::Dictionary& names() { return names_; }
  event::Pseudonymizer people(event::Pseudonymizer::Pseudonyms pseudonyms =
                                  event::Pseudonymizer::Pseudonyms::kHashed) const {
    return event::Pseudonymizer(key_, personal_, pseudonyms);
  }
  std::optional<base::Currency> base_currency() const { return base_currency_; }
  /// The body of a batch's record.
  base::Result<std::string> pack(const event::EventBatch& batch) const;
  base::Result<std::string> pack(const OperatorCommand& command) const;

  /// Questions to what is committed; goes before the engine does.
  base::Result<std::unique_ptr<store::depot::Questions>> questions() { return store_->questions(); }
  /// Says in the folder where it is to be asked.
  base::Result<void> announce(const store::depot::Announcement& announcement) {
    return store_->announce(announcement);
  }

  // --- of the journal ---

  using PassOn = std::function<void(Journaled)>;
  /// One transaction: the batches, and behind them a tick if `tick` gives the time of one. They are
  /// passed on to be counted and then acknowledged, so that whoever asks after the answer asks
  /// behind them; or all are refused with the error that it returns.
  base::Result<void> write_journal(std::vector<Submitted> submitted,
                                   std::optional<base::EventTime> tick, const PassOn& pass_on);
  /// A graceful stop at `now`, behind everything else: when it is counted, what is open is told.
  /// It stands in the journal, so that whoever plays it tells the same at the same place.
  base::Result<void> write_stop(base::EventTime now, const PassOn& pass_on);
  /// Removes segments that committed results cover, unless they are kept and there is room.
  base::Result<void> drop_covered();

  // --- of counting ---

  /// Before anything else of this duty: plays what the journal held behind the last commit when it
  /// was opened. Errors: those of the journal and of `hand_over`, which is told of rows that are to
  /// be written, as they add up.
  base::Result<void> recover(const std::function<base::Result<void>(Results)>& hand_over);
  /// Where one thread does everything.
  base::Result<void> recover() {
    return recover([this](const Results& results) { return write(results); });
  }

  void count(const Journaled& journaled);
  /// Waits for the shards: what was given to count() is counted then.
  const FlowState& settled() {
    flow_.settle();
    return flow_;
  }
  /// Whether anything came since the last commit was prepared.
  bool has_news() const { return flow_.next_record() != committing_record_; }
  size_t rows_waiting() const { return flow_.rows_waiting(); }
  Results take_rows() { return {.rows = flow_.take_rows()}; }
  /// All rows that wait, and the commit that makes what was counted true, at `now` of the wall
  /// clock. Errors: kUnavailable.
  base::Result<Results> prepare_commit(base::EventTime now);

  // --- of results ---

  base::Result<void> write(const Results& results);
  /// A step of the archive's upkeep, which waits for nothing; `now` is of the wall clock.
  base::Result<void> tidy(base::EventTime now) { return upkeep_->step(now); }
  /// Whether a rewrite goes on behind, so that tidy() has something to finish soon.
  bool is_tidying() const { return upkeep_->is_busy(); }
  /// Thread-safe, as the next.
  store::depot::UpkeepReport upkeep_report() const { return upkeep_->report(); }
  /// Why no more events are to be taken in; nothing if they are.
  std::optional<std::string> refusal() const { return upkeep_->refusal(); }

 private:
  FlowEngine(const EngineOptions& options, const Configuration& configuration);
  base::Result<void> open(const Configuration& configuration);
  base::Result<void> open_journal();

  const EngineOptions options_;
  const std::optional<base::Currency> base_currency_;
  base::Dictionary names_;
  FlowState flow_;
  event::Pseudonymizer::Key key_{};
  const event::PersonalFields personal_;
  std::unique_ptr<store::depot::Store> store_;
  std::optional<RowWriter> writer_;  ///< of results, into the store
  std::unique_ptr<store::depot::Upkeep> upkeep_;
  std::unique_ptr<store::ledger::Journal> journal_;
  std::unique_ptr<store::ledger::Journal> to_play_;  ///< the same one, for recover()
  std::atomic<int64_t> committed_record_{1};  ///< results of all records before it are committed

  int64_t dropped_before_ = 1;     ///< of the journal
  int64_t committing_record_ = 0;  ///< of counting: the last commit prepared covers what is before
};

}  // namespace purvey::app
