#pragma once

#include <string>

#include "base/result.h"

namespace purvey::app {

/// What a folder of data shows at a glance, for people: the last day's KPIs and the latest
/// incidents, as tables. Errors: those of the store.
base::Result<std::string> describe_findings(const std::string& folder);

}  // namespace purvey::app
