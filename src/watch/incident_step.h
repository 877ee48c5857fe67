#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/event_time.h"
#include "watch/rule.h"

namespace purvey::watch {

/// What became of an incident.
enum class IncidentState : uint8_t { kFiring, kResolved };

/// "firing", "resolved": as in the table of incidents.
std::string_view incident_state_name(IncidentState state);

/// One row of `incident_step` (docs/data.md, section 4), without `seq` and `who`.
struct IncidentStep {
  std::string incident_id;  ///< 32 hexadecimal digits: rule, group and first firing window
  std::string rule;
  Severity severity = Severity::kWarning;
  IncidentState state = IncidentState::kFiring;
  base::EventTime happened_at;  ///< end of the window that made it
  std::string title;            ///< the same in all steps of an incident
  std::string metric;
  std::string dimensions;  ///< canonical JSON, `{}` for the total
  std::string detail;      ///< JSON: value, threshold, ...; of a resolved one also the reason

  friend bool operator==(const IncidentStep&, const IncidentStep&) = default;
};

}  // namespace purvey::watch
