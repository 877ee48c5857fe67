#include "serve/token_settings.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "serve/internal/ascii.h"
#include "serve/internal/secret_file.h"

namespace purvey::serve {
namespace {

using base::KeyNeed;
using base::KeySpec;
using base::KeyType;
using base::Result;

constexpr size_t kFileBytesMax = 4096;
constexpr size_t kHashDigits = 64;

constexpr KeySpec kTokenKeys[] = {
    {.name = "name",
     .help = "whose it is, for people",
     .example = "shop",
     .need = KeyNeed::kRequired,
     .unique = true},
    {.name = "role",
     .type = KeyType::kChoice,
     .help = "what it opens: `ingest`, sending events; `read`, reading results",
     .choices = "ingest|read",
     .example = "ingest",
     .need = KeyNeed::kRequired},
    {.name = "secret_file",
     .help = "file, which its owner alone may read, with the token: at least 20 letters, digits or "
             "signs; relative to the settings file",
     .example = "shop.token",
     .need = KeyNeed::kOptional},
    {.name = "sha256",
     .help = "in place of the file: the SHA-256 of the token, 64 hexadecimal digits",
     .example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
     .need = KeyNeed::kOptional},
};

bool is_hash(std::string_view text) {
  return text.size() == kHashDigits && std::ranges::all_of(text, [](char c) {
           return is_ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

void check_token(const base::SettingsTable& table, base::SettingsFaults& faults) {
  if (table.has("secret_file") == table.has("sha256")) {
    faults.add(table, table.has("sha256") ? "sha256" : "name",
               "a token has either a secret_file or its sha256; write one of them");
  }
  if (table.has("sha256") && !is_hash(table.text("sha256"))) {
    faults.add(table, "sha256", "64 hexadecimal digits, as `sha256sum` prints them");
  }
}

Result<std::string> read_secret(const base::SettingsTable& table, const std::string& folder) {
  const auto path = (std::filesystem::path(folder) / table.text("secret_file")).string();
  const auto bytes = base::read_file(path, kFileBytesMax);
  if (!bytes) return table.error("secret_file", bytes.error().message);
  const auto is_own = check_owner_only(path);
  if (!is_own) return table.error("secret_file", is_own.error().message);
  const std::string_view secret = trimmed(*bytes);
  const bool is_plain = std::ranges::all_of(secret, [](char c) { return c > ' ' && c <= '~'; });
  if (secret.size() >= kTokenCharsMin && is_plain) return std::string(secret);
  return table.error("secret_file",
                     fmt::format("{}: a token is one line of at least {} letters, digits or signs; "
                                 "write `openssl rand -hex 32 > {}`",
                                 path, kTokenCharsMin, path));
}

}  // namespace

const base::SettingsSection kTokenSection = {
    .name = "token",
    .keys = kTokenKeys,
    .help = "Tokens of clients of `purvey run` beside the administrator's (docs/serve.md).",
    .repeated = true,
    .check = check_token};

Result<std::vector<Token>> read_tokens(std::span<const base::SettingsTable> tables,
                                       const std::string& folder) {
  std::vector<Token> tokens;
  for (const base::SettingsTable& table : tables) {
    Token token{.access = table.choice("role") == 0 ? Access::kIngest : Access::kRead};
    token.sha256 = table.has("sha256") ? ascii_lower(table.text("sha256"))
                                       : sha256_hex(PURVEY_TRY(read_secret(table, folder)));
    const auto same = std::ranges::find(tokens, token.sha256, &Token::sha256);
    if (same != tokens.end()) {
      return table.error("name", "this token is another one's too; each has a token of its own");
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

}  // namespace purvey::serve
