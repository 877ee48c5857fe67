#pragma once

#include <string>

#include "tests/bad_input/case_file.h"

namespace purvey::bad_input {

/// flow: files of events, between ` ~ `, through a replay whose clock stands at 2026-06-01 and
/// whose settings bring the metric `t` to C: the rows of `quality`, and how many files were known,
/// as `2 accepted; 1 duplicate same_id; 1 known`.
std::string run_flow(const Case& given);

/// configuration: a settings file as `purvey check` reads it, beside the maps shop.toml and
/// scms.toml: `loads`, or `refused` with the fragment of the first message that is expected.
std::string run_configuration(const Case& given);

/// pack: a metric pack, with the same outcomes.
std::string run_pack(const Case& given);

}  // namespace purvey::bad_input
