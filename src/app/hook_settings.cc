#include "app/hook_settings.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"

namespace purvey::app {
namespace {

using base::KeyNeed;
using base::KeySpec;
using base::KeyType;

constexpr KeySpec kHookKeys[] = {
    {.name = "name",
     .help = "what its path ends in, `/api/v1/hooks/NAME`: small letters, digits, - and _",
     .example = "shop",
     .need = KeyNeed::kRequired,
     .unique = true},
    {.name = "map",
     .help = "mapping file with [document.NAME] tables; relative to the settings file",
     .example = "hooks/shop.toml",
     .need = KeyNeed::kRequired},
    {.name = "secret_file",
     .help = "file, which its owner alone may read, with the secret that the sender signs by; then "
             "messages need the signature and no token; relative to the settings file",
     .example = "hooks/shop.secret",
     .need = KeyNeed::kOptional},
    {.name = "signature_header",
     .fallback = "X-Hub-Signature-256",
     .help = "header line with the HMAC-SHA-256 of the body; `sha256=` may stand before it"},
    {.name = "signature",
     .type = KeyType::kChoice,
     .fallback = "hex",
     .help = "how the signature is written",
     .choices = "hex|base64"},
};

bool is_header_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

void check_hook(const base::SettingsTable& table, base::SettingsFaults& faults) {
  constexpr size_t kNameMax = 64;
  const std::string& name = table.text("name");
  if (name.empty() || name.size() > kNameMax || !std::ranges::all_of(name, is_name_letter)) {
    faults.add(table, "name",
               "a name has 1 to 64 small letters, digits, - and _; write name = \"shop\"");
  }
  const std::string& header = table.text("signature_header");
  if (header.empty() || !std::ranges::all_of(header, is_header_letter)) {
    faults.add(table, "signature_header",
               "no name of a header line; write signature_header = \"X-Hub-Signature-256\"");
  }
  for (const auto* key : {"signature_header", "signature"}) {
    if (!table.given(key) || table.has("secret_file")) continue;
    faults.add(table, key, "a signature needs its secret; name the file as `secret_file`");
  }
}

base::Result<Hook> read_hook(const base::SettingsTable& table, const std::string& folder) {
  const auto path_of = [&](std::string_view key) {
    return (std::filesystem::path(folder) / table.text(key)).string();
  };
  Hook hook;
  hook.name = table.text("name");
  const std::string path = path_of("map");
  const auto text = base::read_file(path, base::kTomlBytesMax);
  if (!text) return table.error("map", text.error().message);
  auto map = PURVEY_TRY(flow::parse_import_map(*text, path));
  if (!map.of_documents) {
    return table.error("map", path + ": is a map of files; a hook takes one with [document.NAME]");
  }
  hook.map = std::make_shared<flow::ImportMap>(std::move(map));
  if (table.has("secret_file")) hook.secret_file = path_of("secret_file");
  hook.signature.header = table.text("signature_header");
  hook.signature.text = static_cast<serve::SignatureRule::Text>(table.choice("signature"));
  return hook;
}

}  // namespace

const base::SettingsSection kHookSection = {
    .name = "hook",
    .keys = kHookKeys,
    .help = "Takes the web hooks of another system: docs/hooks.md.",
    .repeated = true,
    .check = check_hook};

base::Result<std::vector<Hook>> read_hooks(const base::Settings& settings,
                                           const std::string& folder) {
  std::vector<Hook> hooks;
  for (const auto& table : settings.tables(kHookSection.name)) {
    hooks.push_back(PURVEY_TRY(read_hook(table, folder)));
  }
  return hooks;
}

}  // namespace purvey::app
