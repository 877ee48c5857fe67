#pragma once

#include <memory>
#include <string>

#include "store/depot/store.h"

namespace purvey::app {

/// Opens the store of a data folder for questions, with everything that its server acknowledged:
/// after a kill the journal may hold events that no commit has, and these are counted first, as the
/// server's next start and stop would, with the settings that it ran with. Where the folder cannot
/// be written, a line on standard error says that they are missing from the answer.
///
/// Errors: those of Store::open() (kConflict while a process works on the folder), of the journal
/// and of the settings.
base::Result<std::unique_ptr<store::depot::Store>> open_up_to_date(const std::string& folder);

/// The same, for what only a folder without a server can give: the error says which server there
/// is.
base::Result<std::unique_ptr<store::depot::Store>> open_when_stopped(const std::string& folder);

}  // namespace purvey::app
