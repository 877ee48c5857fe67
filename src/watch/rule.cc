#include "watch/rule.h"

#include <algorithm>
#include <array>

namespace purvey::watch {
namespace {

constexpr std::array<std::string_view, 3> kSeverities = {"info", "warning", "critical"};

}  // namespace

std::string_view severity_name(Severity severity) {
  return kSeverities[static_cast<size_t>(severity)];
}

std::optional<Severity> find_severity(std::string_view name) {
  const auto found = std::find(kSeverities.begin(), kSeverities.end(), name);
  if (found == kSeverities.end()) return std::nullopt;
  return static_cast<Severity>(found - kSeverities.begin());
}

}  // namespace purvey::watch
