#include "base/settings/byte_size.h"

#include <gtest/gtest.h>

namespace purvey::base {
namespace {

TEST(ByteSizeTest, binary_and_decimal_units) {
  EXPECT_EQ(*parse_byte_size("64MiB"), 64 * 1024 * 1024);
  EXPECT_EQ(*parse_byte_size("64MB"), 64'000'000);
  EXPECT_EQ(*parse_byte_size("1KiB"), 1024);
  EXPECT_EQ(*parse_byte_size("1kB"), 1000);
  EXPECT_EQ(*parse_byte_size("2GiB"), 2'147'483'648);
  EXPECT_EQ(*parse_byte_size("0B"), 0);
}

TEST(ByteSizeTest, what_is_printed_reads_back_the_same) {
  for (const int64_t bytes : {0L, 1L, 1000L, 1024L, 1536L, 67'108'864L, 64'000'000L, 1L << 53}) {
    EXPECT_EQ(*parse_byte_size(format_byte_size(bytes)), bytes);
  }
  EXPECT_EQ(format_byte_size(64 << 20), "64MiB");
}

TEST(ByteSizeTest, what_is_no_size_is_refused_with_a_remedy) {
  for (const char* text : {"", "64", "MiB", "-1B", "64 MiB", "64mib", "64M", "1.5GiB", "8193TiB",
                           "9223372036854775807TiB", "99999999999999999999B"}) {
    const auto size = parse_byte_size(text);
    ASSERT_FALSE(size) << text;
    EXPECT_NE(size.error().message.find("write it as"), std::string::npos);
  }
}

}  // namespace
}  // namespace purvey::base
