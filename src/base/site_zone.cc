#include "base/site_zone.h"

#include <date/tz.h>
#include <fmt/core.h>

namespace purvey::base {

Result<SiteZone> SiteZone::find(std::string_view name) {
  SiteZone zone;
  if (name == "UTC") return zone;
  try {
    zone.zone_ = date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return invalid_input(
        fmt::format("no time zone \"{}\"; write an IANA name, as Asia/Shanghai or UTC", name));
  }
  zone.name_ = std::string(name);
  return zone;
}

SiteZone::Day SiteZone::day_of(EventTime time) const {
  constexpr int64_t kDay = 86'400'000'000;
  if (zone_ == nullptr) {
    const int32_t date = utc_day(time);
    return {{date * kDay}, {(date + 1) * kDay}, date};
  }
  if (time >= last_.start && time < last_.end) return last_;
  using Micro = std::chrono::microseconds;
  const auto instant = date::sys_time<Micro>(Micro(time.micros));
  const auto local = date::floor<date::days>(zone_->to_local(instant));
  const auto start_of = [&](date::local_days day) {
    const auto point = date::local_time<Micro>(day);
    return EventTime{zone_->to_sys(point, date::choose::earliest).time_since_epoch().count()};
  };
  last_ = {start_of(local), start_of(local + date::days(1)),
           static_cast<int32_t>(local.time_since_epoch().count())};
  return last_;
}

}  // namespace purvey::base
