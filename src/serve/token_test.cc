#include "serve/token.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace purvey::serve {
namespace {

class AdminTokenTest : public testing::Test {
 protected:
  AdminTokenTest() { std::filesystem::create_directories(folder_); }
  ~AdminTokenTest() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/admin.token"; }

  const std::string folder_ = testing::TempDir() + "admin_token_" + std::to_string(getpid());
};

TEST_F(AdminTokenTest, it_is_made_once_for_its_owner_alone) {
  const std::string token = load_admin_token(folder_).value();
  EXPECT_EQ(token.size(), 64U);
  struct stat status{};
  ASSERT_EQ(stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_EQ(load_admin_token(folder_).value(), token);

  std::filesystem::remove(path());
  EXPECT_NE(load_admin_token(folder_).value(), token);
}

TEST_F(AdminTokenTest, a_file_that_others_may_read_is_refused) {
  load_admin_token(folder_).value();
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0601U}) {
    chmod(path().c_str(), mode);
    const auto token = load_admin_token(folder_);
    ASSERT_FALSE(token.has_value()) << mode;
    EXPECT_NE(token.error().message.find("write `chmod 600 "), std::string::npos);
  }
  chmod(path().c_str(), 0400);
  EXPECT_TRUE(load_admin_token(folder_).has_value());
}

TEST_F(AdminTokenTest, a_file_without_a_token_is_refused_and_not_shown) {
  for (const std::string& text : {std::string("sesame"), std::string(64, 'g'), std::string(63, 'a'),
                                  std::string(65, 'a'), std::string()}) {
    std::filesystem::remove(path());
    std::ofstream(path()) << text;
    chmod(path().c_str(), 0600);
    const auto token = load_admin_token(folder_);
    ASSERT_FALSE(token.has_value()) << text;
    EXPECT_EQ(token.error().code, base::ErrorCode::kInvalidInput);
    if (!text.empty()) {
      EXPECT_EQ(token.error().message.find(text), std::string::npos);
    }
  }
}

using enum TokenBook::Answer;

TEST(TokenBookTest, without_demand_only_the_administrators_paths_need_a_token) {
  const TokenBook book({{"secret", Access::kAdmin}}, false);
  for (const Access access : {Access::kPublic, Access::kRead, Access::kIngest}) {
    EXPECT_EQ(book.ask(access, ""), kGranted);
  }
  EXPECT_EQ(book.ask(Access::kAdmin, ""), kUnknown);
  EXPECT_EQ(book.ask(Access::kAdmin, "Bearer secret"), kGranted);
}

TEST(TokenBookTest, each_token_opens_its_own_and_the_administrators_all) {
  const TokenBook book(
      {{"root", Access::kAdmin}, {"reader", Access::kRead}, {"sender", Access::kIngest}}, true);
  const auto ask = [&](std::string_view secret, Access access) {
    return book.ask(access, "Bearer " + std::string(secret));
  };
  for (const Access access : {Access::kRead, Access::kIngest, Access::kAdmin}) {
    EXPECT_EQ(ask("root", access), kGranted);
    EXPECT_EQ(ask("other", access), kUnknown);
    EXPECT_EQ(book.ask(access, ""), kUnknown);
  }
  EXPECT_EQ(ask("reader", Access::kRead), kGranted);
  EXPECT_EQ(ask("reader", Access::kIngest), kTooLittle);
  EXPECT_EQ(ask("reader", Access::kAdmin), kTooLittle);
  EXPECT_EQ(ask("sender", Access::kIngest), kGranted);
  EXPECT_EQ(ask("sender", Access::kRead), kTooLittle);
  EXPECT_EQ(book.ask(Access::kPublic, ""), kGranted);
}

TEST(TokenBookTest, only_the_whole_token_in_its_form_is_known) {
  const TokenBook book({{"secret", Access::kAdmin}, {"", Access::kAdmin}}, true);
  for (const char* shown :
       {"", "secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets", "Bearer Secret",
        "Basic secret", "Bearersecret", "Bearer secret secret", "Bearer\tsecret"}) {
    EXPECT_EQ(book.ask(Access::kRead, shown), kUnknown) << shown;
  }
  EXPECT_EQ(book.ask(Access::kRead, "bearer  secret"), kGranted);
}

}  // namespace
}  // namespace purvey::serve
