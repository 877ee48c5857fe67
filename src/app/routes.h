#pragma once

#include <memory>

#include "app/dead_letters.h"
#include "app/event_intake.h"
#include "app/hook_intake.h"
#include "app/live_flow.h"
#include "app/question_desk.h"
#include "serve/metrics.h"
#include "serve/router.h"

namespace purvey::app {

/// Everything that a server answers over HTTP (docs/serve.md), the document of it included. `pack`
/// is that of the flow. All but the metrics must outlive the server.
serve::Router make_routes(LiveFlow& flow, EventIntake& intake, HookIntake& hooks,
                          QuestionDesk& desk, DeadLetterDesk& letters, const flow::Pack& pack,
                          std::shared_ptr<const serve::Metrics> metrics);

}  // namespace purvey::app
