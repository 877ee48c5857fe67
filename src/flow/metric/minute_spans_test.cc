#include "flow/metric/internal/minute_spans.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

namespace purvey::flow::internal {
namespace {

/// All minutes in the spans, each once, and no two spans that could be one.
std::set<int64_t> minutes_of(const MinuteSpans& spans) {
  std::set<int64_t> minutes;
  int64_t before = -1;
  spans.visit([&](int64_t first, int64_t last) {
    EXPECT_LT(before, first);
    EXPECT_LE(first, last);
    before = last;
    for (int64_t minute = first; minute <= last; ++minute) minutes.insert(minute);
  });
  return minutes;
}

TEST(MinuteSpansTest, hold_what_was_added_and_nothing_else) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    MinuteSpans spans;
    std::set<int64_t> expected;
    for (int i = 0; i < 20; ++i) {
      const auto first = static_cast<int64_t>(random() % 200);
      const auto last = first + static_cast<int64_t>(random() % 12);
      spans.add(first, last);
      for (int64_t minute = first; minute <= last; ++minute) expected.insert(minute);
    }
    ASSERT_EQ(minutes_of(spans), expected) << "round " << round;
    std::string bytes;
    base::ByteWriter writer(bytes);
    spans.save(writer);
    MinuteSpans loaded;
    base::ByteReader reader(bytes);
    loaded.load(reader);
    ASSERT_TRUE(reader.finish("spans"));
    ASSERT_EQ(minutes_of(loaded), expected);
  }
}

}  // namespace
}  // namespace purvey::flow::internal
