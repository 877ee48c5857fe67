#include "serve/signature.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace purvey::serve {
namespace {

// The example of GitHub's page on validating deliveries of web hooks.
constexpr const char* kSecret = "It's a Secret to Everybody";
constexpr const char* kBody = "Hello, World!";
constexpr const char* kHex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
constexpr const char* kBase64 = "dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc=";

bool check(const std::string& shown, SignatureRule::Text text = SignatureRule::Text::kHex,
           const std::string& body = kBody) {
  Request request;
  request.body = body;
  request.header_lines = "x-signature: " + shown + "\r\n";
  return is_signed(request, {.header = "X-Signature", .text = text, .secret = kSecret});
}

TEST(SignatureTest, a_signature_of_the_body_by_the_secret_is_right) {
  EXPECT_TRUE(check(kHex));
  EXPECT_TRUE(check(std::string("sha256=") + kHex));
}

TEST(SignatureTest, anything_else_is_wrong) {
  const std::string hex = kHex;
  EXPECT_FALSE(check(""));
  EXPECT_FALSE(check("sha256="));
  EXPECT_FALSE(check(hex.substr(1)));
  EXPECT_FALSE(check(hex + "00"));
  EXPECT_FALSE(check(hex + " x"));
  EXPECT_FALSE(check("0" + hex.substr(1)));
  EXPECT_FALSE(check("sha1=" + hex));
  EXPECT_FALSE(check(hex, SignatureRule::Text::kHex, "Hello, World"));
  EXPECT_FALSE(check(hex, SignatureRule::Text::kBase64));
  EXPECT_FALSE(is_signed({}, {.header = "X-Signature", .secret = kSecret}));
}

TEST(SignatureTest, base64_says_the_same) {
  EXPECT_TRUE(check(kBase64, SignatureRule::Text::kBase64));
  EXPECT_FALSE(check(std::string(kBase64).substr(0, 43), SignatureRule::Text::kBase64));
  EXPECT_FALSE(check(kBase64, SignatureRule::Text::kHex));
}

TEST(SignatureTest, a_secret_is_its_owners_and_long_enough) {
  const std::string path = testing::TempDir() + "signing_secret_" + std::to_string(getpid());
  EXPECT_FALSE(load_signing_secret(path));
  std::ofstream(path) << " 12345678\n";
  chmod(path.c_str(), 0640);
  EXPECT_NE(load_signing_secret(path).error().message.find("chmod 600"), std::string::npos);
  chmod(path.c_str(), 0600);
  EXPECT_EQ(load_signing_secret(path).value(), "12345678");
  std::ofstream(path) << "1234567\n";
  EXPECT_NE(load_signing_secret(path).error().message.find("at least 8"), std::string::npos);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace purvey::serve
