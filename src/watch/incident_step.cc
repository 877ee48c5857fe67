#include "watch/incident_step.h"

namespace purvey::watch {

std::string_view incident_state_name(IncidentState state) {
  return state == IncidentState::kFiring ? "firing" : "resolved";
}

}  // namespace purvey::watch
