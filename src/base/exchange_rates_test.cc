#include "base/exchange_rates.h"

#include <gtest/gtest.h>

#include <string>

#include "base/event_time.h"

namespace purvey::base {
namespace {

Currency currency(std::string_view code) {
  return *Currency::find(code);
}

int32_t day_of(unsigned month, unsigned day) {
  return utc_day(from_civil(2026, month, day));
}

ExchangeRates rates_of(std::string_view csv, int32_t max_age_days = 7) {
  ExchangeRates rates(currency("CNY"), max_age_days);
  const auto added = add_rates_csv(rates, csv, "rates.csv");
  EXPECT_TRUE(added) << (added ? "" : added.error().message);
  return rates;
}

/// Minor units of CNY for an amount, on 2026-01-02.
int64_t in_cny(const ExchangeRates& rates, int64_t minor, std::string_view code) {
  const auto money = rates.to_base({minor, currency(code)}, day_of(1, 2));
  EXPECT_TRUE(money) << (money ? "" : money.error().message);
  return money ? money->minor : 0;
}

TEST(ExchangeRatesTest, amounts_are_converted_by_hand_arithmetic) {
  const auto rates = rates_of(
      "date,currency,rate\n2026-01-02,USD,7.1\n2026-01-02,JPY,0.0461\n2026-01-02,KWD,23.10005\n");
  EXPECT_EQ(in_cny(rates, 100, "USD"), 710);  // 1.00 USD * 7.1 = 7.10 CNY
  EXPECT_EQ(in_cny(rates, -100, "USD"), -710);
  EXPECT_EQ(in_cny(rates, 1000, "JPY"), 4610);  // 1000 JPY * 0.0461 = 46.10 CNY
  EXPECT_EQ(in_cny(rates, 1000, "KWD"), 2310);  // 1.000 KWD * 23.10005 = 23.10 CNY (23.10005)
  EXPECT_EQ(in_cny(rates, 10'000'000, "KWD"), 23'100'050);  // 10,000 KWD = 231,000.50 CNY
  EXPECT_EQ(in_cny(rates, 12345, "CNY"), 12345);
}

TEST(ExchangeRatesTest, halves_go_to_even_on_both_sides_of_zero) {
  const auto rates = rates_of("2026-01-02,USD,0.5\n2026-01-02,EUR,0.50000001\n");
  EXPECT_EQ(in_cny(rates, 1, "USD"), 0);  // 0.5
  EXPECT_EQ(in_cny(rates, 3, "USD"), 2);  // 1.5
  EXPECT_EQ(in_cny(rates, 5, "USD"), 2);  // 2.5
  EXPECT_EQ(in_cny(rates, -1, "USD"), 0);
  EXPECT_EQ(in_cny(rates, -3, "USD"), -2);
  EXPECT_EQ(in_cny(rates, -5, "USD"), -2);
  EXPECT_EQ(in_cny(rates, 5, "EUR"), 3);  // 2.50000005 is above the half
}

TEST(ExchangeRatesTest, the_latest_rate_not_after_the_day_serves_within_its_age) {
  const auto rates = rates_of("2026-01-10,USD,8\n2026-01-05,USD,7\n", 3);
  const Money dollar{100, currency("USD")};
  EXPECT_EQ(rates.to_base(dollar, day_of(1, 5))->minor, 700);
  EXPECT_EQ(rates.to_base(dollar, day_of(1, 8))->minor, 700);  // 3 days old
  EXPECT_FALSE(rates.to_base(dollar, day_of(1, 9)));           // 4 days old
  EXPECT_EQ(rates.to_base(dollar, day_of(1, 10))->minor, 800);
  EXPECT_EQ(rates.to_base(dollar, day_of(1, 4)).error().message,
            "no rate of USD to CNY for 2026-01-04: none is known before it; add a line "
            "2026-01-04,USD,RATE");
  EXPECT_EQ(rates.to_base(dollar, day_of(1, 9)).error().message,
            "no rate of USD to CNY for 2026-01-09: the latest, of 2026-01-05, is older than 3 "
            "days; add a line 2026-01-09,USD,RATE");
  EXPECT_FALSE(rates.to_base({1, currency("EUR")}, day_of(1, 5)));
}

TEST(ExchangeRatesTest, a_fixed_rate_serves_where_no_dated_one_does) {
  auto rates = rates_of("2026-01-05,USD,7\n", 1);
  ASSERT_TRUE(rates.set_fixed(currency("USD"), 6 * kRateScale));
  EXPECT_EQ(rates.to_base({100, currency("USD")}, day_of(1, 1))->minor, 600);
  EXPECT_EQ(rates.to_base({100, currency("USD")}, day_of(1, 6))->minor, 700);
  EXPECT_EQ(rates.to_base({100, currency("USD")}, day_of(1, 7))->minor, 600);
}

TEST(ExchangeRatesTest, too_large_amounts_are_refused_not_wrapped) {
  auto rates = rates_of("2026-01-02,USD,10000000000\n2026-01-02,EUR,1\n");
  for (const int64_t minor : {INT64_MAX, INT64_MIN}) {
    const auto money = rates.to_base({minor, currency("USD")}, day_of(1, 2));
    ASSERT_FALSE(money);
    EXPECT_EQ(money.error().code, ErrorCode::kExhausted);
  }
  EXPECT_EQ(in_cny(rates, kMoneyMajorMax * 100, "EUR"), kMoneyMajorMax * 100);
  EXPECT_FALSE(rates.to_base({kMoneyMajorMax * 100 + 1, currency("EUR")}, day_of(1, 2)));
}

TEST(ExchangeRatesTest, conversion_agrees_with_a_decimal_twin) {
  ExchangeRates rates(currency("CNY"), 0);
  ASSERT_TRUE(rates.add(0, currency("USD"), 712'345'678));
  uint64_t seed = 7;
  for (int i = 0; i < 1000; ++i) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    const auto minor = static_cast<int64_t>(seed >> 32) - (1LL << 31);
    const long double exact = static_cast<long double>(minor) * 7.12345678L;
    const auto money = rates.to_base({minor, currency("USD")}, 0);
    ASSERT_TRUE(money);
    EXPECT_LE(std::abs(static_cast<long double>(money->minor) - exact), 0.500001L) << minor;
  }
}

TEST(ExchangeRatesTest, rates_are_exact_decimals) {
  EXPECT_EQ(*parse_rate("7.1"), 710'000'000);
  EXPECT_EQ(*parse_rate("0.00000001"), 1);
  EXPECT_EQ(*parse_rate("10000000000"), kRateMax);
  for (const char* text :
       {"", ".", "1.", ".5", "-1", "+1", "0", "0.0", "1e3", "7,1", "abc", "0.000000001",
        "10000000001", "100000000000", "999999999999999999999", "1.2.3", " 1", "nan"}) {
    EXPECT_FALSE(parse_rate(text)) << text;
  }
}

TEST(ExchangeRatesTest, files_with_marks_and_carriage_returns_are_read) {
  const auto rates = rates_of(
      "\xEF\xBB\xBF"
      "date,currency,rate\r\n# a remark\r\n\r\n 2026-01-02 , USD , 7.1 \r\n2026-01-02,USD,7.1");
  EXPECT_EQ(in_cny(rates, 100, "USD"), 710);
}

TEST(ExchangeRatesTest, bad_lines_are_told_with_place_and_remedy) {
  const auto fault = [](std::string_view csv) {
    ExchangeRates rates(currency("CNY"), 7);
    const auto added = add_rates_csv(rates, csv, "rates.csv");
    return added ? "no error" : added.error().message;
  };
  EXPECT_EQ(fault("date,currency,rate\n2026-01-02,USD\n"),
            "rates.csv:2: expected date,currency,rate; write 2026-01-02,USD,7.1");
  EXPECT_EQ(fault("2026-01-02,USD,7.1,x\n"),
            "rates.csv:1: expected date,currency,rate; write 2026-01-02,USD,7.1");
  EXPECT_EQ(fault("2026-02-30,USD,7.1\n"),
            "rates.csv:1: \"2026-02-30\" is no day; write it as 2026-01-02");
  EXPECT_EQ(fault("2026-01-02,RMB,7.1\n"),
            "rates.csv:1: unknown currency \"RMB\"; write a code of ISO 4217");
  EXPECT_EQ(fault("2026-01-02,USD,x\n"),
            "rates.csv:1: rate \"x\" is no decimal number; write a number such as 7.1");
  EXPECT_EQ(fault("2026-01-02,CNY,2\n"), "rates.csv:1: CNY is the base currency; its rate is 1");
  EXPECT_EQ(fault("2026-01-02,USD,7\n2026-01-02,USD,8\n"),
            "rates.csv:2: USD has another rate on 2026-01-02 already; keep one of them");
}

}  // namespace
}  // namespace purvey::base
