#include "base/dictionary.h"

#include <gtest/gtest.h>

#include <string>

#include "base/hash.h"

namespace purvey::base {
namespace {

TEST(DictionaryTest, the_same_text_has_the_same_id_and_reads_back) {
  Dictionary dictionary;
  EXPECT_EQ(dictionary.intern(""), 0U);
  for (int i = 0; i < 20'000; ++i) dictionary.intern("sku-" + std::to_string(i));
  EXPECT_EQ(dictionary.size(), 20'001U);
  const uint32_t id = dictionary.intern("sku-12345");
  EXPECT_EQ(dictionary.text(id), "sku-12345");
  EXPECT_EQ(dictionary.hash(id), hash64("sku-12345"));
  EXPECT_EQ(dictionary.size(), 20'001U);
}

TEST(DictionaryTest, a_full_one_takes_no_new_text_but_finds_old_ones) {
  Dictionary dictionary(3);
  EXPECT_EQ(dictionary.intern("a"), 1U);
  EXPECT_EQ(dictionary.intern("b"), 2U);
  EXPECT_EQ(dictionary.intern("c"), Dictionary::kFull);
  EXPECT_EQ(dictionary.intern("a"), 1U);
}

TEST(DictionaryTest, a_text_may_have_parts) {
  Dictionary names;
  const uint32_t labels = names.intern(R"({"room":"cold"})");
  EXPECT_TRUE(names.parts(labels).empty());
  const uint32_t parts[] = {names.intern("room"), names.intern("cold")};
  names.set_parts(labels, parts);
  for (int i = 0; i < 10'000; ++i) names.intern(std::to_string(i));  // entries stay where they are
  ASSERT_EQ(names.parts(labels).size(), 2U);
  EXPECT_EQ(names.text(names.parts(labels)[0]), "room");
  EXPECT_EQ(names.text(names.parts(labels)[1]), "cold");
}

}  // namespace
}  // namespace purvey::base
