#include "event/csv/stamp.h"

#include <date/tz.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <exception>

namespace purvey::event::csv {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

/// What has been read of one text so far.
struct Fields {
  int year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int64_t micros = 0;
  int afternoon = -1;  ///< 0 AM, 1 PM
  std::optional<int64_t> east = {};
  std::optional<int64_t> epoch = {};
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Takes `least` to `most` digits off the front.
bool take_number(std::string_view& text, size_t least, size_t most, int& value) {
  value = 0;
  size_t count = 0;
  for (; count < most && count < text.size() && is_digit(text[count]); ++count) {
    value = value * 10 + (text[count] - '0');
  }
  text.remove_prefix(count);
  return count >= least;
}

bool take_month(std::string_view& text, int& month) {
  size_t letters = 0;
  std::array<char, 10> word{};
  for (; letters < text.size() && letters < word.size(); ++letters) {
    word[letters] = lower(text[letters]);
    if (word[letters] < 'a' || word[letters] > 'z') break;
  }
  const std::string_view name(word.data(), letters);
  for (size_t i = 0; i < kMonths.size() && letters >= 3; ++i) {
    const bool sept = name == "sept" && i == 8;
    if (name != kMonths[i] && name != kMonths[i].substr(0, 3) && !sept) continue;
    month = static_cast<int>(i) + 1;
    text.remove_prefix(letters);
    return true;
  }
  return false;
}

bool take_half_day(std::string_view& text, int& afternoon) {
  if (text.size() < 2 || lower(text[1]) != 'm') return false;
  const char half = lower(text[0]);
  if (half != 'a' && half != 'p') return false;
  afternoon = half == 'p' ? 1 : 0;
  text.remove_prefix(2);
  return true;
}

bool take_fraction(std::string_view& text, int64_t& micros) {
  size_t count = 0;
  micros = 0;
  for (; count < 9 && count < text.size() && is_digit(text[count]); ++count) {
    if (count < 6) micros = micros * 10 + (text[count] - '0');
  }
  text.remove_prefix(count);
  for (size_t i = count; i < 6; ++i) micros *= 10;
  return count > 0;
}

bool take_offset(std::string_view& text, std::optional<int64_t>& east) {
  if (text.starts_with('Z') || text.starts_with('z')) {
    east = 0;
    text.remove_prefix(1);
    return true;
  }
  if (!text.starts_with('+') && !text.starts_with('-')) return false;
  const bool west = text[0] == '-';
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!take_number(text, 2, 2, hours)) return false;
  if (text.starts_with(':')) text.remove_prefix(1);
  if (!text.empty() && is_digit(text[0]) && !take_number(text, 2, 2, minutes)) return false;
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) return false;
  const int64_t offset = (hours * 60 + minutes) * 60 * kSecond;
  east = west ? -offset : offset;
  return true;
}

bool take_epoch(std::string_view& text, std::optional<int64_t>& epoch) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int64_t seconds = 0;
  size_t count = 0;
  for (; count < 12 && count < text.size() && is_digit(text[count]); ++count) {
    seconds = seconds * 10 + (text[count] - '0');
  }
  text.remove_prefix(count);
  epoch = negative ? -seconds : seconds;
  return count > 0;
}

bool take_blanks(std::string_view& text) {
  size_t count = 0;
  while (count < text.size() && text[count] == ' ') ++count;
  text.remove_prefix(count);
  return count > 0;
}

/// Takes what one letter of a pattern stands for.
bool take(char letter, std::string_view& text, Fields& fields) {
  switch (letter) {
    case 'Y':
      return take_number(text, 4, 4, fields.year);
    case 'y':
      if (!take_number(text, 2, 2, fields.year)) return false;
      fields.year += fields.year >= 69 ? 1900 : 2000;
      return true;
    case 'm':
      return take_number(text, 1, 2, fields.month);
    case 'd':
      return take_number(text, 1, 2, fields.day);
    case 'H':
    case 'I':
      return take_number(text, 1, 2, fields.hour);
    case 'M':
      return take_number(text, 1, 2, fields.minute);
    case 'S':
      return take_number(text, 1, 2, fields.second);
    case 'b':
      return take_month(text, fields.month);
    case 'p':
      return take_half_day(text, fields.afternoon);
    case 'f':
      return take_fraction(text, fields.micros);
    case 'z':
      return take_offset(text, fields.east);
    case 's':
      return take_epoch(text, fields.epoch);
    default:
      return false;
  }
}

