#pragma once

#include <simdjson.h>

#include <string_view>

#include "event/verdict.h"

namespace purvey::event {

/// The rejection of a text that simdjson could not parse: the same words wherever JSON comes in.
Refusal refusal_of(simdjson::error_code error);

/// "a string", "an object", ...: for messages.
std::string_view kind_of(const simdjson::dom::element& value);

}  // namespace purvey::event
