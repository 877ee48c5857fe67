#include "base/file.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <vector>

namespace purvey::base {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() { fs::create_directories(folder_); }
  ~FileTest() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  const std::string folder_ =
      testing::TempDir() + "file_" + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(FileTest, another_name_mends_some_errors_and_a_second_try_others) {
  for (const int missing : {ENOENT, ENOTDIR}) {
    EXPECT_EQ(read_error("f", "cannot be read", missing).code, ErrorCode::kNotFound);
  }
  for (const int unfit : {EISDIR, EACCES, EPERM, ELOOP, ENAMETOOLONG}) {
    EXPECT_EQ(read_error("f", "cannot be read", unfit).code, ErrorCode::kInvalidInput);
  }
  for (const int outside : {EIO, EMFILE, ESTALE}) {
    EXPECT_EQ(read_error("f", "cannot be read", outside).code, ErrorCode::kUnavailable);
  }
  EXPECT_EQ(read_error("f", "cannot be opened", EACCES).message,
            "f: cannot be opened: Permission denied");
  EXPECT_EQ(read_error("f", "cannot be opened", EISDIR).message, "f: a folder; name a file");
}

TEST_F(FileTest, a_file_is_read_up_to_its_limit_and_a_folder_is_none) {
  ASSERT_TRUE(write_file(path("a"), "abc"));
  EXPECT_EQ(read_file(path("a"), 3).value(), "abc");
  EXPECT_EQ(read_file(path("a"), 2).error().code, ErrorCode::kExhausted);
  EXPECT_EQ(read_file(path("b"), 2).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read_file(folder_, 2).error().code, ErrorCode::kInvalidInput);
}

TEST_F(FileTest, one_file_has_many_paths) {
  ASSERT_TRUE(write_file(path("a"), "abc"));
  fs::create_symlink("a", path("link"));
  EXPECT_TRUE(is_same_file(path("a"), path("./a")));
  EXPECT_TRUE(is_same_file(path("a"), path("link")));
  EXPECT_TRUE(is_same_file(path("to_be_made"), path("x/../to_be_made")));
  EXPECT_TRUE(is_same_file("to_be_made", "./to_be_made"));
  EXPECT_FALSE(is_same_file(path("a"), path("b")));
  EXPECT_FALSE(is_same_file(path("a"), ""));
  EXPECT_FALSE(is_same_file("/dev/null", "/dev/null"));  // no regular file: it may be both
}

TEST_F(FileTest, any_number_of_files_and_folders_become_durable) {
  EXPECT_TRUE(Disk::system().sync_all({}));
  std::vector<std::string> paths = {folder_};
  EXPECT_TRUE(Disk::system().sync_all(paths));
  for (int i = 0; i < 100; ++i) {
    paths.push_back(path(std::to_string(i)));
    ASSERT_TRUE(write_file(paths.back(), "x"));
  }
  EXPECT_TRUE(Disk::system().sync_all(paths));
}

TEST_F(FileTest, the_first_file_that_cannot_be_made_durable_is_named) {
  std::vector<std::string> paths(100, folder_);
  paths[40] = path("missing");
  paths[90] = path("later");
  const auto done = Disk::system().sync_all(paths);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kNotFound);
  EXPECT_NE(done.error().message.find("/missing: "), std::string::npos) << done.error().message;
}

}  // namespace
}  // namespace purvey::base
