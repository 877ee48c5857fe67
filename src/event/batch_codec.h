#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/dictionary.h"
#include "base/result.h"
#include "event/batch.h"

namespace purvey::event {

/// Appends rows [begin, end) of `batch`, refused ones too, to `out` in the binary form of
/// docs/formats/event-batch.md: names as text, so that it outlives the dictionary. O(rows).
void encode_rows(const EventBatch& batch, size_t begin, size_t end, const base::Dictionary& names,
                 std::string& out);

/// Adds the rows that encode_rows() wrote to `batch`, all or none counted: after an error the batch
/// is to be thrown away. Hashes of ids and texts are worked out again.
///
/// Errors: kCorrupt for bytes that it did not write, kUnsupported for a later version, kExhausted
/// if `names` is full.
base::Result<void> decode_rows(std::string_view bytes, base::Dictionary& names, EventBatch& batch);

}  // namespace purvey::event