std::optional<Civil> to_civil(Fields fields) {
  if (fields.epoch) return Civil{*fields.epoch * kSecond + fields.micros, 0};
  if (fields.afternoon >= 0) {
    if (fields.hour < 1 || fields.hour > 12) return std::nullopt;
    fields.hour = fields.hour % 12 + 12 * fields.afternoon;
  }
  const date::year_month_day day{date::year(fields.year),
                                 date::month(static_cast<unsigned>(fields.month)),
                                 date::day(static_cast<unsigned>(fields.day))};
  const bool real =
      fields.year >= 1 && day.ok() && fields.hour < 24 && fields.minute < 60 && fields.second < 60;
  if (!real) return std::nullopt;
  const int64_t days = date::sys_days(day).time_since_epoch().count();
  const int64_t seconds = (fields.hour * 60 + fields.minute) * 60 + fields.second;
  return Civil{days * kDay + seconds * kSecond + fields.micros, fields.east};
}

constexpr char kLiteralStep = 'L';
constexpr char kFieldStep = 'F';
constexpr char kBlankStep = ' ';

}  // namespace

base::Result<StampPattern> StampPattern::compile(std::string_view pattern) {
  StampPattern made;
  made.text_ = pattern;
  const auto add = [&](char kind, char letter) { made.steps_ += {kind, letter}; };
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == ' ') {
      if (i == 0 || pattern[i - 1] != ' ') add(kBlankStep, ' ');
      continue;
    }
    if (pattern[i] != '%') {
      add(kLiteralStep, pattern[i]);
      continue;
    }
    const char letter = ++i < pattern.size() ? pattern[i] : '\0';
    if (letter == 'F' || letter == 'T') {
      const std::string_view parts = letter == 'F' ? "Y-m-d" : "H:M:S";
      for (const char part : parts)
        add(part == '-' || part == ':' ? kLiteralStep : kFieldStep, part);
    } else if (letter == '%') {
      add(kLiteralStep, '%');
    } else if (letter == 'B') {
      add(kFieldStep, 'b');
    } else if (letter != '\0' &&
               std::string_view("YymdHIMSbpfzs").find(letter) != std::string_view::npos) {
      add(kFieldStep, letter);
    } else {
      return base::invalid_input(
          fmt::format("date pattern \"{}\": %{} is not known; write one of %Y %y %m %d %H %I %M %S "
                      "%b %B %p %f %z "
                      "%s %F %T",
                      pattern, letter == '\0' ? ' ' : letter));
    }
  }
  if (made.steps_.empty())
    return base::invalid_input("a date pattern is empty; write \"%Y-%m-%d\"");
  return made;
}

std::optional<Civil> StampPattern::parse(std::string_view text) const {
  Fields fields;
  for (size_t i = 0; i < steps_.size(); i += 2) {
    const char letter = steps_[i + 1];
    if (steps_[i] == kFieldStep) {
      if (!take(letter, text, fields)) return std::nullopt;
    } else if (steps_[i] == kBlankStep) {
      if (!take_blanks(text)) return std::nullopt;
    } else {
      if (!text.starts_with(letter)) return std::nullopt;
      text.remove_prefix(1);
    }
  }
  if (!text.empty()) return std::nullopt;
  return to_civil(fields);
}

base::Result<Zone> Zone::find(std::string_view name) {
  Zone zone;
  if (name == "UTC" || name == "Etc/UTC" || name == "Z") return zone;
  try {
    zone.zone_ = date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return base::invalid_input(fmt::format(
        "there is no time zone \"{}\"; write a name such as \"UTC\", \"Europe/London\" or "
        "\"Asia/Shanghai\"",
        name));
  }
  return zone;
}

std::optional<base::EventTime> Zone::to_utc(int64_t local_micros) {
  if (zone_ == nullptr) return base::EventTime{local_micros};
  if (local_micros >= from_ && local_micros < until_) {
    return base::EventTime{local_micros - east_};
  }
  const auto local = date::local_seconds(std::chrono::seconds(
      date::floor<std::chrono::seconds>(std::chrono::microseconds(local_micros))));
  const auto info = zone_->get_info(local);
  if (info.result == date::local_info::nonexistent) return std::nullopt;
  const int64_t east = info.first.offset.count() * kSecond;
  if (info.result == date::local_info::unique) {
    static constexpr int64_t kFar =
        250'000'000'000;  // seconds, about 8,000 years: no overflow below
    const auto bound = [](auto instant) {
      return std::clamp<int64_t>(instant.time_since_epoch().count(), -kFar, kFar) * kSecond;
    };
    east_ = east;
    from_ = bound(info.first.begin) + east + kDay;
    until_ = bound(info.first.end) + east - kDay;
  }
  return base::EventTime{local_micros - east};
}

StampFault StampReader::read(std::string_view text, base::EventTime& time) {
  for (const StampPattern& pattern : patterns_) {
    const auto civil = pattern.parse(text);
    if (!civil) continue;
    const auto utc = civil->east_micros ? base::EventTime{civil->micros - *civil->east_micros}
                                        : zone_.to_utc(civil->micros);
    if (!utc) return StampFault::kSkipped;
    if (!base::has_four_digit_year(*utc)) continue;  // no event can carry it
    time = *utc;
    return StampFault::kNone;
  }
  return StampFault::kNoPattern;
}

}  // namespace purvey::event::csv
