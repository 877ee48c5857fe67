#include "event/csv/decimal.h"

#include <gtest/gtest.h>

namespace purvey::event::csv {
namespace {

std::string shown(const std::optional<Decimal>& number) {
  if (!number) return "none";
  std::string out;
  number->append_to(out);
  return out;
}

TEST(Decimal, reads_numbers_as_files_write_them) {
  const std::pair<const char*, const char*> cases[] = {
      {"0", "0"},
      {"-0", "0"},
      {"007", "7"},
      {"1.50", "1.5"},
      {".5", "0.5"},
      {"5.", "5"},
      {"-12.345", "-12.345"},
      {"+3", "3"},
      {" 4 ", "4"},
      {"1E+12", "1000000000000"},
      {"1.2e3", "1200"},
      {"25e-3", "0.025"},
      {"4.440892e-16", "0.0000000000000004440892"},
      {"99999999999999.9999", "99999999999999.9999"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"1234567890123456789012345678901", "none"},
      {"", "none"},
      {"-", "none"},
      {".", "none"},
      {"1.2.3", "none"},
      {"1,2", "none"},
      {"0x10", "none"},
      {"NaN", "none"},
      {"inf", "none"},
      {"1e400", "none"},
      {"1e", "none"},
      {"12a", "none"},
      {"1 2", "none"},
      {"--1", "none"},
      {"1e99999999999", "none"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_EQ(shown(Decimal::parse(text)), expected) << text;
}

TEST(Decimal, reads_decimal_commas_and_thousands_only_where_they_belong) {
  const NumberFormat european{',', '.'};
  EXPECT_EQ(shown(Decimal::parse("1.234.567,89", european)), "1234567.89");
  EXPECT_EQ(shown(Decimal::parse("0,5", european)), "0.5");
  EXPECT_EQ(shown(Decimal::parse("12.34,5", european)), "none");
  EXPECT_EQ(shown(Decimal::parse("1234.567", european)), "none");
  EXPECT_EQ(shown(Decimal::parse(".123", european)), "none");
  const NumberFormat american{'.', ','};
  EXPECT_EQ(shown(Decimal::parse("1,234.5", american)), "1234.5");
  EXPECT_EQ(shown(Decimal::parse("1,2", american)), "none");
}

TEST(Decimal, takes_off_the_one_money_sign_that_it_is_told) {
  const NumberFormat dollars{'.', ',', "$"};
  for (const char* text : {"$1,200.50", "-$1,200.50", "$-1,200.50", "$ 1200.50", "1,200.50 $"}) {
    const bool negative = std::string_view(text).find('-') != std::string_view::npos;
    EXPECT_EQ(shown(Decimal::parse(text, dollars)), negative ? "-1200.5" : "1200.5") << text;
  }
  for (const char* text : {"$", "$$1", "-$-1", "$1$", "€1", "1$2"}) {
    EXPECT_EQ(shown(Decimal::parse(text, dollars)), "none") << text;
  }
  EXPECT_EQ(shown(Decimal::parse("1.234,50\u00A0€", {',', '.', "€"})), "1234.5");
  EXPECT_EQ(shown(Decimal::parse("12元", {'.', '\0', "元"})), "12");
  EXPECT_EQ(shown(Decimal::parse("$1")), "none");
}

TEST(Decimal, sums_and_products_are_exact) {
  const auto tenth = *Decimal::parse("0.1");
  const auto fifth = *Decimal::parse("0.2");
  EXPECT_EQ(shown(tenth.plus(fifth)), "0.3");
  EXPECT_EQ(shown(Decimal::parse("58.9")->plus(*Decimal::parse("13.29"))), "72.19");
  EXPECT_EQ(shown(Decimal::parse("2.55")->times(Decimal(6))), "15.3");
  EXPECT_EQ(
      shown(Decimal::parse("99999999999999999999")->times(*Decimal::parse("99999999999999999999"))),
      "none");
}

TEST(Decimal, rounding_takes_halves_to_the_even_digit) {
  EXPECT_EQ(shown(Decimal(10).divided(Decimal(3), 2)), "3.33");
  EXPECT_EQ(shown(Decimal::parse("11.87")->divided(Decimal(2), 2)), "5.94");  // 5.935
  EXPECT_EQ(shown(Decimal::parse("11.89")->divided(Decimal(2), 2)), "5.94");  // 5.945
  EXPECT_EQ(shown(Decimal::parse("-11.87")->divided(Decimal(2), 2)), "-5.94");
  EXPECT_EQ(shown(Decimal(1).divided(Decimal(0), 2)), "none");
  EXPECT_EQ(shown(Decimal::parse("0.0000000000000004440892")->rounded(2)), "0");
  EXPECT_EQ(shown(Decimal::parse("1.005")->rounded(2)), "1");
  EXPECT_EQ(shown(Decimal::parse("1.015")->rounded(2)), "1.02");
}

TEST(Decimal, compares_and_tells_whole_numbers) {
  EXPECT_LT(Decimal::parse("-0.5")->compare(Decimal(0)), 0);
  EXPECT_EQ(Decimal::parse("2.50")->compare(*Decimal::parse("2.5")), 0);
  EXPECT_GT(Decimal::parse("2.51")->compare(*Decimal::parse("2.5")), 0);
  EXPECT_EQ(Decimal::parse("12.0")->whole(), 12);
  EXPECT_FALSE(Decimal::parse("12.5")->whole());
  EXPECT_FALSE(Decimal::parse("9223372036854775808")->whole());
}

}  // namespace
}  // namespace purvey::event::csv
