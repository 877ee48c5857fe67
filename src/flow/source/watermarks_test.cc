#include "flow/source/watermarks.h"

#include <gtest/gtest.h>

namespace purvey::flow {
namespace {

using base::EventTime;

constexpr int64_t kSecond = 1'000'000;

EventTime at(int64_t seconds) {
  return {seconds * kSecond};
}

class WatermarksTest : public ::testing::Test {
 protected:
  int64_t watermark() const { return marks_.watermark().micros / kSecond; }

  /// Disorder 5 s, idle after 10 s. Wall time and event time differ by a million seconds.
  Watermarks marks_{std::chrono::seconds(5), std::chrono::seconds(10)};
};

TEST_F(WatermarksTest, there_is_none_before_the_first_event) {
  marks_.tick(at(1'000'000));
  marks_.tick(at(1'000'100));
  EXPECT_EQ(marks_.watermark(), base::kNever);
  EXPECT_EQ(marks_.highest(), base::kNever);
}

TEST_F(WatermarksTest, what_does_not_count_begins_no_time_however_long_it_is_silent) {
  marks_.hear(1, at(1'000'000));  // impossible events alone, say
  for (int64_t now = 1; now <= 100; ++now) marks_.tick(at(1'000'000 + now));
  EXPECT_EQ(marks_.watermark(), base::kNever);
  marks_.observe(1, at(100), at(1'000'101));
  EXPECT_EQ(watermark(), 95);
}

TEST_F(WatermarksTest, it_stands_behind_the_highest_time_and_never_goes_back) {
  marks_.observe(1, at(100), at(1'000'000));
  EXPECT_EQ(watermark(), 95);
  marks_.observe(1, at(60), at(1'000'000));
  EXPECT_EQ(watermark(), 95);
  marks_.observe(1, at(101), at(1'000'001));
  EXPECT_EQ(watermark(), 96);
}

TEST_F(WatermarksTest, the_slowest_active_source_holds_it_until_it_is_idle) {
  marks_.observe(1, at(100), at(1'000'000));
  marks_.observe(2, at(97), at(1'000'000));
  marks_.observe(1, at(200), at(1'000'005));
  EXPECT_EQ(watermark(), 95);  // where it was: source 2 stands at 92
  marks_.observe(2, at(120), at(1'000'006));
  EXPECT_EQ(watermark(), 115);
  for (int64_t now = 7; now <= 20; ++now) {
    marks_.observe(1, at(200 + now), at(1'000'000 + now));
    marks_.tick(at(1'000'000 + now));
    EXPECT_EQ(watermark(), now <= 16 ? 115 : 195 + now) << now;
  }
  marks_.observe(2, at(121), at(1'000'021));  // speaks again, and cannot take it back
  EXPECT_EQ(watermark(), 215);
}

TEST_F(WatermarksTest, when_all_are_idle_it_goes_on_at_the_rate_of_the_clock) {
  marks_.observe(1, at(100), at(1'000'000));
  for (int64_t now = 1; now <= 11; ++now) marks_.tick(at(1'000'000 + now));
  EXPECT_EQ(watermark(), 95);
  marks_.tick(at(1'000'012));
  EXPECT_EQ(watermark(), 96);
  marks_.tick(at(1'000'072));
  EXPECT_EQ(watermark(), 156);
  marks_.observe(1, at(110), at(1'000'073));
  EXPECT_EQ(watermark(), 157);
}

TEST_F(WatermarksTest, it_stands_still_while_the_server_is_down) {
  marks_.observe(1, at(100), at(1'000'000));
  for (int64_t now = 1; now <= 20; ++now) marks_.tick(at(1'000'000 + now));
  EXPECT_EQ(watermark(), 104);  // idle since the eleventh
  marks_.tick(at(1'030'000));   // eight hours later
  EXPECT_EQ(watermark(), 164);
  marks_.tick(at(1'030'001));
  EXPECT_EQ(watermark(), 165);
}

TEST_F(WatermarksTest, nobody_was_silent_while_the_server_was_down) {
  marks_.observe(1, at(100), at(1'000'000));
  marks_.observe(2, at(100), at(1'000'003));
  marks_.observe(2, at(3700), at(1'003'600));  // the first one to come back
  EXPECT_EQ(watermark(), 95);                  // what source 1 could not send is still awaited
  marks_.tick(at(1'003'601));
  EXPECT_EQ(watermark(), 95);
  marks_.observe(1, at(3690), at(1'003'602));
  EXPECT_EQ(watermark(), 3685);
}

TEST_F(WatermarksTest, a_source_of_which_nothing_counts_does_not_stop_the_clock) {
  marks_.observe(1, at(100), at(1'000'000));
  for (int64_t now = 1; now <= 30; ++now) {
    marks_.hear(2, at(1'000'000 + now));  // impossible events, say
    marks_.tick(at(1'000'000 + now));
  }
  EXPECT_EQ(watermark(), 95 + 19);  // idle since the eleventh second
}

TEST_F(WatermarksTest, a_clock_that_is_set_back_moves_nothing) {
  marks_.observe(1, at(100), at(1'000'000));
  marks_.tick(at(1'000'100));
  marks_.tick(at(1'000'110));
  const int64_t before = watermark();
  marks_.tick(at(900'000));
  marks_.tick(at(1'000'109));
  EXPECT_EQ(watermark(), before);
}

TEST_F(WatermarksTest, what_moves_no_time_keeps_a_source_awake) {
  marks_.observe(1, at(100), at(1'000'000));
  marks_.observe(2, at(50), at(1'000'000));
  for (int64_t now = 1; now <= 30; ++now) {
    marks_.hear(2, at(1'000'000 + now));
    marks_.hear(3, at(1'000'000 + now));  // never said a time: holds nothing back
    marks_.observe(1, at(100 + now), at(1'000'000 + now));
    marks_.tick(at(1'000'000 + now));
  }
  EXPECT_EQ(watermark(), 95);
  marks_.observe(2, at(130), at(1'000'031));
  EXPECT_EQ(watermark(), 125);
}

TEST_F(WatermarksTest, comes_back_as_it_was_saved) {
  base::Dictionary names;
  const uint32_t first = names.intern("/a");
  const uint32_t second = names.intern("/b");
  marks_.observe(second, at(100), at(1'000'000));
  marks_.observe(first, at(97), at(1'000'002));
  std::string bytes;
  base::ByteWriter writer(bytes);
  marks_.save(writer, names);

  base::Dictionary other;
  other.intern("something else");
  Watermarks back{std::chrono::seconds(5), std::chrono::seconds(10)};
  base::ByteReader reader(bytes);
  back.load(reader, other);
  ASSERT_TRUE(reader.finish("watermarks"));
  EXPECT_EQ(back.watermark(), marks_.watermark());
  back.observe(other.intern("/b"), at(300), at(1'000'003));
  EXPECT_EQ(back.watermark(), at(95));  // /a still holds it
  back.observe(other.intern("/a"), at(200), at(1'000'004));
  EXPECT_EQ(back.watermark(), at(195));
}

}  // namespace
}  // namespace purvey::flow
