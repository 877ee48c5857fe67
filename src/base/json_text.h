#pragma once

#include <string>
#include <string_view>

namespace purvey::base {

/// Appends `text`, which must be UTF-8, as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace purvey::base
