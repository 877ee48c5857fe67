#include "base/packed.h"

#include <gtest/gtest.h>

namespace purvey::base {
namespace {

TEST(PackedTest, comes_back_as_it_was) {
  const std::string zeros(100'000, '\0');
  for (const std::string& bytes : {std::string(), std::string("a"), zeros}) {
    for (const int level : {-5, 1}) {
      const auto packed = pack(bytes, level);
      ASSERT_TRUE(packed);
      const auto back = unpack(*packed, bytes.size());
      ASSERT_TRUE(back) << back.error().message;
      EXPECT_EQ(*back, bytes);
    }
  }
  EXPECT_LT(pack(zeros, 1)->size(), 1'000U);
}

TEST(PackedTest, what_is_none_or_too_large_is_refused) {
  const std::string packed = *pack(std::string(1'000, 'x'), 1);
  EXPECT_EQ(unpack(packed, 999).error().message, "says that it unpacks to 1000 bytes");
  for (size_t size = 0; size < packed.size(); ++size) {
    EXPECT_FALSE(unpack(std::string_view(packed).substr(0, size), 1'000)) << size;
  }
  EXPECT_FALSE(unpack("no frame at all", 1'000));
}

}  // namespace
}  // namespace purvey::base
