#include "base/file_hash.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace purvey::base {
namespace {

class FileHashTest : public testing::Test {
 protected:
  ~FileHashTest() override { std::filesystem::remove(path_); }

  void given(const std::string& bytes) { std::ofstream(path_, std::ios::binary) << bytes; }

  const std::string path_ = testing::TempDir() + "file_hash_" +
                            testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(FileHashTest, the_pieces_it_is_read_in_do_not_show) {
  const std::string text((1U << 20) + 7, 'x');  // several pieces, the last one not full
  given(text);
  const auto whole = hash_file(path_).value();
  EXPECT_EQ(whole.bytes, text.size());
  EXPECT_EQ(whole.hash, hash128(text));
}

TEST_F(FileHashTest, a_limit_hashes_the_front_and_a_limit_beyond_the_end_all_of_it) {
  const std::string text((1U << 20) + 7, 'x');
  given(text);
  for (const uint64_t limit :
       {0U, 1U, (1U << 18) - 1, 1U << 18, 1U << 20, (1U << 20) + 7, 1U << 30}) {
    const auto front = hash_file(path_, limit).value();
    EXPECT_EQ(front.bytes, std::min<uint64_t>(limit, text.size()));
    EXPECT_EQ(front.hash, hash128(text.substr(0, front.bytes))) << limit;
  }
}

TEST_F(FileHashTest, what_cannot_be_read_has_no_hash) {
  EXPECT_EQ(hash_file(path_).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(hash_file(testing::TempDir()).error().code, ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace purvey::base
