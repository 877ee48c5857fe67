#include "base/whole_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "base/file.h"

namespace purvey::base {
namespace {

class WholeFileTest : public testing::Test {
 protected:
  WholeFileTest() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~WholeFileTest() override { std::filesystem::remove_all(folder_); }

  size_t entries() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  const std::string folder_ = testing::TempDir() + "whole_file";
  const std::string path_ = folder_ + "/out.txt";
};

TEST_F(WholeFileTest, it_appears_with_its_commit_and_not_before) {
  WholeFile file(path_);
  ASSERT_TRUE(file.open());
  ASSERT_TRUE(file.write("one "));
  EXPECT_FALSE(std::filesystem::exists(path_));
  ASSERT_TRUE(file.write("two"));
  ASSERT_TRUE(file.commit());
  EXPECT_EQ(read_file(path_, 100).value(), "one two");
}

TEST_F(WholeFileTest, without_a_commit_nothing_is_left_and_the_old_file_stays) {
  ASSERT_TRUE(write_file(path_, "old"));
  {
    WholeFile file(path_);
    ASSERT_TRUE(file.open());
    ASSERT_TRUE(file.write("new"));
  }
  EXPECT_EQ(read_file(path_, 100).value(), "old");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(WholeFileTest, a_pipe_is_written_to_and_not_replaced) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = read_file(path_, 100).value_or("?"); });
  {
    WholeFile file(path_);
    ASSERT_TRUE(file.open());
    ASSERT_TRUE(file.write("through"));
    ASSERT_TRUE(file.commit());
  }
  reader.join();
  EXPECT_EQ(got, "through");
  EXPECT_TRUE(std::filesystem::is_fifo(path_));
}

TEST_F(WholeFileTest, a_folder_that_is_not_there_is_named) {
  WholeFile file(folder_ + "/none/out.txt");
  const auto opened = file.open();
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("none/out.txt"), std::string::npos);
}

}  // namespace
}  // namespace purvey::base
