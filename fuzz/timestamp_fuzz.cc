// Texts of times, durations and sizes: what is read can be written and read again as the same.
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/event_time.h"
#include "base/settings/byte_size.h"
#include "base/settings/duration.h"

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

}  // namespace
}  // namespace purvey::base

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  purvey::base::check_time(text);
  purvey::base::check_duration(text);
  purvey::base::check_size(text);
  return 0;
}
