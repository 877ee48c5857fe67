#include "flow/metric/measure.h"

namespace purvey::flow {
namespace {

constexpr int64_t kFine = 10'000;
constexpr int64_t kMoney = 0;

using enum MeasureKind;

constexpr std::array<MeasureSpec, kNamedMeasures> kSpecs = {{
    {"order.placed", 1, kEvent},
    {"order.amount", kMoney, kEvent},
    {"order.paid", 1, kEvent},
    {"order.shipped", 1, kEvent},
    {"order.delivered", 1, kEvent},
    {"order.cancelled", 1, kEvent},
    {"order.cancelled_amount", kMoney, kEvent},
    {"order.returned", 1, kEvent},
    {"order.returned_amount", kMoney, kEvent},
    {"order.open", 1, kLevel},
    {"order.late", 1, kLevel},
    {"order.allocation_late", 1, kLevel},
    {"order.picking_late", 1, kLevel},
    {"order.cycle_hours", kFine, kEvent},
    {"order.pick_minutes", kFine, kEvent},
    {"order.ship_hours", kFine, kEvent},
    {"order.delivery_days", kFine, kEvent},
    {"order.promised", 1, kEvent},
    {"order.on_time", 1, kEvent},
    {"order.customer", 1, kIdentity},
    {"line.units", 1, kEvent},
    {"line.cost", kMoney, kEvent},
    {"line.units_filled", 1, kEvent},
    {"line.units_checked", 1, kEvent},
    {"payment.authorized", 1, kEvent},
    {"payment.failed", 1, kEvent},
    {"payment.latency_ms", kFine, kEvent},
    {"stock.out", 1, kLevel},
    {"stock.units", 1, kLevel},
    {"stock.value", kMoney, kLevel},
    {"supply.due", 1, kEvent},
    {"supply.on_time", 1, kEvent},
    {"supply.late", 1, kLevel},
    {"supply.lead_days", kFine, kEvent},
    {"transfer.due", 1, kEvent},
    {"transfer.on_time", 1, kEvent},
    {"transfer.open", 1, kLevel},
    {"transfer.late", 1, kLevel},
    {"transfer.lead_hours", kFine, kEvent},
    {"shipment.open", 1, kLevel},
    {"shipment.silent", 1, kLevel},
    {"shipment.late", 1, kLevel},
    {"shipment.temperature_c", kFine, kEvent},
    {"customer.ordered", 1, kEvent},
    {"customer.ordered_again", 1, kEvent},
    {"behavior.visited", 1, kEvent},
    {"behavior.viewed", 1, kEvent},
    {"behavior.carted", 1, kEvent},
    {"behavior.favorited", 1, kEvent},
    {"behavior.searched", 1, kEvent},
    {"behavior.bought", 1, kEvent},
    {"behavior.customer", 1, kIdentity},
    {"session.ended", 1, kEvent},
    {"session.bought", 1, kEvent},
    {"session.carted", 1, kEvent},
    {"session.abandoned", 1, kEvent},
    {"ad.shown", 1, kEvent},
    {"ad.clicked", 1, kEvent},
    {"ad.converted", 1, kEvent},
    {"ad.cost", kMoney, kEvent},
    {"ad.value", kMoney, kEvent},
    {"service.request", 1, kEvent},
    {"service.failed", 1, kEvent},
    {"service.latency_ms", kFine, kEvent},
    {"feedback.rating", kFine, kEvent},
    {"feedback.complained", 1, kEvent},
    {"feedback.response_seconds", kFine, kEvent},
}};
constexpr MeasureSpec kSampleSpec = {"sample", kFine, kEvent};

constexpr std::array<std::string_view, kDimensions> kDimensionNames = {
    "brand",  "campaign", "carrier", "category", "channel",  "endpoint",
    "method", "region",   "service", "supplier", "warehouse"};

}  // namespace

const MeasureSpec& measure_spec(Measure measure) {
  return is_sample(measure) ? kSampleSpec : kSpecs[static_cast<size_t>(measure)];
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
