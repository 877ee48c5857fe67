#pragma once

#include <string>

#include "base/dictionary.h"
#include "event/batch.h"

namespace purvey::event {

/// A decoded event as CloudEvents JSON again: known fields in the schema's order, times in UTC,
/// personal ids as their pseudonyms. Decoding it gives the same fields, but for a pseudonym, which
/// would be made a pseudonym once more. `row` must not be refused. O(event).
std::string encode_json(const EventBatch& batch, const EventRow& row,
                        const base::Dictionary& names);

}  // namespace purvey::event
