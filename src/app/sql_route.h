#pragma once

#include "app/question_desk.h"
#include "serve/router.h"

namespace purvey::app {

/// `POST /api/v1/sql`: one SELECT over the tables (docs/sql.md), for the administrator. `desk` must
/// outlive the server.
serve::Route sql_route(QuestionDesk& desk);

}  // namespace purvey::app
