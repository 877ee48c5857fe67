#include "event/csv/decimal.h"

#include <cmath>
#include <limits>

namespace purvey::event::csv {
namespace {

constexpr int kExponentMax = 40;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Also without the blanks that do not break a line, which some put before a money sign.
std::string_view trimmed_wide(std::string_view text) {
  for (const std::string_view blank : {"\u00A0", "\u202F"}) {
    if (text.starts_with(blank)) text.remove_prefix(blank.size());
    if (text.ends_with(blank)) text.remove_suffix(blank.size());
  }
  return trimmed(text);
}

/// Takes a plus or minus off the front; whether it is a minus.
bool take_minus(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  return negative;
}

/// Takes a money sign off either end, and with one in front the minus behind it.
void take_money_sign(std::string_view& text, std::string_view sign, bool& negative) {
  if (text.starts_with(sign)) {
    text = trimmed_wide(text.substr(sign.size()));
    if (!negative) negative = take_minus(text);
  } else if (text.ends_with(sign)) {
    text = trimmed_wide(text.substr(0, text.size() - sign.size()));
  }
}

/// Takes `e+12` off the end of `text`; false if the exponent is none.
bool take_exponent(std::string_view& text, int& exponent) {
  const size_t at = text.find_first_of("eE");
  exponent = 0;
  if (at == std::string_view::npos) return true;
  std::string_view digits = text.substr(at + 1);
  text = text.substr(0, at);
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.empty() || digits.size() > 4) return false;
  for (const char c : digits) {
    if (!is_digit(c)) return false;
    exponent = exponent * 10 + (c - '0');
  }
  if (negative) exponent = -exponent;
  return exponent >= -kExponentMax && exponent <= kExponentMax;
}

/// Whether thousands marks stand before every third digit and nowhere else.
bool is_well_grouped(std::string_view whole, char mark) {
  size_t first = whole.find(mark);
  if (first == std::string_view::npos) return true;
  if (first == 0 || first > 3) return false;
  for (whole.remove_prefix(first); !whole.empty(); whole.remove_prefix(4)) {
    if (whole.size() < 4 || whole[0] != mark) return false;
  }
  return true;
}

}  // namespace

bool Decimal::scale_up(Wide& mantissa, int by) {
  for (; by > 0; --by) {
    if (__builtin_mul_overflow(mantissa, 10, &mantissa)) return false;
  }
  return true;
}

std::optional<Decimal> Decimal::make(Wide mantissa, int scale) {
  if (mantissa == 0) return Decimal();
  constexpr int64_t kSmall = 1'000'000'000'000'000'000;
  if (scale >= 0 && scale <= kDigitsMax && mantissa < kSmall && mantissa > -kSmall) {
    auto small = static_cast<int64_t>(mantissa);  // 64 bits divide several times faster
    while (scale > 0 && small % 10 == 0) {
      small /= 10;
      --scale;
    }
    Decimal made;
    made.mantissa_ = small;
    made.scale_ = scale;
    return made;
  }
  while (scale > 0 && mantissa % 10 == 0) {
    mantissa /= 10;
    --scale;
  }
  if (scale < 0) {
    if (scale < -kExponentMax || !scale_up(mantissa, -scale)) return std::nullopt;
    scale = 0;
  }
  Wide limit = 1;
  scale_up(limit, kDigitsMax);
  if (scale > kDigitsMax || mantissa >= limit || mantissa <= -limit) return std::nullopt;
  Decimal made;
  made.mantissa_ = mantissa;
  made.scale_ = scale;
  return made;
}

/// `123.45` in the plain form and small enough for 64 bits, as most cells are; false for all else.
bool Decimal::parse_plain(std::string_view text, NumberFormat format, Decimal& out) {
  constexpr size_t kSafe = 18;  // digits that always fit
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > kSafe) return false;
  int64_t mantissa = 0;
  size_t point = text.size();
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned digit = static_cast<unsigned char>(text[i]) - '0';
    if (digit <= 9) {
      mantissa = mantissa * 10 + digit;
    } else if (text[i] == format.decimal && point == text.size()) {
      point = i;
    } else {
      return false;
    }
  }
  if (text.size() == 1 && point == 0) return false;
  int scale = point == text.size() ? 0 : static_cast<int>(text.size() - point - 1);
  while (scale > 0 && mantissa % 10 == 0) {
    mantissa /= 10;
    --scale;
  }
  out.mantissa_ = negative ? -mantissa : mantissa;
  out.scale_ = scale;
  return true;
}

