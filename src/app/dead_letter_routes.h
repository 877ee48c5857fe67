#pragma once

#include <string_view>

#include "app/dead_letters.h"
#include "serve/router.h"

namespace purvey::app {

/// `GET /api/v1/dead-letters`, `POST .../retry` and `.../discard` (docs/dead-letters.md). `letters`
/// must outlive the server.
void add_dead_letter_routes(serve::Router& router, DeadLetterDesk& letters);

/// Which letters the body of a retry or discard means: `{"seqs":[4,5]}`, or any of source, verdict,
/// reason and since, or `{"all":true}`. Errors: kInvalidInput naming the member.
base::Result<LetterFilter> read_letter_body(std::string_view body);

/// The body for what is meant.
std::string letter_body(const LetterFilter& filter);

}  // namespace purvey::app
