#include "base/shown_text.h"

#include <gtest/gtest.h>

namespace purvey::base {
namespace {

using namespace std::string_view_literals;

TEST(ShownTextTest, text_that_is_right_and_short_stays) {
  EXPECT_EQ(shown_text("", 0), "");
  EXPECT_EQ(shown_text("a \"仓\" \U0001F600", 40), "a \"仓\" \U0001F600");
}

TEST(ShownTextTest, controls_never_break_the_line) {
  EXPECT_EQ(shown_text("a\r\nb\0c\x1b[31m\x7f\xC2\x85"sv, 40), "a  b c [31m  ");
}

TEST(ShownTextTest, a_cut_falls_between_letters) {
  EXPECT_EQ(shown_text("ab仓", 4), "ab...");
  EXPECT_EQ(shown_text("ab仓", 5), "ab仓");
}

TEST(ShownTextTest, bytes_that_are_not_utf8_are_marked) {
  EXPECT_EQ(shown_text("\xFF|\xC0\xAF|\xE4\xBB|\xED\xA0\x80|\xF4\x90\x80\x80|\xE0\x80\x80", 60),
            "?|??|??|???|????|???");
}

}  // namespace
}  // namespace purvey::base
