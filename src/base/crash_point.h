#pragma once

#include <string_view>

namespace purvey::base {

/// Kills the process, as `kill -9` would, if the environment variable PURVEY_CRASH_AT names this
/// point: `name`, or `name:3` for the third time it is reached. Tests prove with it that a crash at
/// this instant loses and doubles nothing; otherwise it costs one look-up. Thread-safe.
void crash_point(std::string_view name);

}  // namespace purvey::base
