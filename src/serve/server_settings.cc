#include "serve/server_settings.h"

#include <filesystem>

namespace purvey::serve {
namespace {

using base::KeyNeed;
using base::KeySpec;
using base::KeyType;

constexpr KeySpec kServerKeys[] = {
    {.name = "auth",
     .type = KeyType::kBoolean,
     .fallback = "false",
     .help = "whether reading and sending events need a token too; the administrator's paths "
             "always do"},
    {.name = "hosts",
     .type = KeyType::kTexts,
     .fallback = "[]",
     .help = "names, without port, by which clients may call the server beside those of loopback "
             "and its address",
     .example = "[\"shop.example\"]"},
    {.name = "certificate",
     .help = "PEM file of the certificate for TLS, its own first; relative to the settings file",
     .example = "certificate.pem",
     .need = KeyNeed::kOptional},
    {.name = "key",
     .help = "PEM file of the certificate's key, which its owner alone may read; relative to the "
             "settings file",
     .example = "key.pem",
     .need = KeyNeed::kOptional}};

void check_server(const base::SettingsTable& table, base::SettingsFaults& faults) {
  if (table.has("certificate") && !table.has("key")) {
    faults.add(table, "certificate", "TLS takes its key too; name it as `key`");
  }
  if (table.has("key") && !table.has("certificate")) {
    faults.add(table, "key", "TLS takes the certificate too; name it as `certificate`");
  }
}

std::string file_of(const base::SettingsTable& server, std::string_view key,
                    const std::string& folder) {
  if (!server.has(key)) return "";
  return (std::filesystem::path(folder) / server.text(key)).string();
}

}  // namespace

const base::SettingsSection kServerSection = {.name = "server",
                                              .keys = kServerKeys,
                                              .help = "The HTTP server of `purvey run`.",
                                              .check = check_server};

HttpServerOptions read_server_options(const base::SettingsTable& server,
                                      const std::string& folder) {
  return {.hosts = server.texts("hosts"),
          .needs_token = server.boolean("auth"),
          .tls = {.certificate = file_of(server, "certificate", folder),
                  .key = file_of(server, "key", folder)}};
}

}  // namespace purvey::serve
