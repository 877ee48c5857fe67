#pragma once

#include <string>
#include <string_view>

#include "base/event_time.h"

namespace date {
class time_zone;
}

namespace purvey::base {

/// The zone that decides what a day is: `[site] timezone`. Cheap to copy; not for several threads
/// at once.
class SiteZone {
 public:
  /// UTC.
  SiteZone() = default;

  /// An IANA zone ("Asia/Shanghai"). Errors: kInvalidInput for an unknown one.
  static Result<SiteZone> find(std::string_view name);

  struct Day {
    EventTime start;  ///< first instant of the local day
    EventTime end;    ///< first instant of the next one: 23, 24 or 25 hours on
    int32_t date;     ///< of the day, as days since 1970-01-01
  };

  /// The local day that `time` falls in.
  Day day_of(EventTime time) const;

  const std::string& name() const { return name_; }

 private:
  const date::time_zone* zone_ = nullptr;
  std::string name_ = "UTC";
  mutable Day last_{{0}, {0}, 0};
};

}  // namespace purvey::base
