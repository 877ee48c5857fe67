#pragma once

#include <string>

#include "app/configuration.h"
#include "base/disk.h"

namespace purvey::app {

/// Notes in a data folder (`settings.path`) which settings its server runs with: what its journal
/// holds is to be counted with no others. Errors: kUnavailable.
base::Result<void> note_settings(const std::string& folder, const Configuration& configuration,
                                 base::Disk& disk);

/// The settings that were noted. Errors: kNotFound if nothing was; those of reading them.
base::Result<Configuration> noted_settings(const std::string& folder);

}  // namespace purvey::app
