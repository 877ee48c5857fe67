#include "event/raw_scrub.h"

#include <algorithm>

#include "event/masking.h"

namespace purvey::event {
namespace {

using namespace std::string_view_literals;

size_t skip_blanks(std::string_view raw, size_t at) {
  const size_t next = raw.find_first_not_of(" \t\r\n"sv, at);
  return next == std::string_view::npos ? raw.size() : next;
}

/// The place behind the string that begins with the quote at `at`, or the end of what is left.
size_t string_end(std::string_view raw, size_t at) {
  for (++at; at < raw.size() && raw[at] != '"'; ++at) {
    if (raw[at] == '\\') ++at;
  }
  return std::min(at + 1, raw.size());
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Whether the text of a key, escapes and all, says `customer_id`.
bool is_person_key(std::string_view key) {
  std::string plain;
  for (size_t i = 0; i < key.size(); ++i) {
    if (key[i] != '\\' || i + 5 >= key.size() || key[i + 1] != 'u') {
      plain += key[i];
      continue;
    }
    int code = 0;
    for (size_t d = i + 2; d < i + 6; ++d) code = code * 16 + std::max(hex_digit(key[d]), 0);
    plain += code < 128 ? static_cast<char>(code) : '?';
    i += 5;
  }
  return plain == "customer_id";
}

/// The place behind the value that begins at `at`: a string, a nesting, or what stands before the
/// next comma.
size_t value_end(std::string_view raw, size_t at) {
  if (at < raw.size() && raw[at] == '"') return string_end(raw, at);
  int depth = 0;
  while (at < raw.size()) {
    const char c = raw[at];
    if (c == '"') {
      at = string_end(raw, at);
      continue;
    }
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') {
      if (depth == 0) return at;
      --depth;
    }
    if (c == ',' && depth == 0) return at;
    ++at;
    if (depth == 0 && (c == ']' || c == '}')) return at;
  }
  return at;
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
  size_t done = 0;
  for (size_t at = raw.find('"'); at != std::string_view::npos; at = raw.find('"', at)) {
    const size_t end = string_end(raw, at);
    const size_t colon = skip_blanks(raw, end);
    const bool is_key = colon < raw.size() && raw[colon] == ':';
    if (!is_key || !is_person_key(raw.substr(at + 1, end - at - 2))) {
      at = end;
      continue;
    }
    const size_t begin = skip_blanks(raw, colon + 1);
    const size_t behind = value_end(raw, begin);
    std::string_view value = raw.substr(begin, behind - begin);
    if (value.starts_with('"')) value.remove_prefix(1);
    if (value.ends_with('"')) value.remove_suffix(1);
    out.append(raw.substr(done, begin - done)).append(1, '"');
    out.append(people.pseudonym(value)).append(1, '"');
    done = behind;
    at = behind;
  }
  out.append(raw.substr(done));
  std::string scratch;
  return as_utf8(mask_personal(out, scratch));
}

}  // namespace purvey::event
