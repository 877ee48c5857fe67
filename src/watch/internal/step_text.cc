#include "watch/internal/step_text.h"

#include <fmt/core.h>

#include "base/byte_codec.h"
#include "base/hash.h"

namespace purvey::watch::internal {
namespace {

int64_t seconds(base::Micros time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

std::string value_part(const Rule& rule, double value, double threshold, int64_t n) {
  return fmt::format(R"("value":{},"threshold":{},"side":"{}","window_seconds":{},"n":{})", value,
                     threshold, rule.side == Side::kAbove ? "above" : "below", rule.window_seconds,
                     n);
}

std::string_view reason_name(Reason reason) {
  switch (reason) {
    case Reason::kBack:
      return "back";
    case Reason::kNoData:
      return "no data";
    case Reason::kRuleGone:
      return "rule gone";
  }
  return "";
}

}  // namespace

std::string incident_id(std::string_view rule, std::string_view dimensions, base::EventTime fired) {
  std::string bytes;
  base::ByteWriter writer(bytes);
  writer.text(rule);
  writer.text(dimensions);
  writer.zigzag(fired.micros);
  return base::hash128(bytes).hex();
}

std::string firing_detail(const Rule& rule, double value, int64_t n, int64_t held_windows) {
  std::string detail =
      fmt::format(R"({{{},"for_seconds":{})", value_part(rule, value, rule.threshold, n),
                  held_windows * rule.window_seconds);
  // A runbook's address holds nothing that JSON would escape: RuleBook checks it.
  if (!rule.runbook.empty()) detail += fmt::format(R"(,"runbook":"{}")", rule.runbook);
  return detail + "}";
}

std::string back_detail(const Rule& rule, double value, int64_t n, base::Micros fired_for) {
  return fmt::format(R"({{"reason":"{}",{},"firing_seconds":{}}})", reason_name(Reason::kBack),
                     value_part(rule, value, rule.resolve_threshold, n), seconds(fired_for));
}

std::string silent_detail(Reason reason, int64_t window_seconds, base::Micros fired_for) {
  return fmt::format(R"({{"reason":"{}","window_seconds":{},"firing_seconds":{}}})",
                     reason_name(reason), window_seconds, seconds(fired_for));
}

}  // namespace purvey::watch::internal
