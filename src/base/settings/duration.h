#pragma once

#include <string>
#include <string_view>

#include "base/event_time.h"
#include "base/result.h"

namespace purvey::base {

/// Longest duration that is taken: a century of days.
inline constexpr Micros kDurationMax = std::chrono::days{36'525};

/// Parses `5s`, `500ms`, `10m`, `24h`, `7d`, `2w`, `250us`, or several from large to small:
/// `1h30m`. Whole numbers only, no sign; 0 needs a unit too. Errors: kInvalidInput, saying what to
/// write.
Result<Micros> parse_duration(std::string_view text);

/// A text that parse_duration() reads back as the same, from days down: 90 s is `1m30s`. The
/// duration must not be negative.
std::string format_duration(Micros duration);

}  // namespace purvey::base
