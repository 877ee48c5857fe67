#pragma once

#include <string>
#include <string_view>

#include "base/event_time.h"
#include "watch/rule.h"

namespace purvey::watch::internal {

/// The id of the incident that `rule` began for a group at the end of a window.
std::string incident_id(std::string_view rule, std::string_view dimensions, base::EventTime fired);

/// Why an incident ended.
enum class Reason : uint8_t { kBack, kNoData, kRuleGone };

/// `detail` of a firing step: the value beyond the threshold after `held_windows`.
std::string firing_detail(const Rule& rule, double value, int64_t n, int64_t held_windows);

/// `detail` of a step that resolves because of a value.
std::string back_detail(const Rule& rule, double value, int64_t n, base::Micros fired_for);

/// `detail` of a step that resolves without a value.
std::string silent_detail(Reason reason, int64_t window_seconds, base::Micros fired_for);

}  // namespace purvey::watch::internal
