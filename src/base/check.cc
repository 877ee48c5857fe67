#include "base/check.h"

#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>

namespace purvey::base {

void check_failed(std::string_view condition, std::string_view message,
                  std::source_location where) {
  fmt::print(stderr, "purvey: bug at {}:{}: {} ({})\n", where.file_name(), where.line(), message,
             condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace purvey::base
