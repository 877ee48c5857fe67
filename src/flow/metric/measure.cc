#include "flow/metric/measure.h"

namespace purvey::flow {
namespace {

constexpr int64_t kFine = 10'000;
constexpr int64_t kMoney = 0;

constexpr std::array<MeasureSpec, kMeasures> kSpecs = {{
    {"order.placed", 1, false},
    {"order.amount", kMoney, false},
    {"order.paid", 1, false},
    {"order.shipped", 1, false},
    {"order.delivered", 1, false},
    {"order.cancelled", 1, false},
    {"order.cancelled_amount", kMoney, false},
    {"order.returned", 1, false},
    {"order.returned_amount", kMoney, false},
    {"order.open", 1, true},
    {"order.late", 1, true},
    {"order.cycle_hours", kFine, false},
    {"order.pick_minutes", kFine, false},
    {"order.ship_hours", kFine, false},
    {"order.delivery_days", kFine, false},
    {"order.promised", 1, false},
    {"order.on_time", 1, false},
    {"line.units", 1, false},
    {"line.cost", kMoney, false},
    {"line.units_filled", 1, false},
    {"line.units_checked", 1, false},
    {"payment.authorized", 1, false},
    {"payment.failed", 1, false},
    {"payment.latency_ms", kFine, false},
    {"stock.out", 1, true},
    {"stock.units", 1, true},
    {"stock.value", kMoney, true},
    {"supply.due", 1, false},
    {"supply.on_time", 1, false},
    {"supply.lead_days", kFine, false},
    {"feedback.rating", kFine, false},
    {"feedback.complained", 1, false},
    {"feedback.response_seconds", kFine, false},
}};

constexpr std::array<std::string_view, kDimensions> kDimensionNames = {
    "brand",  "campaign", "carrier", "category", "channel",  "endpoint",
    "method", "region",   "service", "supplier", "warehouse"};

}  // namespace

const MeasureSpec& measure_spec(Measure measure) {
  return kSpecs[static_cast<size_t>(measure)];
}

std::optional<Measure> find_measure(std::string_view name) {
  for (size_t i = 0; i < kSpecs.size(); ++i) {
    if (kSpecs[i].name == name) return static_cast<Measure>(i);
  }
  return std::nullopt;
}

std::string_view dimension_name(Dimension dimension) {
  return kDimensionNames[static_cast<size_t>(dimension)];
}

std::optional<Dimension> find_dimension(std::string_view name) {
  for (size_t i = 0; i < kDimensionNames.size(); ++i) {
    if (kDimensionNames[i] == name) return static_cast<Dimension>(i);
  }
  return std::nullopt;
}

}  // namespace purvey::flow
