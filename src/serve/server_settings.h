#pragma once

#include "base/settings/settings.h"
#include "serve/http_server.h"

namespace purvey::serve {

/// `[server]`: tokens, names and TLS of the HTTP server.
extern const base::SettingsSection kServerSection;

/// The options that the section gives; address, port and tokens are left as they are by default.
/// Relative files are looked for in `folder`.
HttpServerOptions read_server_options(const base::SettingsTable& server, const std::string& folder);

}  // namespace purvey::serve
