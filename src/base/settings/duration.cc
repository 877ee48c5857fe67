#include "base/settings/duration.h"

#include <fmt/core.h>

#include <charconv>
#include <cstdint>

namespace purvey::base {
namespace {

struct Unit {
  std::string_view name;
  int64_t micros;
};

/// From large to small, as they may follow each other.
constexpr Unit kUnits[] = {{"w", 604'800'000'000},
                           {"d", 86'400'000'000},
                           {"h", 3'600'000'000},
                           {"m", 60'000'000},
                           {"s", 1'000'000},
                           {"ms", 1'000},
                           {"us", 1}};

Error bad_duration(std::string_view text, std::string_view what) {
  constexpr size_t kShown = 40;
  return invalid_input(fmt::format("\"{}\" is no duration: {}; write it as 500ms, 5s, 10m, 24h, 7d",
                                   text.substr(0, kShown), what));
}

/// Where the unit of the number at the front of `text` ends: the letters.
size_t unit_length(std::string_view text) {
  size_t length = 0;
  while (length < text.size() && text[length] >= 'a' && text[length] <= 'z') ++length;
  return length;
}

}  // namespace

Result<Micros> parse_duration(std::string_view text) {
  std::string_view rest = text;
  const Unit* next = std::begin(kUnits);
  int64_t total = 0;
  if (rest.empty()) return bad_duration(text, "it is empty");
  while (!rest.empty()) {
    int64_t count = 0;
    const auto [end, fault] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (fault != std::errc{} || rest[0] == '-')
      return bad_duration(text, "a whole number is missing");
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    const std::string_view name = rest.substr(0, unit_length(rest));
    if (name.empty()) return bad_duration(text, "the unit is missing");
    while (next != std::end(kUnits) && next->name != name) ++next;
    if (next == std::end(kUnits)) return bad_duration(text, "a unit is unknown or out of order");
    int64_t part = 0;
    if (__builtin_mul_overflow(count, next->micros, &part) ||
        __builtin_add_overflow(total, part, &total) || total > kDurationMax.count()) {
      return bad_duration(text, "longer than a century");
    }
    ++next;
    rest.remove_prefix(name.size());
  }
  return Micros{total};
}

std::string format_duration(Micros duration) {
  if (duration.count() == 0) return "0s";
  std::string text;
  int64_t rest = duration.count();
  for (const Unit& unit : kUnits) {
    // Weeks are read but not written: 14d says more than 2w.
    if (unit.name == "w" || rest / unit.micros == 0) continue;
    text += fmt::format("{}{}", rest / unit.micros, unit.name);
    rest %= unit.micros;
  }
  return text;
}

}  // namespace purvey::base
