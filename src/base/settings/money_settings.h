#pragma once

#include <string>

#include "base/exchange_rates.h"
#include "base/settings/settings.h"

namespace purvey::base {

/// `[money]`: the base currency and where its rates come from.
extern const SettingsSection kMoneySection;

/// `[money.rates]`: one fixed rate for each currency named.
extern const SettingsSection kMoneyRatesSection;

/// The rates that the two sections give; to CNY where `base` is not set. `folder` is where a
/// relative `rates_file` is looked for. Errors: those of the file, and a key of `[money.rates]`
/// that is no currency.
Result<ExchangeRates> read_exchange_rates(const Settings& settings, const std::string& folder);

}  // namespace purvey::base
