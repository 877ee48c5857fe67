#include "store/result/display_width.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace purvey::store::result {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

/// East Asian Width W and F (Unicode 15), joined where only unassigned letters lie between.
constexpr Range kWide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26A1, 0x26A1},
    {0x26BD, 0x26BE},   {0x2705, 0x2705},   {0x270A, 0x270B},   {0x274C, 0x274C},
    {0x2753, 0x2755},   {0x2795, 0x2797},   {0x2B1B, 0x2B1C},   {0x2E80, 0x303E},
    {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0xA4CF},   {0xA960, 0xA97F},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18CFF}, {0x1AFF0, 0x1B2FF},
    {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A},
    {0x1F200, 0x1F320}, {0x1F32D, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7EB},
    {0x1F90C, 0x1FAFF}, {0x20000, 0x3FFFD},
};

/// Combining marks and letters without a width that texts of trade meet.
constexpr Range kNoWidth[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
    {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF},
};

constexpr Range kDirection[] = {{0x200E, 0x200F}, {0x202A, 0x202E}, {0x2066, 0x2069}};

template <size_t n>
bool is_in(const Range (&ranges)[n], uint32_t letter) {
  const Range* found =
      std::upper_bound(std::begin(ranges), std::end(ranges), letter,
                       [](uint32_t wanted, const Range& range) { return wanted < range.first; });
  return found != std::begin(ranges) && letter <= std::prev(found)->last;
}

struct Letter {
  uint32_t code = 0;
  size_t bytes = 1;
  bool good = false;
};

Letter next_letter(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1, true};
  const size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < bytes) return {first, 1, false};
  uint32_t code = first & (0xFFU >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {first, 1, false};
    code = (code << 6) | (next & 0x3FU);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[bytes] || code > 0x10FFFF || surrogate) return {first, 1, false};
  return {code, bytes, true};
}

size_t width_of(uint32_t letter) {
  if (letter < 0x300) return 1;
  if (is_in(kNoWidth, letter)) return 0;
  return is_in(kWide, letter) ? 2 : 1;
}

/// How a letter is shown, and how wide.
std::pair<std::string, size_t> shown(const Letter& letter, std::string_view bytes) {
  if (!letter.good || is_in(kDirection, letter.code)) return {"\xEF\xBF\xBD", 1};
  if (letter.code == '\n' || letter.code == '\r' || letter.code == '\t') return {" ", 1};
  if (letter.code < 0x20 || (letter.code >= 0x7F && letter.code < 0xA0)) {
    return {fmt::format("\\x{:02X}", letter.code), 4};
  }
  return {std::string(bytes), width_of(letter.code)};
}

}  // namespace

size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Letter letter = next_letter(text);
    width += letter.good ? width_of(letter.code) : 1;
    text.remove_prefix(letter.bytes);
  }
  return width;
}

std::string displayed(std::string_view text, size_t width_max) {
  std::string out;
  std::string cut;  // what stands if the text turns out too long
  size_t width = 0;
  while (!text.empty()) {
    const Letter letter = next_letter(text);
    const auto [bytes, columns] = shown(letter, text.substr(0, letter.bytes));
    if (width + columns > width_max) return cut + "…";
    out += bytes;
    width += columns;
    if (width < width_max) cut = out;
    text.remove_prefix(letter.bytes);
  }
  return out;
}

}  // namespace purvey::store::result
