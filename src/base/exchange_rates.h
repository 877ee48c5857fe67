#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/result.h"

namespace purvey::base {

/// A rate is a whole number of hundred-millionths: 7.1 is 710,000,000.
inline constexpr int64_t kRateScale = 100'000'000;
inline constexpr int64_t kRateMax = 10'000'000'000 * kRateScale;

/// Parses `7.1`, `0.00012345`: above 0, at most 8 decimals, at most ten thousand million. Errors:
/// kInvalidInput.
Result<int64_t> parse_rate(std::string_view text);

/// Rates of currencies to one base currency, by UTC day. Immutable once filled; then thread-safe.
class ExchangeRates {
 public:
  /// `max_age_days`: a rate serves its day and this many days after it.
  ExchangeRates(Currency base, int32_t max_age_days) : base_(base), max_age_days_(max_age_days) {}

  Currency base() const { return base_; }

  /// `rate` hundred-millionths of a base unit for one unit of `currency`, from `day` (since 1970)
  /// on. Errors: kInvalidInput for a rate out of range, or for the base itself; kConflict if the
  /// day has another rate.
  Result<void> add(int32_t day, Currency currency, int64_t rate);

  /// A rate for every day that no dated one serves.
  Result<void> set_fixed(Currency currency, int64_t rate);

  /// The amount in the base currency by the latest rate not after `day`, exact and then rounded
  /// once to the nearest minor unit, halves to even. Errors: kNotFound if no rate serves the day,
  /// kExhausted if the amount is too large.
  Result<Money> to_base(Money amount, int32_t day) const;

 private:
  struct Dated {
    int32_t day;
    int64_t rate;
  };
  struct Rates {
    std::vector<Dated> dated;  ///< by day
    int64_t fixed = 0;         ///< 0 for none
  };

  Result<void> check(Currency currency, int64_t rate) const;
  Result<int64_t> rate_on(Currency currency, int32_t day) const;

  Currency base_;
  int32_t max_age_days_;
  std::array<Rates, 256> rates_;  ///< by Currency::index
};

/// Adds the lines `date,currency,rate` (`2026-01-02,USD,7.1`; a heading, blank lines and `#` are
/// passed over). Errors: kInvalidInput or kConflict with `file:line:`.
Result<void> add_rates_csv(ExchangeRates& rates, std::string_view text, std::string_view file_name);

}  // namespace purvey::base
