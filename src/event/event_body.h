#pragma once

#include <functional>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.h"
#include "event/batch.h"
#include "event/json_decoder.h"

namespace purvey::event {

/// How events stand in a message.
enum class BodyForm : uint8_t {
  kSingle,  ///< one event
  kArray,   ///< a JSON array of events
  kLines,   ///< one event a line (NDJSON)
};

/// Hands the texts of the events of a message to `take`, in order. Room for the decoder is added at
/// the end of `body`, so that each text may be read a little beyond its end.
///
/// Errors: as decode_body(), kExhausted if there are more than `most`. O(body).
base::Result<void> cut_body(BodyForm form, std::string& body,
                            const std::function<void(std::string_view text)>& take,
                            size_t most = std::numeric_limits<size_t>::max());

/// Decodes the events of a message into `batch`, a row for each: its place in the message is its
/// place in the batch. Room for the decoder is added at the end of `body`.
///
/// Errors: kInvalidInput if an array is none, or is broken between its elements, where nobody could
/// say which events are meant, kExhausted if there are more than `most` events: then the batch is
/// to be thrown away. O(body).
base::Result<void> decode_body(BodyForm form, std::string& body, JsonDecoder& decoder,
                               EventBatch& batch, size_t most = std::numeric_limits<size_t>::max());

/// As JsonDecoder::decode(), which takes no text beyond kLineBytesMax: that is a refused row.
void decode_within_limit(std::string_view text, JsonDecoder& decoder, EventBatch& batch);

}  // namespace purvey::event
