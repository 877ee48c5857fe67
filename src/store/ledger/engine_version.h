#pragma once

#include <string_view>

namespace purvey::store::ledger {

/// The version of the library that runs, as `1.2.3`.
std::string_view engine_version();

}  // namespace purvey::store::ledger
