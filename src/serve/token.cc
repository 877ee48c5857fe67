#include "serve/token.h"

#include <fmt/core.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/file.h"
#include "serve/internal/ascii.h"
#include "serve/internal/secret_file.h"

namespace purvey::serve {
namespace {

constexpr size_t kTokenBytes = 32;
constexpr size_t kTokenDigits = 2 * kTokenBytes;

std::string random_token() {
  PURVEY_CHECK(sodium_init() >= 0, "libsodium cannot be set up");
  std::array<unsigned char, kTokenBytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, kTokenDigits + 1> digits{};
  sodium_bin2hex(digits.data(), digits.size(), bytes.data(), bytes.size());
  return std::string(digits.data(), kTokenDigits);
}

bool is_token(std::string_view text) {
  return text.size() == kTokenDigits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

/// The token of `Bearer TOKEN`; empty if it is something else.
std::string_view bearer_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!is_same_word(authorization.substr(0, kScheme.size()), kScheme)) return {};
  return trimmed(authorization.substr(kScheme.size()));
}

/// In a time that depends on the length of `shown` alone.
bool is_same(std::string_view secret, std::string_view shown) {
  return secret.size() == shown.size() && !shown.empty() &&
         sodium_memcmp(secret.data(), shown.data(), shown.size()) == 0;
}

bool opens(Access held, Access needed) {
  return held == Access::kAdmin || held == needed || needed == Access::kPublic;
}

}  // namespace

base::Result<std::string> load_admin_token(const std::string& folder) {
  const std::string path = folder + "/admin.token";
  const auto bytes = base::read_file(path, 1024);
  if (!bytes) {
    if (bytes.error().code != base::ErrorCode::kNotFound) return bytes.error();
    std::string token = random_token();
    PURVEY_TRY(base::write_file(path, token + "\n", 0600));
    return token;
  }
  PURVEY_TRY(check_owner_only(path));
  const std::string_view token = trimmed(*bytes);
  if (!is_token(token)) {
    return base::invalid_input(fmt::format(
        "{}: not {} hexadecimal digits; remove the file and a new token is made at the next start",
        path, kTokenDigits));
  }
  return std::string(token);
}

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> digits{};
  sodium_bin2hex(digits.data(), digits.size(), hash.data(), hash.size());
  return std::string(digits.data(), digits.size() - 1);
}

TokenBook::Answer TokenBook::ask(Access needed, std::string_view authorization) const {
  if (needed == Access::kPublic) return Answer::kGranted;
  if (needed != Access::kAdmin && !is_required_) return Answer::kGranted;
  const std::string_view shown = bearer_of(authorization);
  const std::string hash = sha256_hex(shown);
  bool is_known = false;
  bool is_enough = false;
  for (const Token& token : tokens_) {
    const bool same =
        is_same(token.secret, shown) || (!shown.empty() && is_same(token.sha256, hash));
    is_known |= same;
    is_enough |= same && opens(token.access, needed);
  }
  if (is_enough) return Answer::kGranted;
  return is_known ? Answer::kTooLittle : Answer::kUnknown;
}

}  // namespace purvey::serve
