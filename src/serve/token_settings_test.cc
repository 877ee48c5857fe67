#include "serve/token_settings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"

namespace purvey::serve {
namespace {

constexpr std::string_view kSecret = "abcdefghijklmnopqrstuvwxyz";
// printf abcdefghijklmnopqrstuvwxyz | sha256sum
constexpr std::string_view kHash =
    "71c480df93d6ae2f1efad1447c66c9525e316218cf51fc8d9ed832f2daf18b73";

class TokenSettingsTest : public testing::Test {
 protected:
  TokenSettingsTest() { std::filesystem::create_directories(folder_); }
  ~TokenSettingsTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, std::string_view text, unsigned mode = 0600) {
    ASSERT_TRUE(base::write_file(folder_ + "/" + name, text, mode));
  }
  base::Result<std::vector<Token>> tokens_of(std::string_view text) {
    const auto document = PURVEY_TRY(base::parse_toml(text, "purvey.toml"));
    const auto settings = PURVEY_TRY(base::load_settings(document, {&kTokenSection, 1}));
    return read_tokens(settings.tables("token"), folder_);
  }
  std::string refusal(std::string_view text) {
    const auto tokens = tokens_of(text);
    return tokens ? "taken" : tokens.error().message;
  }

  const std::string folder_ = testing::TempDir() + "token_settings_" + std::to_string(getpid());
};

TEST_F(TokenSettingsTest, declarations_are_right) {
  const auto right = base::check_sections({&kTokenSection, 1});
  EXPECT_TRUE(right) << right.error().message;
}

TEST_F(TokenSettingsTest, a_secret_in_a_file_or_its_hash_opens_what_its_role_says) {
  write("shop.token", std::string(kSecret) + "\n");
  const std::string other = "0123456789abcdefghij";
  const auto tokens = tokens_of(
      "[[token]]\nname = \"shop\"\nrole = \"ingest\"\nsecret_file = \"shop.token\"\n"
      "[[token]]\nname = \"board\"\nrole = \"read\"\nsha256 = \"" +
      sha256_hex(other) + "\"\n");
  ASSERT_TRUE(tokens) << tokens.error().message;
  EXPECT_EQ(tokens->at(0).sha256, kHash);
  std::vector<Token> all = *tokens;
  all.push_back({.secret = "admin-secret"});
  const TokenBook book(all, true);
  using Answer = TokenBook::Answer;
  const std::string shop = "Bearer " + std::string(kSecret);
  EXPECT_EQ(book.ask(Access::kIngest, shop), Answer::kGranted);
  EXPECT_EQ(book.ask(Access::kRead, shop), Answer::kTooLittle);
  EXPECT_EQ(book.ask(Access::kAdmin, shop), Answer::kTooLittle);
  EXPECT_EQ(book.ask(Access::kRead, "Bearer " + other), Answer::kGranted);
  EXPECT_EQ(book.ask(Access::kIngest, "Bearer " + other), Answer::kTooLittle);
  EXPECT_EQ(book.ask(Access::kIngest, "Bearer admin-secret"), Answer::kGranted);
  // Who has seen the settings knows the hash, and nothing by it.
  EXPECT_EQ(book.ask(Access::kIngest, "Bearer " + std::string(kHash)), Answer::kUnknown);
  EXPECT_EQ(book.ask(Access::kIngest, "Bearer "), Answer::kUnknown);
  EXPECT_EQ(book.ask(Access::kIngest, ""), Answer::kUnknown);
}

TEST_F(TokenSettingsTest, what_is_no_token_is_told_with_its_line) {
  write("open.token", kSecret, 0644);
  write("short.token", "abc");
  write("two.token", "abcdefghijklmnopqrst uvwxyz");
  write("good.token", kSecret);
  const std::string shop = "[[token]]\nname = \"shop\"\nrole = \"read\"\n";
  for (const auto& [text, word] : std::vector<std::pair<std::string, std::string>>{
           {shop, "secret_file"},
           {shop + "secret_file = \"good.token\"\nsha256 = \"" + std::string(kHash) + "\"\n",
            "one of"},
           {shop + "sha256 = \"12\"\n", "64"},
           {shop + "sha256 = \"" + std::string(64, 'g') + "\"\n", "64"},
           {shop + "secret_file = \"none\"\n", "none"},
           {shop + "secret_file = \"open.token\"\n", "chmod 600"},
           {shop + "secret_file = \"short.token\"\n", "at least 20"},
           {shop + "secret_file = \"two.token\"\n", "at least 20"},
           {"[[token]]\nname = \"shop\"\nrole = \"admin\"\nsecret_file = \"good.token\"\n",
            "ingest"},
           {"[[token]]\nrole = \"read\"\nsecret_file = \"good.token\"\n", "name"},
           {shop +
                "secret_file = \"good.token\"\n[[token]]\nname = \"b\"\nrole = \"read\"\nsha256 = "
                "\"" +
                std::string(kHash) + "\"\n",
            "another one's"}}) {
    const std::string why = refusal(text);
    EXPECT_NE(why.find("purvey.toml:"), std::string::npos) << text << why;
    EXPECT_NE(why.find(word), std::string::npos) << text << why;
  }
}

}  // namespace
}  // namespace purvey::serve
