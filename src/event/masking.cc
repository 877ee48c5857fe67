#include "event/masking.h"

#include <algorithm>
#include <array>
#include <optional>

namespace purvey::event {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_address_char(char c) {
  return is_digit(c) || is_letter(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%';
}
bool is_grouping(char c) {
  return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')';
}

/// A stretch of the text that is to be replaced.
struct Found {
  size_t begin;
  size_t end;
  std::string_view word;
};

/// ISO/IEC 7812-1, annex B (the Luhn formula).
bool luhn_holds(std::string_view digits) {
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

/// GB 11643-1999: 17 digits and a check character, ISO 7064 MOD 11-2.
bool identity_holds(std::string_view digits, char last) {
  int sum = 0;
  for (const char digit : digits.substr(0, 17)) sum = (sum + digit - '0') * 2 % 11;
  const int check = (12 - sum) % 11;
  return check == 10 ? (last == 'X' || last == 'x') : last == static_cast<char>('0' + check);
}

bool is_chinese_mobile(std::string_view digits) {
  if (digits.size() == 13 && digits.starts_with("86")) digits.remove_prefix(2);
  return digits.size() == 11 && digits[0] == '1' && digits[1] >= '3';
}

constexpr size_t kLongestRun = 24;

/// Digits from `begin` on with at most two grouping characters between groups of them.
struct DigitRun {
  struct Group {
    size_t digits;  ///< of the run up to the end of this group
    size_t end;     ///< in the text
  };
  std::string digits;
  std::array<Group, kLongestRun> groups;
  size_t group_count = 0;
};

DigitRun digit_run(std::string_view text, size_t begin) {
  DigitRun run;
  size_t grouping = 0;
  for (size_t i = begin; i < text.size() && run.digits.size() < kLongestRun; ++i) {
    if (is_digit(text[i])) {
      run.digits.push_back(text[i]);
      grouping = 0;
      const bool last_of_group = i + 1 == text.size() || !is_digit(text[i + 1]);
      if (last_of_group) run.groups[run.group_count++] = {run.digits.size(), i + 1};
    } else if (!is_grouping(text[i]) || ++grouping > 2) {
      break;
    }
  }
  return run;
}

std::optional<std::string_view> name_number(std::string_view digits, bool plus, char after) {
  if (digits.size() == 17 && (after == 'X' || after == 'x') && identity_holds(digits, after)) {
    return "[id]";
  }
  if (digits.size() == 18 && identity_holds(digits, digits.back())) return "[id]";
  if (plus && digits.size() >= 8 && digits.size() <= 15) return "[phone]";
  if (is_chinese_mobile(digits)) return "[phone]";
  if (digits.size() >= 13 && digits.size() <= 19 && luhn_holds(digits)) return "[card]";
  return std::nullopt;
}

/// A number that begins at the digit `at`: with as many of the groups behind it as make one, so
/// that `138-1234-5678 2` is a phone number and a two.
std::optional<Found> find_number(std::string_view text, size_t at) {
  const bool plus = at > 0 && text[at - 1] == '+';
  const size_t begin = plus ? at - 1 : at;
  const DigitRun run = digit_run(text, at);
  for (size_t i = run.group_count; i-- > 0;) {
    const size_t end = run.groups[i].end;
    const auto digits = std::string_view(run.digits).substr(0, run.groups[i].digits);
    const char after = end < text.size() ? text[end] : '\0';
    if (const auto word = name_number(digits, plus, after)) {
      const bool takes_x = *word == "[id]" && digits.size() == 17;
      return Found{begin, end + (takes_x ? 1 : 0), *word};
    }
  }
  return std::nullopt;
}

/// The address around the `@` at `at`: a name before it, a domain with a dot behind it.
std::optional<Found> find_address(std::string_view text, size_t at, size_t from) {
  size_t begin = at;
  while (begin > from && is_address_char(text[begin - 1])) --begin;
  size_t end = at + 1;
  while (end < text.size() && is_address_char(text[end])) ++end;
  while (end > at + 1 && !is_digit(text[end - 1]) && !is_letter(text[end - 1])) --end;
  const auto domain = text.substr(at + 1, end - at - 1);
  const size_t dot = domain.rfind('.');
  if (begin == at || dot == std::string_view::npos || dot == 0 || domain.size() - dot < 3) {
    return std::nullopt;
  }
  return Found{begin, end, "[email]"};
}

/// The next thing to mask at or after `from`.
std::optional<Found> find_next(std::string_view text, size_t from) {
  for (size_t i = from; i < text.size(); ++i) {
    std::optional<Found> found;
    if (text[i] == '@') {
      found = find_address(text, i, from);
    } else if (is_digit(text[i]) && (i == from || !is_digit(text[i - 1]))) {
      // An address may begin with digits: `13800001111@qq.com` is one.
      constexpr size_t kLongestName = 64;  // RFC 5321, 4.5.3.1.1; it also keeps the work linear
      const size_t limit = std::min(text.size(), i + kLongestName + 1);
      size_t end = i;
      while (end < limit && is_address_char(text[end])) ++end;
      found =
          end < limit && text[end] == '@' ? find_address(text, end, from) : find_number(text, i);
    }
    if (found) return found;
  }
  return std::nullopt;
}

/// Cheap: most texts hold neither an `@` nor seven digits.
bool may_hold_personal(std::string_view text) {
  size_t digits = 0;
  for (const char c : text) {
    if (c == '@' || (is_digit(c) && ++digits >= 7)) return true;
  }
  return false;
}

}  // namespace

std::string_view mask_personal(std::string_view text, std::string& scratch) {
  if (!may_hold_personal(text)) return text;
  auto found = find_next(text, 0);
  if (!found) return text;
  scratch.clear();
  size_t done = 0;
  for (; found; found = find_next(text, done)) {
    scratch.append(text.substr(done, found->begin - done)).append(found->word);
    done = found->end;
  }
  scratch.append(text.substr(done));
  return scratch;
}

}  // namespace purvey::event
