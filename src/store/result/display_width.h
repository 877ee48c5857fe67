#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace purvey::store::result {

/// Columns that UTF-8 text takes on a terminal: wide (CJK, emoji) letters 2, combining marks 0,
/// bytes that are not UTF-8 one each.
size_t display_width(std::string_view text);

/// `text` with controls as blanks or `\xNN`, bidirectional overrides and broken UTF-8 replaced,
/// cut to `width_max` columns with `…` at the end if it is longer.
std::string displayed(std::string_view text, size_t width_max);

}  // namespace purvey::store::result
