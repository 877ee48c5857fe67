#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/configuration.h"
#include "app/flow_state.h"
#include "app/operator_command.h"
#include "app/replay.h"
#include "base/dictionary.h"
#include "event/batch.h"
#include "store/depot/store.h"
#include "store/ledger/journal.h"

namespace purvey::app {

/// What a record of the journal holds.
struct FlowInput {
  store::ledger::RecordKind kind = store::ledger::RecordKind::kTick;
  base::EventTime received = {};
  std::shared_ptr<event::EventBatch> batch = {};  ///< of events
  std::optional<OperatorCommand> command = {};    ///< of a command
};

/// Errors: kUnsupported for a record that a newer Purvey wrote.
base::Result<void> check_kind(const store::ledger::JournalRecord& record);

/// `names` is the dictionary of the flow that is to take it. Errors: kUnsupported for what a newer
/// Purvey wrote, kCorrupt.
base::Result<FlowInput> decode_record(const store::ledger::JournalRecord& record,
                                      base::Dictionary& names);
/// The body of a record of events, or of a command. Errors: kExhausted without memory.
base::Result<std::string> pack_events(const event::EventBatch& batch,
                                      const base::Dictionary& names);
base::Result<std::string> pack_command(const OperatorCommand& command,
                                       const base::Dictionary& names);

/// As the journal's record `number`.
void take_input(const FlowInput& input, int64_t number, FlowState& flow);

/// Brings the records that `flow` has not seen through it, those before `end`, and hands rows over
/// as they add up. `names` is the dictionary of the flow; others may intern meanwhile. Errors:
/// those of the journal and of `hand_over`.
using HandOver = std::function<base::Result<void>(flow::PendingRows)>;
base::Result<void> play_journal(store::ledger::Journal& journal, int64_t end,
                                base::Dictionary& names, FlowState& flow,
                                const HandOver& hand_over);

/// Plays the whole of a journal into a store that holds nothing yet, in `folder`, and commits.
/// Errors: kConflict if it holds something, kNotFound if the first records were dropped; those of
/// the store.
base::Result<ReplaySummary> replay_records(store::ledger::Journal& records,
                                           const std::string& folder, store::depot::Store& store,
                                           const Configuration& configuration);

/// Plays the whole of a journal into `data`, which holds nothing yet (empty: a temporary folder),
/// as a server would that took its records in and was stopped. Errors: kConflict if `data` holds
/// something, kNotFound if the journal's first records were dropped.
base::Result<ReplaySummary> replay_journal(const std::string& journal, const std::string& data,
                                           const Configuration& configuration);

}  // namespace purvey::app
