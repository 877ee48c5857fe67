#include "event/raw_scrub.h"

#include <optional>

#include "event/masking.h"

namespace purvey::event {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPerson = "\"customer_id\"";
constexpr std::string_view kTexts[] = {"\"text\"", "\"query\"", "\"message\""};

size_t skip_blanks(std::string_view raw, size_t at) {
  const size_t next = raw.find_first_not_of(" \t\r\n"sv, at);
  return next == std::string_view::npos ? raw.size() : next;
}

/// The string value behind a key that ends at `at`: [begin, end) within its quotes.
std::optional<std::pair<size_t, size_t>> string_after(std::string_view raw, size_t at) {
  at = skip_blanks(raw, at);
  if (at >= raw.size() || raw[at] != ':') return std::nullopt;
  at = skip_blanks(raw, at + 1);
  if (at >= raw.size() || raw[at] != '"') return std::nullopt;
  size_t end = at + 1;
  while (end < raw.size() && raw[end] != '"') end += raw[end] == '\\' ? 2 : 1;
  return std::pair{at + 1, std::min(end, raw.size())};
}

/// The length of the key that begins at `at` and whose value is personal; 0 if none does.
size_t personal_key(std::string_view raw, size_t at, bool& is_person) {
  const auto rest = raw.substr(at);
  is_person = rest.starts_with(kPerson);
  if (is_person) return kPerson.size();
  for (const auto key : kTexts) {
    if (rest.starts_with(key)) return key.size();
  }
  return 0;
}

/// Bytes of the well-formed UTF-8 character at `at`; 0 if there is none (Unicode 15, table 3-7).
size_t character_size(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto trails = [&](size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return trails(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return trails(1, low, high) && trails(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return trails(1, low, high) && trails(2) && trails(3) ? 4 : 0;
  }
  return 0;
}

std::string as_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t size = character_size(text, at);
    if (size == 0) {
      out += '?';
      ++at;
    } else {
      out.append(text.substr(at, size));
      at += size;
    }
  }
  return out;
}

}  // namespace

std::string scrub_raw(std::string_view raw, Pseudonymizer& people) {
  std::string out;
  std::string scratch;
  size_t done = 0;
  for (size_t at = raw.find('"'); at != std::string_view::npos; at = raw.find('"', at + 1)) {
    bool is_person = false;
    const size_t key = personal_key(raw, at, is_person);
    if (key == 0) continue;
    const auto value = string_after(raw, at + key);
    if (!value) continue;
    const auto [begin, end] = *value;
    const auto text = raw.substr(begin, end - begin);
    out.append(raw.substr(done, begin - done));
    out.append(is_person ? people.pseudonym(text) : mask_personal(text, scratch));
    done = end;
    at = end - 1;
  }
  out.append(raw.substr(done));
  return as_utf8(out);
}

}  // namespace purvey::event
