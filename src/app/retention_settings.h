#pragma once

#include "base/settings/settings.h"
#include "store/depot/retention.h"

namespace purvey::app {

/// `[retention]`: how long a server keeps what it stores, and how much (docs/retention.md).
extern const base::SettingsSection kRetentionSection;

/// Times are counted in whole days: a part of one counts as one.
store::depot::Retention read_retention(const base::Settings& settings);

}  // namespace purvey::app
