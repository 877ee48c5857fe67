#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace purvey::base {

/// Foreign text as a message shows it: one line of valid UTF-8, whatever the bytes were.
///
/// At most `bytes_max` bytes of it, cut between two letters and then followed by `...`; control
/// characters (C0, DEL, C1) become blanks, bytes that are not UTF-8 become `?`.
std::string shown_text(std::string_view text, size_t bytes_max);

}  // namespace purvey::base
