#pragma once

#include <string>

#include "base/result.h"

namespace purvey::serve {

/// Nobody but the owner may read or write `path`. Errors: kInvalidInput with the command that mends
/// it, kUnavailable.
base::Result<void> check_owner_only(const std::string& path);

}  // namespace purvey::serve
