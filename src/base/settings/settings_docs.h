#pragma once

#include <span>
#include <string>

#include "base/settings/key_spec.h"

namespace purvey::base {

/// Markdown: for each section a heading, its help, and a table of its keys (type, default, bounds,
/// when a change takes effect, what it does). docs/configuration.md is made of it.
std::string render_settings_docs(std::span<const SettingsSection> sections);

}  // namespace purvey::base