std::optional<Decimal> Decimal::parse(std::string_view text, NumberFormat format) {
  Decimal plain;
  if (parse_plain(text, format, plain)) return plain;
  text = trimmed(text);
  bool negative = take_minus(text);
  if (!format.sign.empty()) take_money_sign(text, format.sign, negative);
  int exponent = 0;
  if (!take_exponent(text, exponent)) return std::nullopt;
  const size_t point = text.find(format.decimal);
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (format.thousands != '\0' && !is_well_grouped(whole, format.thousands)) return std::nullopt;
  Wide mantissa = 0;
  int digits = 0;
  int seen = 0;
  const auto take = [&](char c) {
    if (!is_digit(c)) return false;
    mantissa = mantissa * 10 + (c - '0');
    ++seen;
    if (mantissa != 0) ++digits;
    return digits <= kDigitsMax;
  };
  for (const char c : whole) {
    if (format.thousands != '\0' && c == format.thousands) continue;
    if (!take(c)) return std::nullopt;
  }
  for (const char c : fraction) {
    if (!take(c)) return std::nullopt;
  }
  constexpr size_t kFractionMax = 60;
  if (seen == 0 || fraction.size() > kFractionMax) return std::nullopt;
  return make(negative ? -mantissa : mantissa, static_cast<int>(fraction.size()) - exponent);
}

double Decimal::approximate() const {
  constexpr double kPowers[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000};
  const double power = scale_ <= 6 ? kPowers[scale_] : std::pow(10.0, scale_);
  return static_cast<double>(mantissa_) / power;
}

std::optional<int64_t> Decimal::whole() const {
  const bool fits = mantissa_ <= std::numeric_limits<int64_t>::max() &&
                    mantissa_ >= std::numeric_limits<int64_t>::min();
  if (scale_ != 0 || !fits) return std::nullopt;
  return static_cast<int64_t>(mantissa_);
}

Decimal Decimal::negated() const {
  Decimal other = *this;
  other.mantissa_ = -mantissa_;
  return other;
}

std::optional<Decimal> Decimal::plus(const Decimal& other) const {
  Wide left = mantissa_;
  Wide right = other.mantissa_;
  const int scale = std::max(scale_, other.scale_);
  if (!scale_up(left, scale - scale_) || !scale_up(right, scale - other.scale_)) {
    return std::nullopt;
  }
  if (__builtin_add_overflow(left, right, &left)) return std::nullopt;
  return make(left, scale);
}

std::optional<Decimal> Decimal::times(const Decimal& other) const {
  Wide product = 0;
  if (__builtin_mul_overflow(mantissa_, other.mantissa_, &product)) return std::nullopt;
  return make(product, scale_ + other.scale_);
}

std::optional<Decimal> Decimal::divided(const Decimal& by, int decimals) const {
  if (by.is_zero()) return std::nullopt;
  Wide above = mantissa_;
  Wide below = by.mantissa_;
  const int shift = decimals + by.scale_ - scale_;
  if (!(shift >= 0 ? scale_up(above, shift) : scale_up(below, -shift))) return std::nullopt;
  const bool negative = (above < 0) != (below < 0);
  if (above < 0) above = -above;
  if (below < 0) below = -below;
  Wide quotient = above / below;
  const Wide rest = above % below;
  const Wide to_next = below - rest;
  if (rest > to_next || (rest == to_next && quotient % 2 == 1)) ++quotient;
  return make(negative ? -quotient : quotient, decimals);
}

Decimal Decimal::rounded(int decimals) const {
  if (scale_ <= decimals) return *this;
  return divided(Decimal(1), decimals).value_or(*this);
}

int Decimal::compare(const Decimal& other) const {
  const auto difference = plus(other.negated());
  if (!difference) return approximate() < other.approximate() ? -1 : 1;
  return difference->is_zero() ? 0 : (difference->is_negative() ? -1 : 1);
}

void Decimal::append_to(std::string& out) const {
  char digits[48];
  char* at = digits + sizeof digits;
  __extension__ using Rest = unsigned __int128;
  Rest rest = static_cast<Rest>(mantissa_ < 0 ? -mantissa_ : mantissa_);
  int written = 0;
  const auto put = [&](unsigned digit) {
    if (written++ == scale_ && scale_ > 0) *--at = '.';
    *--at = static_cast<char>('0' + digit);
  };
  for (; rest > UINT64_MAX; rest /= 10) put(static_cast<unsigned>(rest % 10));
  auto small = static_cast<uint64_t>(rest);  // 64 bits divide several times faster
  do {
    put(static_cast<unsigned>(small % 10));
    small /= 10;
  } while (small != 0 || written <= scale_);
  if (mantissa_ < 0) *--at = '-';
  out.append(at, static_cast<size_t>(digits + sizeof digits - at));
}

}  // namespace purvey::event::csv
