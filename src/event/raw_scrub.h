#pragma once

#include <string>
#include <string_view>

#include "event/pseudonym.h"

namespace purvey::event {

/// The raw text of a refused event, fit to be kept: the value of `customer_id` becomes its
/// pseudonym, and free text
/// (`text`, `query`, `message`) is masked, wherever a key and its string can be told in the text,
/// which need not be JSON; a string that is cut off at the end counts to the end. Also made UTF-8:
/// every wrong byte becomes `?`. O(text).
std::string scrub_raw(std::string_view raw, Pseudonymizer& people);

}  // namespace purvey::event
