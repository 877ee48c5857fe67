#include "serve/signature.h"

#include <fmt/core.h>
#include <sodium.h>

#include <array>
#include <optional>

#include "base/check.h"
#include "base/file.h"
#include "serve/internal/ascii.h"
#include "serve/internal/secret_file.h"

namespace purvey::serve {
namespace {

constexpr size_t kSecretBytesMax = 4096;

using Mac = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Mac mac_of(std::string_view body, std::string_view secret) {
  PURVEY_CHECK(sodium_init() >= 0, "libsodium cannot be set up");
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes_of(secret), secret.size());
  crypto_auth_hmacsha256_update(&state, bytes_of(body), body.size());
  Mac mac{};
  crypto_auth_hmacsha256_final(&state, mac.data());
  return mac;
}

/// The bytes that the whole of `text` stands for; nothing if they are no MAC.
std::optional<Mac> read_mac(std::string_view text, SignatureRule::Text form) {
  Mac mac{};
  size_t size = 0;
  const char* end = nullptr;
  const int done =
      form == SignatureRule::Text::kHex
          ? sodium_hex2bin(mac.data(), mac.size(), text.data(), text.size(), nullptr, &size, &end)
          : sodium_base642bin(mac.data(), mac.size(), text.data(), text.size(), nullptr, &size,
                              &end, sodium_base64_VARIANT_ORIGINAL);
  const bool whole = done == 0 && size == mac.size() && end == text.data() + text.size();
  return whole ? std::optional(mac) : std::nullopt;
}

}  // namespace

base::Result<std::string> load_signing_secret(const std::string& path) {
  const auto bytes = PURVEY_TRY(base::read_file(path, kSecretBytesMax));
  PURVEY_TRY(check_owner_only(path));
  const std::string_view secret = trimmed(bytes);
  if (secret.size() < kSecretBytesMin) {
    return base::invalid_input(fmt::format(
        "{}: a secret has at least {} characters; write the one that the sender signs by", path,
        kSecretBytesMin));
  }
  return std::string(secret);
}

bool is_signed(const Request& request, const SignatureRule& rule) {
  constexpr std::string_view kScheme = "sha256=";
  std::string_view shown = trimmed(request.header(rule.header).value_or(""));
  if (shown.starts_with(kScheme)) shown.remove_prefix(kScheme.size());
  const auto mac = read_mac(shown, rule.text);
  const Mac right = mac_of(request.body, rule.secret);
  return mac && sodium_memcmp(mac->data(), right.data(), right.size()) == 0;
}

}  // namespace purvey::serve
