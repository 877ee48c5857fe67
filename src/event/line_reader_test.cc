#include "event/line_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/memory_source_fixture.h"

namespace purvey::event {
namespace {

struct Seen {
  std::string text;
  uint64_t number;
  bool too_long;
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> lines_of(const std::string& text, size_t step = 1U << 20) {
  LineReader reader(base::memory_source(text, step));
  std::vector<Seen> seen;
  for (;;) {
    const auto line = reader.next().value();
    if (line.end) return seen;
    seen.push_back({std::string(line.text), line.number, line.too_long});
  }
}

TEST(LineReaderTest, any_line_end_and_any_cut_of_the_input_give_the_same_lines) {
  const std::vector<Seen> expected = {{"a", 1, false}, {"bc", 3, false}, {"d", 5, false}};
  for (size_t step = 1; step < 12; ++step) {
    EXPECT_EQ(lines_of("\xEF\xBB\xBF"
                       "a\n\nbc\r\n  \nd",
                       step),
              expected);
  }
}

TEST(LineReaderTest, an_empty_file_has_no_lines) {
  EXPECT_TRUE(lines_of("").empty());
  EXPECT_TRUE(lines_of("\n\r\n \n").empty());
}

TEST(LineReaderTest, a_line_at_the_limit_is_whole_and_one_beyond_is_named_too_long) {
  const std::string at_limit(kLineBytesMax, 'x');
  for (const size_t step : {size_t{1} << 16, size_t{1} << 22}) {
    const auto seen = lines_of(at_limit + "\n" + at_limit + "y\nz\n", step);
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[0].text, at_limit);
    EXPECT_TRUE(seen[1].too_long);
    EXPECT_EQ(seen[1].text.size(), 1024U);
    EXPECT_EQ(seen[2], (Seen{"z", 3, false}));
  }
}

TEST(LineReaderTest, lines_of_any_length_come_whole_through_a_buffer_that_grows) {
  std::string text;
  std::vector<Seen> expected;
  for (size_t length = 1; length <= kLineBytesMax; length = length * 3 + 1) {
    expected.push_back({std::string(length, static_cast<char>('a' + expected.size())),
                        expected.size() + 1, false});
    text += expected.back().text + "\n";
  }
  for (const size_t step : {size_t{1000}, size_t{1} << 14, size_t{1} << 22}) {
    EXPECT_EQ(lines_of(text, step), expected);
  }
}

TEST(LineReaderTest, the_limit_is_of_the_text_alone_wherever_the_input_is_cut) {
  const std::string at_limit(kLineBytesMax, 'x');
  for (const size_t step : {kLineBytesMax, kLineBytesMax + 1, kLineBytesMax + 3, size_t{1} << 22}) {
    const auto seen = lines_of("\xEF\xBB\xBF" + at_limit + "\r\n" + at_limit + "\r\ny", step);
    ASSERT_EQ(seen.size(), 3U) << step;
    EXPECT_EQ(seen[0].text, at_limit) << step;
    EXPECT_EQ(seen[1].text, at_limit) << step;
  }
}

TEST(LineReaderTest, blanks_beyond_the_limit_are_one_long_line_wherever_the_input_is_cut) {
  for (const size_t step : {size_t{1} << 16, size_t{1} << 22}) {
    const auto seen = lines_of(std::string(kLineBytesMax + 9, ' ') + "\ny", step);
    ASSERT_EQ(seen.size(), 2U) << step;
    EXPECT_TRUE(seen[0].too_long) << step;
  }
}

TEST(LineReaderTest, a_stream_without_a_line_end_is_one_long_line) {
  const auto seen = lines_of(std::string(10U << 20, 'x'));
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_TRUE(seen[0].too_long);
}

}  // namespace
}  // namespace purvey::event
