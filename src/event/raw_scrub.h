#pragma once

#include <string>
#include <string_view>

#include "event/pseudonym.h"

namespace purvey::event {

/// The raw text of a refused event, fit to be kept: whatever value stands behind a key
/// `customer_id` (also one written with escapes, a number or a nesting) becomes a pseudonym, and
/// what names a person anywhere else is masked. The text need not be JSON; a string that is cut off
/// counts to the end. Also made UTF-8: every wrong byte becomes `?`. O(text).
std::string scrub_raw(std::string_view raw, Pseudonymizer& people);

}  // namespace purvey::event
