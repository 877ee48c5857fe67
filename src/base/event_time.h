#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.h"

namespace purvey::base {

/// Microseconds between two event times.
using Micros = std::chrono::microseconds;

/// When something happened, as its source says: UTC microseconds since 1970. Not a wall clock's
/// reading: the two never mix without an explicit conversion.
struct EventTime {
  int64_t micros = 0;

  friend constexpr auto operator<=>(EventTime, EventTime) = default;
  friend constexpr EventTime operator+(EventTime time, Micros span) {
    return {time.micros + span.count()};
  }
  friend constexpr EventTime operator-(EventTime time, Micros span) {
    return {time.micros - span.count()};
  }
  friend constexpr Micros operator-(EventTime later, EventTime earlier) {
    return Micros{later.micros - earlier.micros};
  }
};

/// Before every event; what a watermark is before the first.
inline constexpr EventTime kNever{std::numeric_limits<int64_t>::min()};

/// The times that RFC 3339 can write: the years 1 to 9999 in UTC.
constexpr bool has_four_digit_year(EventTime time) {
  constexpr int64_t kDay = 86'400'000'000;
  return time.micros >= -719'162 * kDay && time.micros < 2'932'897 * kDay;
}

/// Parses RFC 3339 as CloudEvents has it: `2026-01-02T03:04:05[.fraction](Z|+hh:mm)`.
///
/// `T`, `t` or one blank between date and time; 1 to 9 fraction digits, cut (not rounded) to
/// microseconds; offsets up to 14:00; `:60` only for 23:59:60 UTC, read as the last microsecond of
/// :59. Years 0001 to 9999, also in UTC. Errors: kInvalidInput with what is wrong and what to
/// write.
Result<EventTime> parse_rfc3339(std::string_view text);

/// `2026-01-02T03:04:05.678Z`: UTC, fraction of 0, 3 or 6 digits, as short as is exact.
std::string format_rfc3339(EventTime time);

/// `2026-01-02`: the UTC day that `time` falls in.
std::string format_utc_date(EventTime time);

/// `2026-01`: the UTC month that `time` falls in.
std::string format_utc_month(EventTime time);

/// Days since 1970-01-01 of the UTC day that `time` falls in; floors for times before 1970.
constexpr int32_t utc_day(EventTime time) {
  constexpr int64_t kDay = 86'400'000'000;
  const int64_t day = time.micros / kDay;
  return static_cast<int32_t>(time.micros % kDay < 0 ? day - 1 : day);
}

/// Midnight UTC at which a civil date begins; the date must exist.
EventTime from_civil(int year, unsigned month, unsigned day);

}  // namespace purvey::base
