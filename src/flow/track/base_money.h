#pragma once

#include <optional>

#include "base/event_time.h"
#include "base/exchange_rates.h"
#include "base/money.h"

namespace purvey::flow {

/// Amounts in the base currency of `[money]`, in which KPIs are counted.
///
/// The base is the one given, or else that of the first amount that KPIs count (see
/// EventObserver::counted_currency), which whoever hands out events sets: shards would each meet
/// another first one. Without a rate for a day an amount has no value in the base; how many had
/// none is counted, as they are missing from money KPIs.
class BaseMoney {
 public:
  /// `rates` may be null: then only amounts in the base itself have a value.
  BaseMoney(std::optional<base::Currency> base, const base::ExchangeRates* rates)
      : base_(base), rates_(rates) {}

  /// Minor units of the base currency, or nothing without a rate.
  std::optional<int64_t> convert(base::Money amount, base::EventTime time) {
    if (amount.currency == base_) return amount.minor;
    if (base_ && rates_ != nullptr && rates_->base() == *base_) {
      if (const auto money = rates_->to_base(amount, base::utc_day(time))) return money->minor;
    }
    ++unconverted_;
    return std::nullopt;
  }

  std::optional<base::Currency> base() const { return base_; }
  void set_base(base::Currency base) { base_ = base; }
  uint64_t unconverted() const { return unconverted_; }

 private:
  std::optional<base::Currency> base_;
  const base::ExchangeRates* rates_;
  uint64_t unconverted_ = 0;
};

}  // namespace purvey::flow
