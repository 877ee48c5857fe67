#include "base/settings/byte_size.h"

#include <fmt/core.h>

#include <charconv>

namespace purvey::base {
namespace {

struct Unit {
  std::string_view name;
  int64_t bytes;
};

constexpr int64_t kBytesMax = 1LL << 53;
constexpr Unit kUnits[] = {{"TiB", 1LL << 40},
                           {"GiB", 1LL << 30},
                           {"MiB", 1LL << 20},
                           {"KiB", 1LL << 10},
                           {"TB", 1'000'000'000'000},
                           {"GB", 1'000'000'000},
                           {"MB", 1'000'000},
                           {"kB", 1'000},
                           {"B", 1}};

}  // namespace

Result<int64_t> parse_byte_size(std::string_view text) {
  int64_t count = -1;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view name = text.substr(static_cast<size_t>(end - text.data()));
  for (const Unit& unit : kUnits) {
    int64_t bytes = 0;
    if (fault != std::errc{} || count < 0 || text[0] == '-' || unit.name != name) continue;
    if (!__builtin_mul_overflow(count, unit.bytes, &bytes) && bytes <= kBytesMax) return bytes;
  }
  constexpr size_t kShown = 40;
  return invalid_input(
      fmt::format("\"{}\" is no size; write it as 512KiB, 64MiB, 2GiB", text.substr(0, kShown)));
}

std::string format_byte_size(int64_t bytes) {
  for (const Unit& unit : kUnits) {
    if (bytes >= unit.bytes && bytes % unit.bytes == 0) {
      return fmt::format("{}{}", bytes / unit.bytes, unit.name);
    }
  }
  return "0B";
}

}  // namespace purvey::base
