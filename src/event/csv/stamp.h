#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/event_time.h"
#include "base/result.h"

namespace date {
class time_zone;
}

namespace purvey::event::csv {

/// A reading of clock and calendar, before its zone is known.
struct Civil {
  int64_t micros = 0;                       ///< since 1970-01-01 00:00 of the same clock
  std::optional<int64_t> east_micros = {};  ///< the offset, where the text states one
};

/// One pattern of dates or times, such as `%d-%b-%y` or `%Y-%m-%d %H:%M:%S`.
///
/// %Y four digits; %y two (69 to 99 are 19xx); %m %d %H %I %M %S one or two; %b %B an English
/// month, short or long; %p AM or PM; %f a fraction of a second; %z an offset or Z; %s seconds
/// since 1970; %F = %Y-%m-%d, %T = %H:%M:%S; %% a percent sign. A blank stands for one or more; all
/// else is itself. The whole text must match.
class StampPattern {
 public:
  /// Errors: kInvalidInput that names the letter which is not known.
  static base::Result<StampPattern> compile(std::string_view pattern);

  std::optional<Civil> parse(std::string_view text) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string steps_;  ///< kinds of step and letters, alternating
};

/// A time zone of the IANA list, which turns clock readings into UTC.
class Zone {
 public:
  /// UTC.
  Zone() = default;
  /// Errors: kInvalidInput for a name that the list does not have.
  static base::Result<Zone> find(std::string_view name);

  /// UTC of a clock reading. A reading that occurs twice, as a clock is put back, is the earlier of
  /// the two; one that is skipped, as a clock is put forward, gives nothing. Not thread-safe.
  std::optional<base::EventTime> to_utc(int64_t local_micros);

 private:
  const date::time_zone* zone_ = nullptr;  ///< null: UTC
  // The stretch of clock readings, well away from any change, that share one offset.
  int64_t from_ = 0;
  int64_t until_ = 0;
  int64_t east_ = 0;
};

/// Why a text is no time.
enum class StampFault : uint8_t {
  kNone,
  kNoPattern,  ///< no pattern fits, or it is outside the years 1 to 9999 in UTC
  kSkipped,    ///< the clocks of the zone skipped it
};

/// Reads times by several patterns, the first that fits, in one zone.
class StampReader {
 public:
  StampReader(std::vector<StampPattern> patterns, Zone zone)
      : patterns_(std::move(patterns)), zone_(zone) {}

  StampFault read(std::string_view text, base::EventTime& time);

 private:
  std::vector<StampPattern> patterns_;
  Zone zone_;
};

}  // namespace purvey::event::csv
