#pragma once

#include <cstdint>
#include <utility>

#include "flow/track/contribution.h"

namespace purvey::flow::internal {

/// Notes in `state` when something is expected, if an event of `told_at` says so. The first
/// expectation holds (of two told at one instant, the earlier), whatever the order of arrival.
template <class State>
void learn_expectation(State& state, int64_t told_at, int64_t expected_at) {
  if (expected_at == kUnknown) return;
  if (state.expected_at != kUnknown &&
      std::pair(told_at, expected_at) >= std::pair(state.expected_told_at, state.expected_at)) {
    return;
  }
  state.expected_told_at = told_at;
  state.expected_at = expected_at;
}

}  // namespace purvey::flow::internal
