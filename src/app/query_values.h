#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "serve/http.h"

namespace purvey::app {

/// What is told of a parameter that holds something else than it should.
base::Error bad_value(std::string_view name, std::string_view given, std::string_view instead);

/// A whole number from 1 to `most`; nothing if the parameter is not given. Errors: kInvalidInput.
base::Result<std::optional<uint64_t>> read_count(const serve::Request& request,
                                                 std::string_view name, uint64_t most);

/// `true` or `false`. Errors: kInvalidInput.
base::Result<bool> read_flag(const serve::Request& request, std::string_view name, bool fallback);

}  // namespace purvey::app
