#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace purvey::event::csv {

/// Signs of money that a number may carry.
inline constexpr std::array<std::string_view, 14> kMoneySigns = {
    "$", "€", "£", "¥", "￥", "元", "US$", "R$", "₹", "₩", "₽", "kr", "zł", "Kč"};

/// How a file writes numbers.
struct NumberFormat {
  char decimal = '.';
  char thousands = '\0';       ///< between groups of three digits; \0: none
  std::string_view sign = {};  ///< of money, may stand before or behind; of kMoneySigns, or empty
};

/// An exact decimal number: mantissa x 10^-scale. Sums and products never round.
class Decimal {
 public:
  /// Digits that a number may have in all; more is refused and never rounded.
  static constexpr int kDigitsMax = 30;

  Decimal() = default;
  explicit Decimal(int64_t whole) : mantissa_(whole) {}

  /// `-1,234.50`, `+7`, `.5`, `1.2E+03`, with the sign of the format also `-$5`, `$-5`, `5 €`;
  /// blanks around are ignored. Nothing if it is no such number.
  static std::optional<Decimal> parse(std::string_view text, NumberFormat format = {});

  bool is_negative() const { return mantissa_ < 0; }
  bool is_zero() const { return mantissa_ == 0; }
  int decimals() const { return scale_; }  ///< digits behind the point; the last one is not 0
  double approximate() const;
  /// The number if it is whole and fits.
  std::optional<int64_t> whole() const;

  Decimal negated() const;
  /// Nothing beyond kDigitsMax.
  std::optional<Decimal> plus(const Decimal& other) const;
  std::optional<Decimal> times(const Decimal& other) const;
  /// The quotient with `decimals` digits behind the point, halves to the even digit. Nothing for a
  /// division by zero.
  std::optional<Decimal> divided(const Decimal& by, int decimals) const;
  Decimal rounded(int decimals) const;

  friend bool operator==(const Decimal&, const Decimal&) = default;  // both are without end zeros
  /// <0, 0, >0.
  int compare(const Decimal& other) const;

  /// As JSON writes numbers, exact: `-1234.5`.
  void append_to(std::string& out) const;

 private:
  __extension__ using Wide = __int128;

  static std::optional<Decimal> make(Wide mantissa, int scale);
  static bool parse_plain(std::string_view text, NumberFormat format, Decimal& out);
  static bool scale_up(Wide& mantissa, int by);

  Wide mantissa_ = 0;
  int scale_ = 0;
};

}  // namespace purvey::event::csv
