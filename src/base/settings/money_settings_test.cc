#include "base/settings/money_settings.h"

#include <gtest/gtest.h>

#include <string>

#include "base/event_time.h"
#include "base/file.h"

namespace purvey::base {
namespace {

const SettingsSection kSections[] = {kMoneySection, kMoneyRatesSection};

Result<ExchangeRates> rates_of(std::string_view text) {
  const auto document = PURVEY_TRY(parse_toml(text, "purvey.toml"));
  const auto settings = PURVEY_TRY(load_settings(document, kSections));
  return read_exchange_rates(settings, testing::TempDir());
}

TEST(MoneySettingsTest, declarations_are_right) {
  const auto right = check_sections(kSections);
  EXPECT_TRUE(right) << right.error().message;
}

TEST(MoneySettingsTest, without_a_file_the_base_is_cny_and_knows_no_other) {
  const auto rates = rates_of("");
  ASSERT_TRUE(rates);
  EXPECT_EQ(rates->base().code(), "CNY");
  EXPECT_FALSE(rates->to_base({1, *Currency::find("USD")}, 0));
}

TEST(MoneySettingsTest, a_file_and_fixed_rates_serve_together) {
  ASSERT_TRUE(write_file(testing::TempDir() + "/purvey_rates.csv", "2026-01-02,USD,7.1\n"));
  const auto rates = rates_of(
      "[money]\nbase = \"EUR\"\nrates_file = \"purvey_rates.csv\"\nrate_max_age = \"1d\"\n"
      "[money.rates]\nUSD = \"0.9\"\n");
  ASSERT_TRUE(rates) << rates.error().message;
  const int32_t day = utc_day(from_civil(2026, 1, 2));
  const Money dollar{100, *Currency::find("USD")};
  EXPECT_EQ(rates->to_base(dollar, day + 1)->minor, 710);
  EXPECT_EQ(rates->to_base(dollar, day + 2)->minor, 90);
}

TEST(MoneySettingsTest, what_is_wrong_is_told_with_its_line) {
  EXPECT_EQ(rates_of("[money.rates]\nUSDT = \"1\"\n").error().message,
            "purvey.toml:2: money.rates.USDT: no currency of ISO 4217; write USD = \"7.1\"");
  EXPECT_EQ(rates_of("[money.rates]\nUSD = \"0\"\n").error().message,
            "purvey.toml:2: money.rates.USD: rate \"0\" is zero; write a number such as 7.1");
  EXPECT_EQ(rates_of("[money.rates]\nCNY = \"2\"\n").error().message,
            "purvey.toml:2: money.rates.CNY: CNY is the base currency; its rate is 1");
  const auto missing = rates_of("[money]\nrates_file = \"no_such_rates.csv\"\n");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message.substr(0, 34), "purvey.toml:2: money.rates_file: /");
}

}  // namespace
}  // namespace purvey::base
