#include "app/console.h"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

namespace purvey::app {

int exit_status(const base::Error& error) {
  switch (error.code) {
    case base::ErrorCode::kUnavailable:
    case base::ErrorCode::kConflict:
    case base::ErrorCode::kExhausted:
    case base::ErrorCode::kCorrupt:
    case base::ErrorCode::kCancelled:
      return kOutsideFailed;
    case base::ErrorCode::kInvalidInput:
    case base::ErrorCode::kNotFound:
    case base::ErrorCode::kUnsupported:
      return kBadInput;
  }
  return kBadInput;
}

int report(const base::Error& error) {
  fmt::print(stderr, "purvey: {}\n", error.message);
  return exit_status(error);
}

bool output_is_terminal() {
  return isatty(STDOUT_FILENO) == 1;
}
bool errors_are_terminal() {
  return isatty(STDERR_FILENO) == 1;
}

void add_data_option(CLI::App& command, std::string& folder) {
  command.add_option("--data", folder, "data folder")
      ->capture_default_str()
      ->check([](const std::string& given) {
        return given.empty() ? "is empty; write a folder, such as ./purvey-data" : "";
      });
}

std::string with_commas(uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace purvey::app
