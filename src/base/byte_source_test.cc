#include "base/byte_source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "base/packing_fixture.h"

namespace purvey::base {
namespace {

class ByteSourceTest : public testing::Test {
 protected:
  ~ByteSourceTest() override { std::filesystem::remove(path_); }

  void given(const std::string& bytes) { std::ofstream(path_, std::ios::binary) << bytes; }

  Result<std::string> read_all() {
    auto source = PURVEY_TRY(open_byte_source(path_));
    std::string all;
    std::vector<char> block(100);
    for (;;) {
      const size_t got = PURVEY_TRY(source->read(block));
      if (got == 0) break;
      all.append(block.data(), got);
    }
    fingerprint_ = source->fingerprint();
    raw_bytes_ = source->raw_bytes();
    return all;
  }

  static std::string long_text() {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + "\n";
    return text;
  }

  const std::string path_ = testing::TempDir() + "byte_source_" +
                            testing::UnitTest::GetInstance()->current_test_info()->name();
  Hash128 fingerprint_;
  uint64_t raw_bytes_ = 0;
};

TEST_F(ByteSourceTest, plain_gzip_and_zstd_give_the_same_bytes) {
  const std::string text = long_text();
  for (const auto& packed : {text, gzip(text), zstd(text)}) {
    given(packed);
    EXPECT_EQ(read_all().value(), text);
    EXPECT_EQ(fingerprint_, hash128(packed));
    EXPECT_EQ(raw_bytes_, packed.size());
  }
}

TEST_F(ByteSourceTest, members_and_frames_in_a_row_are_one_stream) {
  given(gzip("one ") + gzip("two"));
  EXPECT_EQ(read_all().value(), "one two");
  given(zstd("one ") + zstd("two"));
  EXPECT_EQ(read_all().value(), "one two");
}

TEST_F(ByteSourceTest, a_cut_stream_is_an_error_not_a_short_file) {
  const std::string text = long_text();
  for (const auto& packed : {gzip(text), zstd(text)}) {
    given(packed.substr(0, packed.size() / 2));
    const auto all = read_all();
    ASSERT_FALSE(all);
    EXPECT_EQ(all.error().code, ErrorCode::kCorrupt);
  }
}

TEST_F(ByteSourceTest, a_flipped_bit_in_a_compressed_file_is_an_error) {
  std::string packed = gzip(long_text());
  packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] ^ 1);  // its CRC
  given(packed);
  EXPECT_FALSE(read_all());
}

TEST_F(ByteSourceTest, files_shorter_than_a_magic_number_are_plain) {
  given("");
  EXPECT_EQ(read_all().value(), "");
  given("a");
  EXPECT_EQ(read_all().value(), "a");
}

TEST_F(ByteSourceTest, a_missing_file_and_a_folder_are_named) {
  EXPECT_EQ(open_byte_source("/nowhere/at/all").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(open_byte_source("/tmp").error().code, ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace purvey::base
