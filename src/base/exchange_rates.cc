#include "base/exchange_rates.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/event_time.h"

namespace purvey::base {
namespace {

__extension__ using Int128 = __int128;

constexpr int64_t kDayMicros = 86'400'000'000;

/// `dividend / divisor` to the nearest whole number, halves to even; the divisor is positive.
Int128 divide_half_even(Int128 dividend, Int128 divisor) {
  Int128 quotient = dividend / divisor;
  const Int128 rest = dividend % divisor;
  const Int128 twice = (rest < 0 ? -rest : rest) * 2;
  const bool odd = quotient % 2 != 0;
  if (twice > divisor || (twice == divisor && odd)) quotient += dividend < 0 ? -1 : 1;
  return quotient;
}

Int128 power_of_ten(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return "";
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

Result<int32_t> parse_day(std::string_view text) {
  const auto time = parse_rfc3339(std::string(text) + "T00:00:00Z");
  if (text.size() != 10 || !time) {
    return invalid_input(
        fmt::format("\"{}\" is no day; write it as 2026-01-02", text.substr(0, 24)));
  }
  return utc_day(*time);
}

Result<void> add_line(ExchangeRates& rates, std::string_view line) {
  const size_t first = line.find(',');
  const size_t second = first == std::string_view::npos ? first : line.find(',', first + 1);
  if (second == std::string_view::npos || line.find(',', second + 1) != std::string_view::npos) {
    return invalid_input("expected date,currency,rate; write 2026-01-02,USD,7.1");
  }
  const std::string_view code = trimmed(line.substr(first + 1, second - first - 1));
  const auto currency = Currency::find(code);
  if (!currency) {
    return invalid_input(
        fmt::format("unknown currency \"{}\"; write a code of ISO 4217", code.substr(0, 24)));
  }
  const int32_t day = PURVEY_TRY(parse_day(trimmed(line.substr(0, first))));
  return rates.add(day, *currency, PURVEY_TRY(parse_rate(trimmed(line.substr(second + 1)))));
}

}  // namespace

Result<int64_t> parse_rate(std::string_view text) {
  const auto bad = [&](std::string_view what) {
    return invalid_input(
        fmt::format("rate \"{}\" {}; write a number such as 7.1", text.substr(0, 24), what));
  };
  constexpr size_t kDecimals = 8;
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  if (fraction.size() > kDecimals) return bad("has more than 8 decimals");
  constexpr size_t kWholeDigits = 11;
  if (whole.size() > kWholeDigits) return bad("is too large");
  std::string digits = std::string(whole) + std::string(fraction);
  const bool shaped = !whole.empty() && (point == std::string_view::npos || !fraction.empty()) &&
                      digits.find_first_not_of("0123456789") == std::string::npos;
  if (!shaped) return bad("is no decimal number");
  digits.append(kDecimals - fraction.size(), '0');
  int64_t rate = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), rate);
  if (fault != std::errc{} || rate > kRateMax) return bad("is too large");
  if (rate == 0) return bad("is zero");
  return rate;
}

Result<void> ExchangeRates::check(Currency currency, int64_t rate) const {
  if (rate <= 0 || rate > kRateMax) return invalid_input("a rate must be above 0");
  if (currency == base_ && rate != kRateScale) {
    return invalid_input(fmt::format("{} is the base currency; its rate is 1", base_.code()));
  }
  return {};
}

Result<void> ExchangeRates::add(int32_t day, Currency currency, int64_t rate) {
  PURVEY_TRY(check(currency, rate));
  auto& dated = rates_[currency.index].dated;
  const auto at = std::lower_bound(dated.begin(), dated.end(), day,
                                   [](const Dated& a, int32_t b) { return a.day < b; });
  if (at == dated.end() || at->day != day) {
    dated.insert(at, {day, rate});
  } else if (at->rate != rate) {
    return conflict(fmt::format("{} has another rate on {} already; keep one of them",
                                currency.code(), format_utc_date({day * kDayMicros})));
  }
  return {};
}

Result<void> ExchangeRates::set_fixed(Currency currency, int64_t rate) {
  PURVEY_TRY(check(currency, rate));
  rates_[currency.index].fixed = rate;
  return {};
}

Result<int64_t> ExchangeRates::rate_on(Currency currency, int32_t day) const {
  const Rates& rates = rates_[currency.index];
  const auto after = std::upper_bound(rates.dated.begin(), rates.dated.end(), day,
                                      [](int32_t a, const Dated& b) { return a < b.day; });
  const bool found = after != rates.dated.begin();
  if (found && int64_t{day} - std::prev(after)->day <= max_age_days_) return std::prev(after)->rate;
  if (rates.fixed != 0) return rates.fixed;
  const std::string date = format_utc_date({day * kDayMicros});
  std::string known = "none is known before it";
  if (found) {
    known = fmt::format("the latest, of {}, is older than {} days",
                        format_utc_date({std::prev(after)->day * kDayMicros}), max_age_days_);
  }
  return not_found(fmt::format("no rate of {} to {} for {}: {}; add a line {},{},RATE",
                               currency.code(), base_.code(), date, known, date, currency.code()));
}

Result<Money> ExchangeRates::to_base(Money amount, int32_t day) const {
  if (amount.currency == base_) return amount;
  const int64_t rate = PURVEY_TRY(rate_on(amount.currency, day));
  // minor * rate stays below 2^63 * 10^18 < 2^127; the divisor is at least 10^5.
  constexpr int kRateDecimals = 8;
  const int decimals = kRateDecimals + amount.currency.decimals() - base_.decimals();
  const Int128 minor =
      divide_half_even(static_cast<Int128>(amount.minor) * rate, power_of_ten(decimals));
  const Int128 most = kMoneyMajorMax * power_of_ten(base_.decimals());
  if (minor > most || minor < -most) {
    return exhausted(fmt::format("{} is too large in {}", format_money(amount), base_.code()));
  }
  return Money{static_cast<int64_t>(minor), base_};
}

Result<void> add_rates_csv(ExchangeRates& rates, std::string_view text,
                           std::string_view file_name) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const bool heading = number == 1 && line.substr(0, 4) == "date";
    if (line.empty() || line.front() == '#' || heading) continue;
    auto added = add_line(rates, line);
    if (added) continue;
    Error error = std::move(added).error();
    error.message = fmt::format("{}:{}: {}", file_name, number, error.message);
    return error;
  }
  return {};
}

}  // namespace purvey::base
