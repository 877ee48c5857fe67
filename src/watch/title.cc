#include "watch/title.h"

#include <fmt/core.h>

#include <array>
#include <cmath>

namespace purvey::watch {
namespace {

constexpr size_t kTitleBytesMax = 300;
constexpr std::array<std::string_view, 3> kPlaceholders = {"metric", "value", "dimensions"};

/// Calls `on_text` and `on_placeholder` for the parts of a title in turn; false if a brace is not
/// closed.
template <class OnText, class OnPlaceholder>
bool visit_parts(std::string_view title, const OnText& on_text,
                 const OnPlaceholder& on_placeholder) {
  while (!title.empty()) {
    const size_t open = title.find('{');
    on_text(title.substr(0, open));
    if (open == std::string_view::npos) return true;
    const size_t close = title.find('}', open);
    if (close == std::string_view::npos) return false;
    on_placeholder(title.substr(open + 1, close - open - 1));
    title.remove_prefix(close + 1);
  }
  return true;
}

}  // namespace

base::Result<void> check_title(std::string_view title) {
  if (title.empty()) return base::invalid_input("is empty; write what is the matter");
  if (title.size() > kTitleBytesMax) {
    return base::invalid_input(
        fmt::format("is {} bytes long; write at most {}", title.size(), kTitleBytesMax));
  }
  std::string unknown;
  const bool closed = visit_parts(
      title, [](std::string_view) {},
      [&](std::string_view name) {
        for (const std::string_view known : kPlaceholders) {
          if (name == known) return;
        }
        if (unknown.empty()) unknown = fmt::format("{{{}}}", name);
      });
  if (!closed) return base::invalid_input("has a { without its }; write {value}");
  if (unknown.empty()) return {};
  return base::invalid_input(
      fmt::format("no placeholder {}; write {{metric}}, {{value}} or {{dimensions}}", unknown));
}

std::string render_title(const Rule& rule, double value, const Labels& labels) {
  std::string out;
  visit_parts(
      rule.title, [&](std::string_view text) { out += text; },
      [&](std::string_view name) {
        if (name == "metric") out += rule.metric;
        if (name == "value") out += value_in_words(value, rule.unit);
        if (name == "dimensions") out += labels_in_words(labels);
      });
  return out;
}

std::string value_in_words(double value, std::string_view unit) {
  if (unit == "ratio") return fmt::format("{:.1f} %", value * 100);
  const bool large = std::fabs(value) >= 1'000;
  std::string words = large ? fmt::format("{:.0f}", value) : fmt::format("{:.4g}", value);
  if (!unit.empty() && unit != "money") words += fmt::format(" {}", unit);
  return words;
}

}  // namespace purvey::watch
