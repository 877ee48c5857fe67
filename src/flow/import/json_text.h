#pragma once

#include <string>
#include <string_view>

#include "base/event_time.h"

namespace purvey::flow {

/// Appends `text`, which must be UTF-8, as a JSON string with its quotes.
void append_json(std::string& out, std::string_view text);

/// As base::format_rfc3339(), appended; without a detour over a string of its own.
void append_rfc3339(std::string& out, base::EventTime time);

}  // namespace purvey::flow
