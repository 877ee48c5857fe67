#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace CLI {
class App;
}

namespace purvey::app {

/// Exit statuses of every command.
inline constexpr int kDone = 0;
inline constexpr int kFinding = 1;        ///< what the caller asked to be told of
inline constexpr int kBadInput = 2;       ///< usage or input
inline constexpr int kOutsideFailed = 3;  ///< disk, another process, another system

/// The exit status for an error.
int exit_status(const base::Error& error);

/// Prints `purvey: MESSAGE` to standard error and gives the exit status for it.
int report(const base::Error& error);

/// Whether people read standard output.
bool output_is_terminal();
/// Whether people read standard error.
bool errors_are_terminal();

/// `--data FOLDER` of a command, which has a default.
void add_data_option(CLI::App& command, std::string& folder);

/// `1234567` as `1,234,567`.
std::string with_commas(uint64_t number);

}  // namespace purvey::app
