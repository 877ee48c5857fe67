#include "base/event_time.h"

#include <fmt/core.h>

#include "base/shown_text.h"

namespace purvey::base {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

constexpr bool is_leap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

constexpr int days_in_month(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

/// Days since 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013).
constexpr int64_t days_from_civil(int year, int month, int day) {
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

/// `count` digits at `at`, or -1 if one of them is none.
int digits(std::string_view text, size_t at, size_t count) {
  int value = 0;
  for (size_t i = at; i < at + count; ++i) {
    const unsigned digit = static_cast<unsigned char>(text[i]) - '0';
    if (digit > 9) return -1;
    value = value * 10 + static_cast<int>(digit);
  }
  return value;
}

Error bad_time(std::string_view text, std::string_view what) {
  constexpr size_t kShown = 40;
  return invalid_input(fmt::format("time \"{}\": {}; write it as 2026-01-02T03:04:05Z",
                                   shown_text(text, kShown), what));
}

/// Reads `.123` at `at`, moving `at` behind it; microseconds, or -1 if there are no digits or more
/// than nine.
int64_t read_fraction(std::string_view text, size_t& at) {
  int64_t micros = 0;
  size_t count = 0;
  for (++at; at < text.size(); ++at, ++count) {
    const unsigned digit = static_cast<unsigned char>(text[at]) - '0';
    if (digit > 9) break;
    if (count < 6) micros = micros * 10 + digit;
  }
  if (count == 0 || count > 9) return -1;
  for (; count < 6; ++count) micros *= 10;
  return micros;
}

constexpr int64_t kNoOffset = std::numeric_limits<int64_t>::min();

/// The zone at `at` up to the end of the text, in microseconds east of UTC; kNoOffset if it is
/// none.
int64_t read_offset(std::string_view text, size_t at) {
  if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z')) return 0;
  if (at + 6 != text.size() || (text[at] != '+' && text[at] != '-') || text[at + 3] != ':') {
    return kNoOffset;
  }
  const int hours = digits(text, at + 1, 2);
  const int minutes = digits(text, at + 4, 2);
  if (hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 14 * 60) return kNoOffset;
  const int64_t east = hours * kHour + minutes * kMinute;
  return text[at] == '-' ? -east : east;
}

struct Civil {
  int year;
  unsigned month;
  unsigned day;
};

Civil civil_from_days(int64_t days) {
  const std::chrono::year_month_day ymd{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}};
  return {static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()),
          static_cast<unsigned>(ymd.day())};
}

}  // namespace

Result<EventTime> parse_rfc3339(std::string_view text) {
  constexpr size_t kShortest = 20;  // 2026-01-02T03:04:05Z
  if (text.size() < kShortest) return bad_time(text, "too short, or the zone is missing");
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  int second = digits(text, 17, 2);
  const bool shaped = text[4] == '-' && text[7] == '-' && text[13] == ':' && text[16] == ':' &&
                      (text[10] == 'T' || text[10] == 't' || text[10] == ' ');
  if (!shaped || (year | month | day | hour | minute | second) < 0) {
    return bad_time(text, "not an RFC 3339 time");
  }
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
    return bad_time(text, "no such day");
  }
  if (hour > 23 || minute > 59 || second > 60) return bad_time(text, "no such time of day");
  size_t at = 19;
  int64_t fraction = 0;
  if (text[at] == '.') {
    fraction = read_fraction(text, at);
    if (fraction < 0) return bad_time(text, "the fraction needs 1 to 9 digits");
  }
  const int64_t offset = at < text.size() ? read_offset(text, at) : kNoOffset;
  if (offset == kNoOffset) return bad_time(text, "the zone is none (Z, or +hh:mm up to 14:00)");
  const bool leap = second == 60;
  if (leap) {
    second = 59;
    fraction = kSecond - 1;
  }
  const int64_t local = days_from_civil(year, month, day) * kDay + hour * kHour + minute * kMinute +
                        second * kSecond + fraction;
  const EventTime time{local - offset};
  if (!has_four_digit_year(time)) {
    return bad_time(text, "outside the years 1 to 9999 in UTC");
  }
  const bool last_second_of_day = ((time.micros % kDay) + kDay) % kDay >= kDay - kSecond;
  if (leap && !last_second_of_day) return bad_time(text, "a second 60 that is no leap second");
  return time;
}

std::string format_rfc3339(EventTime time) {
  const int64_t day = utc_day(time);
  const Civil civil = civil_from_days(day);
  const int64_t rest = time.micros - day * kDay;
  const int64_t fraction = rest % kSecond;
  auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", civil.year, civil.month, civil.day,
                          rest / kHour, rest / kMinute % 60, rest / kSecond % 60);
  if (fraction % 1000 != 0) {
    text += fmt::format(".{:06}", fraction);
  } else if (fraction != 0) {
    text += fmt::format(".{:03}", fraction / 1000);
  }
  return text + "Z";
}

std::string format_utc_date(EventTime time) {
  const Civil civil = civil_from_days(utc_day(time));
  return fmt::format("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
}

std::string format_utc_month(EventTime time) {
  return format_utc_date(time).substr(0, 7);
}

EventTime from_civil(int year, unsigned month, unsigned day) {
  return {days_from_civil(year, static_cast<int>(month), static_cast<int>(day)) * kDay};
}

}  // namespace purvey::base
