#include "base/closest_name.h"

#include <gtest/gtest.h>

#include <string>

namespace purvey::base {
namespace {

TEST(ClosestNameTest, distances_counted_by_hand) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("colour", "color"), 1U);    // one letter too many
  EXPECT_EQ(edit_distance("abvoe", "above"), 1U);     // two neighbours swapped
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);  // k>s, e>i, +g
}

TEST(ClosestNameTest, long_texts_are_cut_not_overrun) {
  EXPECT_EQ(edit_distance(std::string(1000, 'a'), std::string(2000, 'a')), 0U);
  EXPECT_EQ(edit_distance(std::string(1000, 'a'), "b"), 64U);
}

TEST(ClosestNameTest, the_nearest_known_name_is_meant) {
  constexpr std::string_view kKnown[] = {"above", "below", "for", "color"};
  EXPECT_EQ(closest_name("colour", kKnown), "color");
  EXPECT_EQ(closest_name("abov", kKnown), "above");
  EXPECT_EQ(closest_name("fro", kKnown), "for");
}

TEST(ClosestNameTest, far_names_are_not_guessed) {
  constexpr std::string_view kKnown[] = {"above", "below"};
  EXPECT_EQ(closest_name("warehouse", kKnown), "");
  EXPECT_EQ(closest_name("x", kKnown), "");
  EXPECT_EQ(closest_name("above", {}), "");
}

}  // namespace
}  // namespace purvey::base
