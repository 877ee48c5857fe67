#pragma once

#include <cstdint>
#include <functional>

#include "app/flow_state.h"
#include "base/result.h"
#include "flow/source/file_events.h"
#include "store/depot/store.h"

namespace purvey::app {

/// Told as reading goes on, by a thread of its own: raw bytes and events so far.
using FileProgress = std::function<void(uint64_t bytes, uint64_t events)>;

/// Brings the events of files through the flow at full speed, to its finish(): one thread reads and
/// decodes, this one counts and watches, one makes rows and writes them. Then calls `meanwhile`, if
/// there is one, while the last parts are written. Commits nothing. Errors: those of the files and
/// of the store.
base::Result<void> count_files(flow::FileEvents& events, FlowState& flow,
                               store::depot::Store& store, const FileProgress& progress,
                               const std::function<void()>& meanwhile = {});

}  // namespace purvey::app
