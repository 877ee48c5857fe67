#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "serve/http.h"

namespace purvey::serve {

/// How a sender signs what it sends: the HMAC-SHA-256 (RFC 2104) of the body, by a secret that both
/// know, in a header line.
struct SignatureRule {
  enum class Text : uint8_t { kHex, kBase64 };

  std::string header;  ///< `X-Hub-Signature-256`
  Text text = Text::kHex;
  std::string secret;  ///< of at least kSecretBytesMin bytes
};

inline constexpr size_t kSecretBytesMin = 8;

/// The secret in a file that its owner alone may read, without blanks and line ends around it.
/// Errors: kInvalidInput if others may read it or it is too short, as base::read_file().
base::Result<std::string> load_signing_secret(const std::string& path);

/// Whether the request carries the signature of its body. `sha256=` may stand in front of it. The
/// time that it takes does not depend on how much of a signature is right. O(body).
bool is_signed(const Request& request, const SignatureRule& rule);

}  // namespace purvey::serve
