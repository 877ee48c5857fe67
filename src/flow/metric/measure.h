#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/event_time.h"

namespace purvey::flow {

/// What trackers and counters observe: the words that formulas of a metric pack are made of.
///
/// A value is an integer in units of 1 / scale, so that sums are exact and independent of order. A
/// `level` is a change of something that stands (open orders): its sum up to a time is the level
/// then.
enum class Measure : uint8_t {
  kOrderPlaced,
  kOrderAmount,
  kOrderPaid,
  kOrderShipped,
  kOrderDelivered,
  kOrderCancelled,
  kOrderCancelledAmount,
  kOrderReturned,
  kOrderReturnedAmount,
  kOrderOpen,
  kOrderLate,
  kOrderCycleHours,
  kOrderPickMinutes,
  kOrderShipHours,
  kOrderDeliveryDays,
  kOrderPromised,
  kOrderOnTime,
  kLineUnits,
  kLineCost,
  kLineUnitsFilled,
  kLineUnitsChecked,
  kPaymentAuthorized,
  kPaymentFailed,
  kPaymentLatencyMs,
  kStockOut,
  kStockUnits,
  kStockValue,
  kSupplyDue,
  kSupplyOnTime,
  kSupplyLeadDays,
  kFeedbackRating,
  kFeedbackComplained,
  kFeedbackResponseSeconds,
};
inline constexpr size_t kMeasures = 33;

struct MeasureSpec {
  std::string_view name;
  int64_t scale;  ///< value 1 of a person is `scale` here; 0: minor units of the base currency
  bool level;
};

const MeasureSpec& measure_spec(Measure measure);
std::optional<Measure> find_measure(std::string_view name);

/// By what KPIs are split; the words of `dimensions` in a pack and in the `kpi` table.
enum class Dimension : uint8_t {
  kBrand,
  kCampaign,
  kCarrier,
  kCategory,
  kChannel,
  kEndpoint,
  kMethod,
  kRegion,
  kService,
  kSupplier,
  kWarehouse,
};
inline constexpr size_t kDimensions = 11;

std::string_view dimension_name(Dimension dimension);
std::optional<Dimension> find_dimension(std::string_view name);

/// Names (dictionary ids) by dimension; 0 is unknown, and what is unknown counts in the total only.
struct Dimensions {
  std::array<uint32_t, kDimensions> names{};

  uint32_t& operator[](Dimension dimension) { return names[static_cast<size_t>(dimension)]; }
  uint32_t operator[](Dimension dimension) const { return names[static_cast<size_t>(dimension)]; }
  friend bool operator==(const Dimensions&, const Dimensions&) = default;
};

/// One observation, or (weight -1) one that is taken back because more became known.
struct Signal {
  Measure measure = Measure::kOrderPlaced;
  base::EventTime time;
  int64_t value = 1;
  int64_t weight = 1;
};

}  // namespace purvey::flow
