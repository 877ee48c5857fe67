#pragma once

#include <string>
#include <string_view>

#include "tests/bad_input/case_file.h"

namespace purvey::bad_input {

/// What became of an input, in the words of the case files. A broken promise (two rows for a line,
/// another payload the second time) is told instead, as `broken: ...`.
///
/// event: for each line `accepted`, `quarantined REASON` or `rejected REASON`, between `; `. Where
/// the expected verdict says `accepted FIELD=VALUE`, so does the outcome.
std::string run_events(const Case& given);

/// packed: `STEPS : TEXT`, the text packed by the steps and read as a file: its size, or `corrupt`.
std::string run_packed(const Case& given);

/// csv: `[a|b] 2[1|x] 3!cell_count`: columns, rows with their lines, faults; or `error CODE`.
std::string run_csv(const Case& given);

/// stamp: `PATTERN ~ ZONE ~ TEXT`: the time in UTC, `no_pattern` or `skipped`.
std::string run_stamp(const Case& given);

/// hook: a message of a web hook by packs/hook/shop.toml, then the decoder: for each of its rows as
/// `event` says it.
std::string run_hook(const Case& given);

/// settings and map: `loads`, or `refused` with the fragment of the message that is expected.
std::string run_settings(const Case& given);
std::string run_map(const Case& given);

/// The verdict on a message: as expected if it has its place, `input.toml:`, and the fragment that
/// is expected; else `refused` with all of it.
std::string refusal_of(const std::string& message, std::string_view expected);

}  // namespace purvey::bad_input
