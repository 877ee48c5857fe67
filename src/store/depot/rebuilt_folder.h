#pragma once

#include <string>

#include "base/disk.h"
#include "base/result.h"

// A data folder that is worked out anew and takes the place of the old one, whole or not at all.
//
// 1. The new one is built in `rebuild.new/` within the old one, by who holds that alone. Until it
//    is done the old one stands; who opens it next for commits clears the rest away.
// 2. A rename makes `rebuild.new/` to `rebuilt/`: from this instant the new one is true.
// 3. What stands in `rebuilt/` takes the place of what has the same name beside it. Whoever opens
//    the folder next goes on with that where a crash ended it.
//
// Within, not beside: a data folder may be a mount point, and its lock stays one file throughout.
// What a rebuild does not make (keys, tokens, the note of the settings) stays where it is.

namespace purvey::store::depot {

/// Where the new one is to be built.
std::string rebuild_folder(const std::string& folder);

/// Removes what was built and not finished. Who calls holds the folder alone, as for the next two.
/// Errors: kUnavailable.
base::Result<void> clear_rebuild(const std::string& folder, base::Disk& disk);

/// Steps 2 and 3. What was built is a store that is closed, with everything durable. Errors:
/// kUnavailable: before step 2 nothing was changed; behind it the message begins with "done, but".
base::Result<void> put_in_place(const std::string& folder, base::Disk& disk);

/// Whether step 3 has yet to be ended.
base::Result<bool> is_being_replaced(const std::string& folder, base::Disk& disk);
/// Ends step 3, if it has begun.
base::Result<void> finish_replacing(const std::string& folder, base::Disk& disk);

}  // namespace purvey::store::depot
