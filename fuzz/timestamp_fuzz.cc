// Texts of times, durations and sizes: what is read can be written and read again as the same.
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/event_time.h"
#include "base/settings/byte_size.h"
#include "base/settings/duration.h"
#include "event/csv/decimal.h"
#include "event/csv/stamp.h"

namespace purvey::base {
namespace {

void check_time(std::string_view text) {
  const auto time = parse_rfc3339(text);
  if (!time) {
    PURVEY_CHECK(!time.error().message.empty(), "an error without a message");
    return;
  }
  const std::string written = format_rfc3339(*time);
  const auto again = parse_rfc3339(written);
  PURVEY_CHECK(again.has_value(), "a time that cannot be read again: " + written);
  PURVEY_CHECK(*again == *time, "a time that changed on the way");
  PURVEY_CHECK(written.starts_with(format_utc_date(*time)), "two dates of one time");
  PURVEY_CHECK(format_utc_date(*time).starts_with(format_utc_month(*time)), "two months");
}

void check_duration(std::string_view text) {
  const auto duration = parse_duration(text);
  if (!duration) return;
  const auto again = parse_duration(format_duration(*duration));
  PURVEY_CHECK(again.has_value() && *again == *duration, "a duration that changed on the way");
}

void check_size(std::string_view text) {
  const auto bytes = parse_byte_size(text);
  if (!bytes) return;
  const auto again = parse_byte_size(format_byte_size(*bytes));
  PURVEY_CHECK(again.has_value() && *again == *bytes, "a size that changed on the way");
}

/// `PATTERN~TEXT`: dates of CSV files, whose zone may skip or repeat an hour.
void check_stamp(std::string_view text) {
  const size_t border = text.find('~');
  if (border == text.npos) return;
  auto pattern = event::csv::StampPattern::compile(text.substr(0, border));
  if (!pattern) {
    PURVEY_CHECK(!pattern.error().message.empty(), "an error without a message");
    return;
  }
  const auto civil = pattern->parse(text.substr(border + 1));
  for (const char* name : {"UTC", "Asia/Shanghai", "America/New_York"}) {
    auto zone = event::csv::Zone::find(name);
    PURVEY_CHECK(zone.has_value(), "a zone that is missing");
    EventTime time;
    event::csv::StampReader reader({*pattern}, *zone);
    const auto fault = reader.read(text.substr(border + 1), time);
    PURVEY_CHECK(civil || fault == event::csv::StampFault::kNoPattern, "two readings");
    if (fault != event::csv::StampFault::kNone) continue;
    const auto again = parse_rfc3339(format_rfc3339(time));
    PURVEY_CHECK(again.has_value() && *again == time, "a time that no event can carry");
  }
}

/// Exact numbers of CSV files, with a decimal comma too.
void check_decimal(std::string_view text) {
  using event::csv::Decimal;
  for (const event::csv::NumberFormat format :
       {event::csv::NumberFormat{'.', ','}, event::csv::NumberFormat{',', '.'}}) {
    const auto number = Decimal::parse(text, format);
    if (!number) continue;
    std::string written;
    number->append_to(written);
    const auto again = Decimal::parse(written);
    PURVEY_CHECK(again.has_value() && *again == *number, "a number that changed on the way");
    PURVEY_CHECK(number->negated().negated() == *number, "two signs are none");
    PURVEY_CHECK(number->compare(*again) == 0, "a number unlike itself");
    const auto sum = number->plus(number->negated());
    PURVEY_CHECK(!sum || sum->is_zero(), "x - x is not 0");
  }
}

}  // namespace
}  // namespace purvey::base

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  purvey::base::check_time(text);
  purvey::base::check_duration(text);
  purvey::base::check_size(text);
  purvey::base::check_stamp(text);
  purvey::base::check_decimal(text);
  return 0;
}
