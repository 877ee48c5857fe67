#include "event/raw_scrub.h"

#include <algorithm>
#include <span>

#include "event/masking.h"

namespace purvey::event {
namespace {

using namespace std::string_view_literals;

// A text of 16 bits a character has a zero in every other byte.
constexpr auto kBlanks = " \t\r\n\0"sv;
constexpr auto kQuotes = "\"'`"sv;
constexpr auto kSeparators = " \t\r\n\0\\:=,;>|-"sv;  ///< between a key and its value
constexpr auto kEnds = ",}])"sv;                      ///< behind a value

bool is_one_of(std::string_view set, std::string_view raw, size_t at) {
  return at < raw.size() && set.find(raw[at]) != std::string_view::npos;
}

size_t skip(std::string_view set, std::string_view raw, size_t at) {
  return std::min(raw.find_first_not_of(set, at), raw.size());
}

bool is_word(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// The place behind the string that begins with the quote at `at`, or the end of what is left.
size_t string_end(std::string_view raw, size_t at) {
  const char quote = raw[at];
  for (++at; at < raw.size() && raw[at] != quote; ++at) {
    if (raw[at] == '\\') ++at;
  }
  return std::min(at + 1, raw.size());
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Takes one character, perhaps an escape `\u0041`, in lower case; 0 at the end.
char take_letter(std::string_view raw, size_t& at) {
  at = skip("\0"sv, raw, at);
  if (at == raw.size()) return 0;
  int code = static_cast<unsigned char>(raw[at]);
  if (raw.substr(at).starts_with("\\u"sv) && at + 6 <= raw.size()) {
    code = 0;
    for (size_t d = at + 2; d < at + 6; ++d) code = code * 16 + std::max(hex_digit(raw[d]), 0);
    at += 5;
  }
  ++at;
  if (code >= 'A' && code <= 'Z') code += 'a' - 'A';
  return code < 128 ? static_cast<char>(code) : '?';
}

bool take_word(std::string_view word, std::string_view raw, size_t& at) {
  size_t behind = at;
  for (const char c : word) {
    if (take_letter(raw, behind) != c) return false;
  }
  at = behind;
  return true;
}

/// Keys behind which a person is named.
constexpr std::string_view kCustomer = "customer_id";
using Keys = std::span<const std::string>;

/// The place behind a spelling of `name` that begins at `at` (of customer_id: customerId,
/// Customer-IDs); `at` if there is none.
size_t key_end(std::string_view raw, size_t at, std::string_view name) {
  size_t behind = at;
  for (bool is_first = true; !name.empty(); is_first = false) {
    const std::string_view word = name.substr(0, name.find('_'));
    name.remove_prefix(std::min(word.size() + 1, name.size()));
    size_t joint = behind;
    if (!is_first && "_-. "sv.find(take_letter(raw, joint)) != std::string_view::npos) {
      behind = joint;
    }
    if (!take_word(word, raw, behind)) return at;
  }
  take_word("s", raw, behind);
  size_t next = behind;
  const char letter = take_letter(raw, next);
  return letter >= 'a' && letter <= 'z' ? at : behind;
}

size_t person_key_end(std::string_view raw, size_t at, Keys keys) {
  size_t end = key_end(raw, at, kCustomer);
  for (size_t i = 0; i < keys.size() && end == at; ++i) end = key_end(raw, at, keys[i]);
  return end;
}

struct KeyPlace {
  size_t begin;
  size_t end;
};

/// The first key of a person that begins in [at, stop); at `stop` if there is none.
KeyPlace find_key(std::string_view raw, size_t at, size_t stop, Keys keys) {
  for (; at < stop; ++at) {
    const size_t end = person_key_end(raw, at, keys);
    if (end > at) return {at, end};
  }
  return {stop, stop};
}

/// Where the value of the key that ends at `at` begins: behind its quote and what separates them.
size_t value_begin(std::string_view raw, size_t at) {
  at = skip("\\\0"sv, raw, at);
  if (is_one_of(kQuotes, raw, at)) ++at;
  return skip(kSeparators, raw, at);
}

/// A quoted value: to a quote behind which a value may end, as quotes may stand in it unescaped.
size_t quoted_end(std::string_view raw, size_t at) {
  at = string_end(raw, at);
  for (;;) {
    const size_t next = skip(kBlanks, raw, at);
    if (next == raw.size() || is_one_of(kEnds, raw, next)) return at;
    at = raw.find_first_of(kQuotes, at);
    if (at == std::string_view::npos) return raw.size();
    ++at;
  }
}

/// Whether the comma at `at` parts two members, rather than two words of one value.
bool parts_members(std::string_view raw, size_t at) {
  at = skip(kBlanks, raw, at + 1);
  if (at == raw.size() || is_one_of(kQuotes, raw, at) || is_one_of("\\{}[]()"sv, raw, at)) {
    return true;
  }
  while (at < raw.size() && is_word(raw[at])) ++at;
  return is_one_of(":="sv, raw, skip(kBlanks, raw, at));
}

/// The place behind the value that begins at `at`: a string, a nesting, or what stands before the
/// next member. In doubt more of the text.
size_t value_end(std::string_view raw, size_t at) {
  if (is_one_of(kQuotes, raw, at)) return quoted_end(raw, at);
  int depth = 0;
  while (at < raw.size()) {
    const char c = raw[at];
    if (c == '"' || (c == '\'' && depth > 0)) {
      at = string_end(raw, at);
      continue;
    }
    const bool closes = c == ']' || c == '}' || c == ')';
    if (c == '[' || c == '{' || c == '(') ++depth;
    if (closes && depth-- == 0) return at;
    if (c == ',' && depth == 0 && parts_members(raw, at)) return at;
    ++at;
    if (depth == 0 && closes) return at;
  }
  return at;
}

/// The same, and further while the last thing in it is a key with a value of its own behind.
size_t personal_end(std::string_view raw, size_t begin, Keys keys) {
  size_t end = value_end(raw, begin);
  for (size_t looked_at = begin; looked_at < end;) {
    KeyPlace last{end, end};
    for (KeyPlace key = find_key(raw, looked_at, end, keys); key.begin < end;
         key = find_key(raw, key.end, end, keys)) {
      last = key;
    }
    looked_at = end;
    if (last.begin < last.end) end = std::max(end, value_end(raw, value_begin(raw, last.end)));
  }
  return end;
}

std::string_view without_quotes(std::string_view value) {
  if (is_one_of(kQuotes, value, 0)) value.remove_prefix(1);
  if (!value.empty() && is_one_of(kQuotes, value, value.size() - 1)) value.remove_suffix(1);
  return value;
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
  const Keys keys = people.fields().names();
  for (KeyPlace key = find_key(raw, 0, raw.size(), keys); key.begin < raw.size();
       key = find_key(raw, std::max(done, key.end), raw.size(), keys)) {
    const size_t begin = value_begin(raw, key.end);
    const size_t end = personal_end(raw, begin, keys);
    if (end == begin) continue;  // it has no value
    out.append(raw.substr(done, begin - done)).append(1, '"');
    out.append(people.pseudonym(without_quotes(raw.substr(begin, end - begin)))).append(1, '"');
    done = end;
  }
  out.append(raw.substr(done));
  std::string scratch;
  return as_utf8(mask_personal(out, scratch));
}

}  // namespace purvey::event
