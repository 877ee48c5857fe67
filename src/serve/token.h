#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "serve/http.h"

namespace purvey::serve {

/// A secret that a client shows, and what it may do with it.
struct Token {
  std::string secret = {};  ///< empty: known by its hash alone
  Access access = Access::kAdmin;
  std::string sha256 = {};  ///< in place of the secret: 64 hexadecimal digits in lower case
};

/// The SHA-256 (FIPS 180-4) of a text, as 64 hexadecimal digits.
std::string sha256_hex(std::string_view text);

/// The administrator's token of a data folder: 256 bits as 64 hexadecimal digits, from
/// `folder/admin.token`. Made there at the first start, for its owner's eyes only (0600).
///
/// Errors: kInvalidInput if others may read or write the file, or if it holds no such token;
/// kUnavailable.
base::Result<std::string> load_admin_token(const std::string& folder);

/// The tokens that a server knows, and who may do what without one.
class TokenBook {
 public:
  /// `is_required`: reading and sending events need a token as well.
  TokenBook(std::vector<Token> tokens, bool is_required)
      : tokens_(std::move(tokens)), is_required_(is_required) {}

  enum class Answer : uint8_t {
    kGranted,
    kUnknown,   ///< no token was shown, or one that is not known
    kTooLittle  ///< a token that is known, for something else
  };

  /// Whether `authorization`, the value of that header (empty if there is none), opens `needed`.
  /// The time that it takes does not depend on how much of a token is right.
  Answer ask(Access needed, std::string_view authorization) const;

 private:
  std::vector<Token> tokens_;
  bool is_required_;
};

}  // namespace purvey::serve
