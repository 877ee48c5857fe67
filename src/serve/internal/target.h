#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "serve/internal/judged.h"

namespace purvey::serve {

/// What a request asks for.
struct Target {
  std::string_view path;              ///< as it came
  std::vector<std::string> segments;  ///< of the path, decoded
  std::vector<NamedText> query;       ///< decoded, in its order
};

/// Reads `/path?name=value&...` strictly: only characters that RFC 3986 allows, each % followed by
/// two hexadecimal digits, text that is UTF-8 without control characters once decoded, no segments
/// `.` and `..`. In the query `+` is a blank. Gives 400 for anything else, and for the other forms
/// of a target (`http://...`, `*`, `host:port`).
Judged<Target> read_target(std::string_view text);

}  // namespace purvey::serve
