#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace purvey::base {

/// Parses `512B`, `64KiB`, `64MiB`, `2GiB`, `1TiB` (powers of 1,024) or `kB`, `MB`, `GB`, `TB`
/// (powers of 1,000) to bytes, at most 2^53. Errors: kInvalidInput, saying what to write.
Result<int64_t> parse_byte_size(std::string_view text);

/// A text that parse_byte_size() reads back as the same: in the largest unit that is exact, powers
/// of 1,024 first.
std::string format_byte_size(int64_t bytes);

}  // namespace purvey::base
