#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/event_time.h"
#include "flow/metric/pack.h"

namespace purvey::watch {

/// How bad an incident is; in order.
enum class Severity : uint8_t { kInfo, kWarning, kCritical };

/// "info", "warning", "critical": as in rules and in the table of incidents.
std::string_view severity_name(Severity severity);
std::optional<Severity> find_severity(std::string_view name);

/// On which side of its threshold a rule fires.
enum class Side : uint8_t { kAbove, kBelow };

/// A threshold rule: an incident for each group of a split whose KPI stays beyond a bound. One
/// `[[rule]]` of the settings, checked; docs/rules.md says what each key does.
struct Rule {
  std::string name;
  uint32_t kpi = 0;    ///< place in the pack
  std::string metric;  ///< the KPI's name
  std::string unit;    ///< the KPI's, for titles
  bool level = false;  ///< the KPI is a level: no row means unchanged
  flow::Split split;   ///< by what it is evaluated; empty: the total
  int64_t window_seconds = 60;
  Side side = Side::kAbove;
  double threshold = 0;          ///< fires beyond it, not on it
  double resolve_threshold = 0;  ///< resolves on it or on its other side
  int64_t for_windows = 1;       ///< windows beyond the threshold before it fires
  int64_t keep_windows = 1;      ///< windows back before it resolves
  /// How long without a row until what fires is resolved; 0: never.
  base::Micros resolve_after{0};
  int64_t min_n = 0;  ///< rows that rest on fewer observations are ignored
  Severity severity = Severity::kWarning;
  std::string title;    ///< with {metric}, {value} and {dimensions}
  std::string runbook;  ///< where to read what to do; empty for none

  bool is_beyond(double value) const {
    return side == Side::kAbove ? value > threshold : value < threshold;
  }
  bool is_back(double value) const {
    return side == Side::kAbove ? value <= resolve_threshold : value >= resolve_threshold;
  }
};

}  // namespace purvey::watch
