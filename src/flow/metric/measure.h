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
/// level is a change of something that stands (open orders): its sum up to a time is the level
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
  kOrderAllocationLate,
  kOrderPickingLate,
  kOrderCycleHours,
  kOrderPickMinutes,
  kOrderShipHours,
  kOrderDeliveryDays,
  kOrderPromised,
  kOrderOnTime,
  kOrderCustomer,
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
  kSupplyLate,
  kSupplyLeadDays,
  kTransferDue,
  kTransferOnTime,
  kTransferOpen,
  kTransferLate,
  kTransferLeadHours,
  kShipmentOpen,
  kShipmentSilent,
  kShipmentLate,
  kShipmentTemperatureC,
  kCustomerOrdered,
  kCustomerOrderedAgain,
  kBehaviorVisited,
  kBehaviorViewed,
  kBehaviorCarted,
  kBehaviorFavorited,
  kBehaviorSearched,
  kBehaviorBought,
  kBehaviorCustomer,
  kSessionEnded,
  kSessionBought,
  kSessionCarted,
  kSessionAbandoned,
  kAdShown,
  kAdClicked,
  kAdConverted,
  kAdCost,
  kAdValue,
  kServiceRequest,
  kServiceFailed,
  kServiceLatencyMs,
  kFeedbackRating,
  kFeedbackComplained,
  kFeedbackResponseSeconds,
};
inline constexpr size_t kNamedMeasures = 67;

/// Behind the named measures, those that a pack makes of `metric.sample` events: `sample.NAME`, in
/// the order of Pack::samples.
inline constexpr size_t kSampleMeasures = 32;
inline constexpr size_t kMeasures = kNamedMeasures + kSampleMeasures;

constexpr Measure sample_measure(size_t place) {
  return static_cast<Measure>(kNamedMeasures + place);
}
constexpr bool is_sample(Measure measure) {
  return static_cast<size_t>(measure) >= kNamedMeasures;
}

enum class MeasureKind : uint8_t {
  kEvent,     ///< counts at a time
  kLevel,     ///< a change of something that stands
  kIdentity,  ///< who or what it was, as a 64-bit hash: what distinct() counts. Never taken back
};

struct MeasureSpec {
  std::string_view name;
  int64_t scale;  ///< value 1 of a person is `scale` here; 0: minor units of the base currency
  MeasureKind kind;
};

const MeasureSpec& measure_spec(Measure measure);
/// Of the named ones. O(measures).
std::optional<Measure> find_measure(std::string_view name);
inline bool is_level(Measure measure) {
  return measure_spec(measure).kind == MeasureKind::kLevel;
}

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
  bool backfill = false;  ///< counts in closed windows whatever their age
};

}  // namespace purvey::flow
