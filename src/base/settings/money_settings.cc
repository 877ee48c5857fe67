#include "base/settings/money_settings.h"

#include <fmt/core.h>

#include <chrono>
#include <filesystem>

#include "base/file.h"

namespace purvey::base {
namespace {

constexpr size_t kRatesBytesMax = 64U << 20;

constexpr KeySpec kMoneyKeys[] = {
    {.name = "base",
     .type = KeyType::kCurrency,
     .help = "currency that KPIs of money are in; without the key it is that of the first amount "
             "counted",
     .example = "CNY",
     .need = KeyNeed::kOptional,
     .change = KeyChange::kNewFolder},
    {.name = "rates_file",
     .help = "CSV file with the lines `date,currency,rate`; relative to the settings file",
     .example = "rates.csv",
     .need = KeyNeed::kOptional},
    {.name = "rate_max_age",
     .type = KeyType::kDuration,
     .fallback = "7d",
     .help = "how many whole days a rate of the file serves after its own",
     .least = "0s",
     .most = "366d"}};

constexpr KeySpec kRateKeys[] = {
    {.name = "*",
     .help = "base units for one unit of this currency, as text so that it stays exact; serves the "
             "days that the file does not",
     .example = "7.1"}};

Result<void> add_fixed(ExchangeRates& rates, const SettingsTable& table) {
  for (const SettingsTable::Entry& entry : table.entries()) {
    const auto currency = Currency::find(entry.name);
    if (!currency) return table.error(entry.name, "no currency of ISO 4217; write USD = \"7.1\"");
    const auto rate = parse_rate(table.text(entry.name));
    if (!rate) return table.error(entry.name, rate.error().message);
    const auto set = rates.set_fixed(*currency, *rate);
    if (!set) return table.error(entry.name, set.error().message);
  }
  return {};
}

}  // namespace

const SettingsSection kMoneySection = {
    .name = "money", .keys = kMoneyKeys, .help = "The base currency and the rates to it."};

const SettingsSection kMoneyRatesSection = {
    .name = "money.rates", .keys = kRateKeys, .help = "Fixed rates to the base currency."};

Result<ExchangeRates> read_exchange_rates(const Settings& settings, const std::string& folder) {
  const SettingsTable& money = settings.section("money");
  const auto days = std::chrono::floor<std::chrono::days>(money.duration("rate_max_age")).count();
  const auto base = Currency::find(money.has("base") ? money.text("base") : "CNY");
  ExchangeRates rates(*base, static_cast<int32_t>(days));
  if (money.has("rates_file")) {
    const auto path = std::filesystem::path(folder) / money.text("rates_file");
    const auto text = read_file(path.string(), kRatesBytesMax);
    if (!text) return money.error("rates_file", text.error().message);
    PURVEY_TRY(add_rates_csv(rates, *text, path.string()));
  }
  PURVEY_TRY(add_fixed(rates, settings.section("money.rates")));
  return rates;
}

}  // namespace purvey::base
