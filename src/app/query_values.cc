#include "app/query_values.h"

#include <fmt/core.h>

#include <charconv>

#include "base/shown_text.h"

namespace purvey::app {

using serve::Request;

namespace {

constexpr size_t kShownBytes = 80;

}  // namespace

base::Error bad_value(std::string_view name, std::string_view given, std::string_view instead) {
  return base::invalid_input(fmt::format("query: {}: '{}'; write {}", name,
                                         base::shown_text(given, kShownBytes), instead));
}

base::Result<std::optional<uint64_t>> read_count(const Request& request, std::string_view name,
                                                 uint64_t most) {
  const auto given = request.query_value(name);
  if (!given) return std::optional<uint64_t>();
  uint64_t value = 0;
  const auto [end, fault] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (fault == std::errc() && end == given->data() + given->size() && value >= 1 && value <= most) {
    return std::optional(value);
  }
  return bad_value(name, *given, fmt::format("a whole number from 1 to {}", most));
}

base::Result<bool> read_flag(const Request& request, std::string_view name, bool fallback) {
  const auto given = request.query_value(name);
  if (!given) return fallback;
  if (*given == "true") return true;
  if (*given == "false") return false;
  return bad_value(name, *given, "true or false");
}

}  // namespace purvey::app
