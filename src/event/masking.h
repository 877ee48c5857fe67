#pragma once

#include <string>
#include <string_view>

namespace purvey::event {

/// Replaces what names a person in free text: e-mail addresses by `[email]`, phone numbers by
/// `[phone]`, Chinese identity numbers (18 characters, check digit right) by `[id]`, payment cards
/// (13 to 19 digits, Luhn sum right) by
/// `[card]`. Digits may be grouped by blanks, hyphens, dots or brackets.
///
/// Phone numbers: Chinese mobiles (11 digits from 13 to 19, also behind +86 or 86), or `+` and 8 to
/// 15 digits. Where digits follow one another in groups, any run of whole groups counts. A run of
/// digits that is none of these (an order number, a price) stays. O(text).
///
/// Returns `text` itself, untouched, when there is nothing to mask, else a view of `scratch`.
std::string_view mask_personal(std::string_view text, std::string& scratch);

}  // namespace purvey::event
