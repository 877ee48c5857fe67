#pragma once

#include <chrono>

namespace purvey::base {

/// A moment of a clock that never jumps and says nothing of the date.
using SteadyTime = std::chrono::steady_clock::time_point;

/// Now. For timeouts, and for telling how long something took; never for what ends in a result.
SteadyTime steady_now();

}  // namespace purvey::base
