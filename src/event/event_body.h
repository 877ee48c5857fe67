#pragma once

#include <string>

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

/// Decodes the events of a message into `batch`, a row for each: its place in the message is its
/// place in the batch. Room for the decoder is added at the end of `body`.
///
/// Errors: kInvalidInput if an array is none, or is broken between its elements, where nobody could
/// say which events are meant: then the batch is to be thrown away. O(body).
base::Result<void> decode_body(BodyForm form, std::string& body, JsonDecoder& decoder,
                               EventBatch& batch);

}  // namespace purvey::event
