#include "base/settings/duration.h"

#include <gtest/gtest.h>

namespace purvey::base {
namespace {

TEST(DurationTest, each_unit_in_microseconds) {
  EXPECT_EQ(parse_duration("250us")->count(), 250);
  EXPECT_EQ(parse_duration("500ms")->count(), 500'000);
  EXPECT_EQ(parse_duration("5s")->count(), 5'000'000);
  EXPECT_EQ(parse_duration("10m")->count(), 10 * 60'000'000LL);
  EXPECT_EQ(parse_duration("24h")->count(), 24 * 3'600'000'000LL);
  EXPECT_EQ(parse_duration("7d")->count(), 7 * 86'400'000'000LL);
  EXPECT_EQ(*parse_duration("2w"), *parse_duration("14d"));
  EXPECT_EQ(parse_duration("0s")->count(), 0);
}

TEST(DurationTest, parts_follow_from_large_to_small) {
  EXPECT_EQ(parse_duration("1h30m")->count(), 90 * 60'000'000LL);
  EXPECT_EQ(parse_duration("1d1ms")->count(), 86'400'001'000LL);
  EXPECT_FALSE(parse_duration("30m1h"));
  EXPECT_FALSE(parse_duration("1h1h"));
}

TEST(DurationTest, what_is_printed_reads_back_the_same) {
  for (const int64_t micros : {0LL, 1LL, 999LL, 1'000LL, 90'000'000LL, 86'400'000'000LL,
                               604'800'000'000LL, 123'456'789'012'345LL}) {
    const auto back = parse_duration(format_duration(Micros{micros}));
    ASSERT_TRUE(back) << micros;
    EXPECT_EQ(back->count(), micros);
  }
  EXPECT_EQ(format_duration(Micros{90'000'000}), "1m30s");
  EXPECT_EQ(format_duration(Micros{14 * 86'400'000'000}), "14d");
}

TEST(DurationTest, what_is_no_duration_is_refused_with_a_remedy) {
  for (const char* text : {"", "5", "s", "-5s", "+5s", "5 s", "5S", "5sec", "1.5h", "5s ", "0x5s",
                           "99999999999999999999s", "36526d", "9223372036854775807w"}) {
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_NE(duration.error().message.find("write it as"), std::string::npos);
  }
  EXPECT_TRUE(parse_duration("36525d"));
}

}  // namespace
}  // namespace purvey::base
