#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tests/scenarios/scenario.h"

namespace purvey::scenarios {

/// Reads the text of a scenario; README.md has the language. `file` is what messages call it, and
/// the folder of the files that it loads. Errors: kInvalidInput with `file:line: what is wrong and
/// what to write instead`, of the first line that is wrong.
base::Result<Scenario> read_scenario(const std::string& file, std::string_view text);

/// The `.scenario` files of a folder, sorted.
std::vector<std::string> scenario_files(const std::string& folder);

}  // namespace purvey::scenarios
