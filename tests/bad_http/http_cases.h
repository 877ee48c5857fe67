#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bad_input/case_file.h"

namespace purvey::bad_http {

using bad_input::Case;

/// The cases of every `.cases` file of tests/bad_http.
const std::vector<Case>& all_cases();

/// The bytes that a client sends. README.md has the readers and the steps of packing.
std::string bytes_of(const Case& given);

/// What a server on this port makes of `bytes`, sent on a connection of their own which then sends
/// no more: the answers in their order, `STATUS` or `STATUS:BODY` with short bodies, and `close`
/// after one that ends the connection; `nothing` where there is none.
std::string verdict_of(uint16_t port, const std::string& bytes);

}  // namespace purvey::bad_http
