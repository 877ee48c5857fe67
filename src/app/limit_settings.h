#pragma once

#include <cstddef>

#include "base/settings/settings.h"
#include "serve/http_server.h"

namespace purvey::app {

extern const base::SettingsSection kLimitsSection;  ///< `[limits]`

/// Threads that keep state, at least one.
size_t read_shards(const base::SettingsTable& limits);

/// What one client of the server, and all of them together, may cost; the rest is as it is by
/// default.
serve::HttpLimits read_http_limits(const base::SettingsTable& limits);

}  // namespace purvey::app
