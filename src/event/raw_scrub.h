#pragma once

#include <string>
#include <string_view>

#include "event/pseudonym.h"

namespace purvey::event {

/// The raw text of a refused event, fit to be kept: whatever value stands behind a key
/// `customer_id`, or one of the site's personal fields, becomes a pseudonym, and what names a
/// person anywhere else is masked. The text need not be JSON: the key may be in any case, quoted in
/// any way or not at all, with escapes, with or without a colon behind; the value a string, a
/// number, a nesting, or words up to the next member. In doubt more goes; a string that is cut off
/// counts to the end. Also made UTF-8: every wrong byte becomes `?`. O(text).
std::string scrub_raw(std::string_view raw, Pseudonymizer& people);

}  // namespace purvey::event
