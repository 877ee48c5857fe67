#include "base/crash_point.h"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>

namespace purvey::base {

void crash_point(std::string_view name) {
  const char* setting = std::getenv("PURVEY_CRASH_AT");
  if (setting == nullptr) return;
  std::string_view wanted = setting;
  int pass = 1;
  if (const size_t colon = wanted.find(':'); colon != std::string_view::npos) {
    std::from_chars(wanted.data() + colon + 1, wanted.data() + wanted.size(), pass);
    wanted = wanted.substr(0, colon);
  }
  static std::atomic<int> passes = 0;
  if (wanted == name && ++passes == pass) std::raise(SIGKILL);
}

}  // namespace purvey::base
