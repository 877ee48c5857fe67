#pragma once

#include "app/event_intake.h"
#include "app/live_flow.h"
#include "serve/router.h"

namespace purvey::app {

/// Everything that a server answers over HTTP (docs/serve.md). `flow` and `intake` must outlive the
/// server.
serve::Router make_routes(LiveFlow& flow, EventIntake& intake);

}  // namespace purvey::app
