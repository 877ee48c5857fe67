#include "base/steady_time.h"

namespace purvey::base {

SteadyTime steady_now() {
  return std::chrono::steady_clock::now();
}

}  // namespace purvey::base
