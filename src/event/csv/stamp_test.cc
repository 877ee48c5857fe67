#include "event/csv/stamp.h"

#include <gtest/gtest.h>

namespace purvey::event::csv {
namespace {

std::string read(std::string_view text, const std::vector<std::string>& patterns,
                 const std::string& zone = "UTC") {
  std::vector<StampPattern> compiled;
  for (const auto& pattern : patterns) {
    auto one = StampPattern::compile(pattern);
    if (!one) return one.error().message;
    compiled.push_back(*one);
  }
  auto found = Zone::find(zone);
  if (!found) return found.error().message;
  StampReader reader(compiled, *found);
  base::EventTime time;
  switch (reader.read(text, time)) {
    case StampFault::kNone:
      return base::format_rfc3339(time);
    case StampFault::kNoPattern:
      return "no pattern";
    case StampFault::kSkipped:
      return "skipped";
  }
  return "";
}

TEST(Stamp, reads_dates_and_times_by_their_patterns) {
  struct Case {
    const char* text;
    const char* pattern;
    const char* expected;
  };
  const Case cases[] = {
      {"2017-10-02 10:56:33", "%Y-%m-%d %H:%M:%S", "2017-10-02T10:56:33Z"},
      {"10/2/2017 9:05", "%m/%d/%Y %H:%M", "2017-10-02T09:05:00Z"},
      {"02-Jun-06", "%d-%b-%y", "2006-06-02T00:00:00Z"},
      {"2-june-06", "%d-%B-%y", "2006-06-02T00:00:00Z"},
      {"12/1/10 8:26", "%m/%d/%y %H:%M", "2010-12-01T08:26:00Z"},
      {"1/1/69", "%m/%d/%y", "1969-01-01T00:00:00Z"},
      {"1/1/68", "%m/%d/%y", "2068-01-01T00:00:00Z"},
      {"2012-01-06", "20%m-%d-%y", "2006-12-01T00:00:00Z"},
      {"20260102", "%Y%m%d", "2026-01-02T00:00:00Z"},
      {"2026年1月2日", "%Y年%m月%d日", "2026-01-02T00:00:00Z"},
      {"1/2/2026 12:30 AM", "%m/%d/%Y %I:%M %p", "2026-01-02T00:30:00Z"},
      {"1/2/2026 12:30 pm", "%m/%d/%Y %I:%M %p", "2026-01-02T12:30:00Z"},
      {"2026-01-02T03:04:05.25+08:00", "%FT%T.%f%z", "2026-01-01T19:04:05.250Z"},
      {"1767323045", "%s", "2026-01-02T03:04:05Z"},
      {"2024-02-29", "%F", "2024-02-29T00:00:00Z"},
      {"2023-02-29", "%F", "no pattern"},
      {"2026-13-01", "%F", "no pattern"},
      {"2026-01-02 24:00", "%F %H:%M", "no pattern"},
      {"2026-01-02 10:60", "%F %H:%M", "no pattern"},
      {"2026-01-02x", "%F", "no pattern"},
      {"2026-01", "%F", "no pattern"},
      {"26-01-02", "%F", "no pattern"},
      {"13:00 PM", "%I:%M %p", "no pattern"},
      {"", "%F", "no pattern"},
      {"99999999999999999999", "%s", "no pattern"},
  };
  for (const Case& one : cases) EXPECT_EQ(read(one.text, {one.pattern}), one.expected) << one.text;
}

TEST(Stamp, several_patterns_are_tried_in_order) {
  EXPECT_EQ(read("2/3/2026", {"%d/%m/%Y", "%m/%d/%Y"}), "2026-03-02T00:00:00Z");
  EXPECT_EQ(read("2/30/2026", {"%d/%m/%Y", "%m/%d/%Y"}), "no pattern");
  EXPECT_EQ(read("2/13/2026", {"%d/%m/%Y", "%m/%d/%Y"}), "2026-02-13T00:00:00Z");
}

TEST(Stamp, a_wrong_pattern_or_zone_says_what_to_write) {
  EXPECT_EQ(
      read("x", {"%Q"}),
      "date pattern \"%Q\": %Q is not known; write one of %Y %y %m %d %H %I %M %S %b %B %p %f %z "
      "%s %F %T");
  EXPECT_EQ(
      read("x", {"%F"}, "Mars/Base"),
      "there is no time zone \"Mars/Base\"; write a name such as \"UTC\", \"Europe/London\" or "
      "\"Asia/Shanghai\"");
}

TEST(Stamp, a_zone_moves_clock_readings_to_utc_on_both_sides_of_a_change) {
  // London: summer time from 2011-03-27 01:00 UTC to 2011-10-30 01:00 UTC.
  const std::vector<std::string> pattern = {"%F %H:%M"};
  EXPECT_EQ(read("2011-03-01 12:00", pattern, "Europe/London"), "2011-03-01T12:00:00Z");
  EXPECT_EQ(read("2011-07-01 12:00", pattern, "Europe/London"), "2011-07-01T11:00:00Z");
  EXPECT_EQ(read("2011-03-27 00:59", pattern, "Europe/London"), "2011-03-27T00:59:00Z");
  EXPECT_EQ(read("2011-03-27 01:30", pattern, "Europe/London"), "skipped");
  EXPECT_EQ(read("2011-03-27 02:00", pattern, "Europe/London"), "2011-03-27T01:00:00Z");
  // 01:30 occurs at 00:30 UTC (summer) and at 01:30 UTC (winter): the earlier counts.
  EXPECT_EQ(read("2011-10-30 01:30", pattern, "Europe/London"), "2011-10-30T00:30:00Z");
  EXPECT_EQ(read("2011-10-30 02:00", pattern, "Europe/London"), "2011-10-30T02:00:00Z");
  EXPECT_EQ(read("1900-01-01 12:00", pattern, "Asia/Shanghai"), "1900-01-01T03:54:17Z");
}

TEST(Stamp, a_reader_that_has_seen_other_times_gives_the_same_answer) {
  auto zone = Zone::find("Europe/London");
  ASSERT_TRUE(zone);
  for (int64_t hour = 0; hour < 24 * 365 * 2; ++hour) {
    const int64_t local = (15'000 * 24 + hour) * 3'600'000'000;  // from 2011-01-26
    auto fresh = Zone::find("Europe/London");
    ASSERT_TRUE(fresh);
    ASSERT_EQ(zone->to_utc(local), fresh->to_utc(local)) << hour;
  }
}

TEST(Stamp, a_time_that_no_event_can_carry_fits_no_pattern) {
  auto zone = Zone::find("America/New_York");
  ASSERT_TRUE(zone);
  StampReader reader({*StampPattern::compile("%F %T"), *StampPattern::compile("%s")}, *zone);
  base::EventTime time;
  EXPECT_EQ(reader.read("9999-12-31 18:59:59", time), StampFault::kNone);
  EXPECT_EQ(reader.read("9999-12-31 23:59:59", time), StampFault::kNoPattern);
  EXPECT_EQ(reader.read("-62135596801", time), StampFault::kNoPattern);
}

}  // namespace
}  // namespace purvey::event::csv
