#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace purvey::base {

/// One currency of ISO 4217, as an index into the table of this build. Never stored: files and
/// tables hold the code.
struct Currency {
  uint8_t index = 0;  ///< 0 is no currency

  friend constexpr auto operator<=>(Currency, Currency) = default;

  /// The currency of a three-letter upper-case code, if there is one.
  static std::optional<Currency> find(std::string_view code);

  std::string_view code() const;  ///< "CNY"; empty for no currency
  int decimals() const;           ///< digits of the minor unit: 2 for CNY, 0 for JPY, 3 for KWD
};

/// Money is an integer of minor units; amounts of two currencies never add.
struct Money {
  int64_t minor = 0;
  Currency currency;

  friend bool operator==(const Money&, const Money&) = default;
};

/// The largest amount that any field takes, in major units: what DECIMAL(18,4) holds.
inline constexpr int64_t kMoneyMajorMax = 99'999'999'999'999;

/// The largest amount of one currency, in major units: kMoneyMajorMax, or what 2^53 minor units
/// come to, above which a double no longer tells one from the next.
int64_t largest_major(Currency currency);

/// Why a number is no amount of a currency.
enum class MoneyFault : uint8_t { kNone, kTooManyDecimals, kTooLarge };

/// The minor units of `major`, exact: kTooManyDecimals unless `major` is the double nearest to a
/// number with as many decimals as the currency has; kTooLarge beyond largest_major().
MoneyFault minor_units(double major, Currency currency, int64_t& minor);

/// Ten-thousandths of a major unit, the scale of the tables' DECIMAL(18,4); false on overflow.
bool to_decimal4(Money money, int64_t& decimal4);

/// `12.34 CNY`.
std::string format_money(Money money);

}  // namespace purvey::base
