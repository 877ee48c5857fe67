#include "base/event_time.h"

#include <gtest/gtest.h>

namespace purvey::base {
namespace {

TEST(EventTimeTest, any_offset_is_kept_as_utc) {
  const auto utc = parse_rfc3339("2026-01-01T19:04:05.678Z");
  const auto shanghai = parse_rfc3339("2026-01-02T03:04:05.678+08:00");
  ASSERT_TRUE(utc && shanghai);
  EXPECT_EQ(*utc, *shanghai);
  EXPECT_EQ(format_rfc3339(*shanghai), "2026-01-01T19:04:05.678Z");
}

TEST(EventTimeTest, known_seconds_since_1970) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00Z")->micros, 0);
  EXPECT_EQ(parse_rfc3339("2000-03-01T00:00:00Z")->micros, 951'868'800'000'000);
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.999999Z")->micros, -1);
  EXPECT_EQ(parse_rfc3339("9999-12-31T23:59:59Z")->micros, 253'402'300'799'000'000);
}

TEST(EventTimeTest, fractions_beyond_microseconds_are_cut) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.123456999Z")->micros, 123'456);
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.5Z")->micros, 500'000);
}

TEST(EventTimeTest, second_60_is_taken_only_where_a_leap_second_can_be) {
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z")->micros,
            parse_rfc3339("2016-12-31T23:59:59.999999Z")->micros);
  EXPECT_TRUE(parse_rfc3339("2017-01-01T07:59:60+08:00"));
  EXPECT_FALSE(parse_rfc3339("2016-12-31T12:00:60Z"));
}

TEST(EventTimeTest, an_offset_does_not_lead_out_of_the_years_1_to_9999) {
  EXPECT_EQ(format_rfc3339(*parse_rfc3339("0001-01-01T14:00:00+14:00")), "0001-01-01T00:00:00Z");
  EXPECT_FALSE(parse_rfc3339("0001-01-01T13:59:59+14:00"));
  EXPECT_EQ(format_rfc3339(*parse_rfc3339("9999-12-31T09:59:59-14:00")), "9999-12-31T23:59:59Z");
  EXPECT_FALSE(parse_rfc3339("9999-12-31T10:00:00-14:00"));
}

TEST(EventTimeTest, a_refusal_is_one_line_of_utf8_whatever_was_written) {
  const auto time = parse_rfc3339("2026-01-02T03:04:05\n仓仓仓仓仓仓仓仓仓");
  ASSERT_FALSE(time);
  EXPECT_TRUE(time.error().message.starts_with("time \"2026-01-02T03:04:05 仓仓仓仓仓仓...\": "));
  EXPECT_EQ(time.error().message.find('\n'), std::string::npos);
}

TEST(EventTimeTest, refuses_what_is_no_time) {
  for (const char* text : {"",
                           "now",
                           "2026-01-02",
                           "2026-01-02T03:04:05",
                           "2026-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:00+0800",
                           "2026-01-01T00:00:00+14:01",
                           "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00.1234567890Z",
                           "26-01-01T00:00:00Z0",
                           "2026-01-01T00:00:00 CST",
                           "0000-01-01T00:00:00Z",
                           "2026-W01-1T00:00:00Z",
                           "1767323045000000000000",
                           "２０２６-01-01T00:00:00Z",
                           "2026-01-01T00:00:00ZZ"}) {
    const auto time = parse_rfc3339(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().code, ErrorCode::kInvalidInput);
  }
}

TEST(EventTimeTest, what_is_printed_reads_back_the_same) {
  for (int64_t micros = -5'000'000'000'000'123; micros < 5'000'000'000'000'000;
       micros += 77'777'777'777'777) {
    const auto back = parse_rfc3339(format_rfc3339({micros}));
    ASSERT_TRUE(back) << micros;
    EXPECT_EQ(back->micros, micros);
  }
}

TEST(EventTimeTest, days_floor_before_1970) {
  EXPECT_EQ(utc_day({-1}), -1);
  EXPECT_EQ(utc_day({0}), 0);
  EXPECT_EQ(from_civil(2000, 3, 1).micros, 951'868'800'000'000);
  EXPECT_EQ(format_utc_month({-1}), "1969-12");
}

}  // namespace
}  // namespace purvey::base
