#include "base/byte_codec.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace purvey::base {
namespace {

TEST(ByteCodecTest, values_read_back_as_written) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.varint(0);
  writer.varint(UINT64_MAX);
  writer.zigzag(INT64_MIN);
  writer.zigzag(-1);
  writer.word(0x0123456789ABCDEF);
  writer.text("仓库");
  ByteReader reader(bytes);
  EXPECT_EQ(reader.varint(), 0U);
  EXPECT_EQ(reader.varint(), UINT64_MAX);
  EXPECT_EQ(reader.zigzag(), INT64_MIN);
  EXPECT_EQ(reader.zigzag(), -1);
  EXPECT_EQ(reader.word(), 0x0123456789ABCDEFU);
  EXPECT_EQ(reader.text(), "仓库");
  EXPECT_TRUE(reader.finish("a test"));
}

TEST(ByteCodecTest, every_truncation_is_noticed) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.text("abc");
  writer.word(7);
  writer.varint(300);
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(std::string_view(bytes).substr(0, size));
    reader.text();
    reader.word();
    reader.varint();
    const auto finished = reader.finish("a test");
    ASSERT_FALSE(finished) << size;
    EXPECT_EQ(finished.error().code, ErrorCode::kCorrupt);
  }
}

TEST(ByteCodecTest, a_count_that_cannot_fit_is_refused_before_it_sizes_anything) {
  ByteReader reader("abcdefgh");
  EXPECT_TRUE(reader.fits(1, 8));
  EXPECT_FALSE(reader.fits(UINT64_MAX, 8));
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace purvey::base
