#pragma once

#include <string>

#include "serve/http.h"

namespace purvey::serve {

/// Status line and header lines of an answer with the empty line after them, and with the lines
/// that every answer has for the safety of browsers. `keeps_alive`: the connection goes on. Control
/// characters in values become blanks: no value makes a line of its own.
std::string response_head(const Response& response, bool keeps_alive);

/// Whether an answer of this status may have a body.
bool may_have_body(int status);

}  // namespace purvey::serve
