#pragma once

#include <string>

#include "base/event_time.h"

namespace purvey::flow {

/// As base::format_rfc3339(), appended; without a detour over a string of its own.
void append_rfc3339(std::string& out, base::EventTime time);

}  // namespace purvey::flow
