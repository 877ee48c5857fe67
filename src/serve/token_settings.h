#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/settings/settings.h"
#include "serve/token.h"

namespace purvey::serve {

/// `[[token]]`: tokens beside the administrator's, each for one thing.
extern const base::SettingsSection kTokenSection;

/// The tokens that the tables declare. Relative files are looked for in `folder`. Errors:
/// kInvalidInput naming the line, for a file that is missing, that others may read, or that holds
/// no secret of kTokenCharsMin letters; for two tokens that are one.
base::Result<std::vector<Token>> read_tokens(std::span<const base::SettingsTable> tables,
                                             const std::string& folder);

/// Least length of a secret: shorter ones can be tried out.
inline constexpr size_t kTokenCharsMin = 20;

}  // namespace purvey::serve
