#include "base/money.h"

#include <gtest/gtest.h>

namespace purvey::base {
namespace {

Currency currency(const char* code) {
  return *Currency::find(code);
}

TEST(MoneyTest, decimals_follow_iso_4217) {
  EXPECT_EQ(currency("CNY").decimals(), 2);
  EXPECT_EQ(currency("JPY").decimals(), 0);
  EXPECT_EQ(currency("KWD").decimals(), 3);
  EXPECT_EQ(currency("BRL").code(), "BRL");
  EXPECT_FALSE(Currency::find("RMB"));
  EXPECT_FALSE(Currency::find("cny"));
  EXPECT_FALSE(Currency::find(""));
}

TEST(MoneyTest, two_decimals_are_exact_wherever_a_double_can_hold_them) {
  for (int64_t minor = -2'000'000; minor <= 2'000'000; minor += 7) {
    int64_t got = 0;
    ASSERT_EQ(minor_units(static_cast<double>(minor) / 100.0, currency("CNY"), got),
              MoneyFault::kNone);
    ASSERT_EQ(got, minor);
  }
}

TEST(MoneyTest, more_decimals_than_the_currency_has_are_refused) {
  int64_t minor = 0;
  EXPECT_EQ(minor_units(12.345, currency("CNY"), minor), MoneyFault::kTooManyDecimals);
  EXPECT_EQ(minor_units(0.1 + 0.2, currency("CNY"), minor), MoneyFault::kTooManyDecimals);
  EXPECT_EQ(minor_units(1.5, currency("JPY"), minor), MoneyFault::kTooManyDecimals);
  EXPECT_EQ(minor_units(1.234, currency("KWD"), minor), MoneyFault::kNone);
  EXPECT_EQ(minor, 1234);
}

TEST(MoneyTest, the_largest_amount_of_a_currency_is_one_and_the_next_is_none) {
  EXPECT_EQ(largest_major(currency("JPY")), 99'999'999'999'999);
  EXPECT_EQ(largest_major(currency("CNY")), 90'071'992'547'409);
  for (const char* code : {"JPY", "CNY", "KWD"}) {
    int64_t minor = 0;
    const auto most = static_cast<double>(largest_major(currency(code)));
    EXPECT_EQ(minor_units(most, currency(code), minor), MoneyFault::kNone) << code;
    EXPECT_EQ(minor_units(most + 1, currency(code), minor), MoneyFault::kTooLarge) << code;
  }
}

TEST(MoneyTest, what_no_table_column_holds_is_refused) {
  int64_t minor = 0;
  EXPECT_EQ(minor_units(1e15, currency("CNY"), minor), MoneyFault::kTooLarge);
  EXPECT_EQ(minor_units(-1e300, currency("CNY"), minor), MoneyFault::kTooLarge);
  EXPECT_EQ(minor_units(99'999'999'999'999.0, currency("JPY"), minor), MoneyFault::kNone);
  int64_t decimal4 = 0;
  ASSERT_TRUE(to_decimal4({minor, currency("JPY")}, decimal4));
  EXPECT_EQ(decimal4, 999'999'999'999'990'000);
}

TEST(MoneyTest, an_amount_that_a_double_cannot_tell_from_the_next_is_refused) {
  int64_t minor = 0;
  EXPECT_EQ(minor_units(90'071'992'547'409.92, currency("CNY"), minor), MoneyFault::kNone);
  EXPECT_EQ(minor, 9'007'199'254'740'992);  // 2^53
  EXPECT_EQ(minor_units(99'999'999'999'999.99, currency("CNY"), minor), MoneyFault::kTooLarge);
  EXPECT_EQ(minor_units(-9'999'999'999'999.999, currency("KWD"), minor), MoneyFault::kTooLarge);
}

TEST(MoneyTest, prints_as_people_write) {
  EXPECT_EQ(format_money({1234, currency("CNY")}), "12.34 CNY");
  EXPECT_EQ(format_money({-5, currency("CNY")}), "-0.05 CNY");
  EXPECT_EQ(format_money({500, currency("JPY")}), "500 JPY");
}

}  // namespace
}  // namespace purvey::base
