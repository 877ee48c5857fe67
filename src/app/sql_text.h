#pragma once

#include <string>
#include <string_view>

namespace purvey::app {

/// A text as SQL writes it: `'it''s'`.
inline std::string sql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

}  // namespace purvey::app
