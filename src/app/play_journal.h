#pragma once

#include <string>

#include "app/configuration.h"
#include "app/flow_state.h"
#include "app/replay.h"
#include "base/dictionary.h"
#include "store/depot/store.h"
#include "store/ledger/journal.h"

namespace purvey::app {

/// Brings the records that `flow` has not seen through it, and rows into the store as they add up;
/// commits nothing. `names` is the dictionary of the flow. Errors: those of journal and store.
base::Result<void> play_journal(store::ledger::Journal& journal, base::Dictionary& names,
                                FlowState& flow, store::depot::Store& store);

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
