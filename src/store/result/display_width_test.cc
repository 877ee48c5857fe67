#include "store/result/display_width.h"

#include <gtest/gtest.h>

namespace purvey::store::result {
namespace {

TEST(DisplayWidth, counts_wide_letters_twice_and_marks_not_at_all) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("上海"), 4U);
  EXPECT_EQ(display_width("ＡＢ"), 4U);     // full-width letters
  EXPECT_EQ(display_width("é"), 1U);        // one letter
  EXPECT_EQ(display_width("e\u0301"), 1U);  // a letter and a mark
  EXPECT_EQ(display_width("한국"), 4U);
  EXPECT_EQ(display_width("📦"), 2U);
  EXPECT_EQ(display_width("\xff\xfe"), 2U);  // not UTF-8
}

TEST(DisplayWidth, cuts_to_the_width_and_never_through_a_letter) {
  EXPECT_EQ(displayed("abcdef", 6), "abcdef");
  EXPECT_EQ(displayed("abcdefg", 6), "abcde…");
  EXPECT_EQ(displayed("上海北京", 5), "上海…");
  EXPECT_EQ(displayed("上海北京", 4), "上…");  // 海 would leave no place for the sign
  EXPECT_EQ(displayed("上海", 4), "上海");
}

TEST(DisplayWidth, nothing_that_disturbs_a_terminal_passes) {
  EXPECT_EQ(displayed("a\x1b[31mb", 60), "a\\x1B[31mb");
  EXPECT_EQ(displayed("one\ntwo\tthree\r", 60), "one two three ");
  EXPECT_EQ(displayed("a\u202Eb", 60), "a\uFFFDb");
  EXPECT_EQ(displayed("a\xC3", 60), "a\uFFFD");
  EXPECT_EQ(displayed("a\xED\xA0\x80", 60), "a\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(displayed("\xC0\xAF", 60), "\uFFFD\uFFFD");              // an overlong slash
}

}  // namespace
}  // namespace purvey::store::result
