#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace purvey::base {

/// One zstd frame that holds `bytes` and tells their number. Levels: negative ones are quicker, 1
/// is the usual. Errors: kExhausted without memory. O(bytes).
Result<std::string> pack(std::string_view bytes, int level);

/// What pack() was given. Errors: kCorrupt if `packed` is no such frame or says that it holds more
/// than `limit` bytes.
Result<std::string> unpack(std::string_view packed, size_t limit);

}  // namespace purvey::base
