#include "app/version.h"

#include <fmt/core.h>

#include "store/depot/engines.h"

namespace purvey::app {

std::string version_text() {
  return fmt::format("purvey {} ({})", PURVEY_VERSION, store::depot::engine_versions());
}

}  // namespace purvey::app
