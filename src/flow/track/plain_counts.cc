#include "flow/track/plain_counts.h"

#include <string_view>

#include "flow/track/internal/event_fields.h"

namespace purvey::flow {
namespace {

using event::EventKind;
using event::field_at;
using event::kAbsent;
using internal::name_of;

/// Places of the fields that are read, by kind.
namespace at {
const size_t kPaymentMethod = field_at(EventKind::kPaymentFailed, "method");
const size_t kPaymentLatency = field_at(EventKind::kPaymentFailed, "latency_ms");
const size_t kBehaviorCustomer = field_at(EventKind::kBehaviorVisited, "customer_id");
const size_t kBehaviorSku = field_at(EventKind::kBehaviorVisited, "sku");
const size_t kBehaviorCampaign = field_at(EventKind::kBehaviorVisited, "campaign");
const size_t kAdCampaign = field_at(EventKind::kAdShown, "campaign");
const size_t kAdSku = field_at(EventKind::kAdShown, "sku");
const size_t kAdCost = field_at(EventKind::kAdShown, "cost");
const size_t kAdValue = field_at(EventKind::kAdShown, "value");
const size_t kRequestService = field_at(EventKind::kServiceRequest, "service");
const size_t kRequestEndpoint = field_at(EventKind::kServiceRequest, "endpoint");
const size_t kRequestStatus = field_at(EventKind::kServiceRequest, "status");
const size_t kRequestLatency = field_at(EventKind::kServiceRequest, "latency_ms");
const size_t kShipmentCarrier = field_at(EventKind::kShipmentStatus, "carrier");
const size_t kShipmentTemperature = field_at(EventKind::kShipmentStatus, "temperature_c");
}  // namespace at

// Statuses from here on say that the service failed, not that it was asked for nonsense (RFC 9110).
constexpr int64_t kServerError = 500;

/// The measure of a kind, where measures stand in the order of kinds.
Measure measure_of(Measure first, EventKind kind, EventKind first_kind) {
  return static_cast<Measure>(static_cast<size_t>(first) + static_cast<size_t>(kind) -
                              static_cast<size_t>(first_kind));
}

static_assert(static_cast<size_t>(Measure::kBehaviorBought) -
                      static_cast<size_t>(Measure::kBehaviorVisited) ==
                  static_cast<size_t>(EventKind::kBehaviorBought) -
                      static_cast<size_t>(EventKind::kBehaviorVisited),
              "measures of behavior stand in the order of their kinds");
static_assert(static_cast<size_t>(Measure::kAdConverted) - static_cast<size_t>(Measure::kAdShown) ==
                  static_cast<size_t>(EventKind::kAdConverted) -
                      static_cast<size_t>(EventKind::kAdShown),
              "measures of advertisements stand in the order of their kinds");

}  // namespace

bool PlainCounts::takes(EventKind kind) {
  return event::is_payment(kind) || event::is_feedback(kind) || event::is_behavior(kind) ||
         event::is_ad(kind) || kind == EventKind::kServiceRequest || event::is_shipment(kind);
}

std::optional<base::Currency> PlainCounts::counted_currency(const Batch& batch, const Row& row) {
  if (!event::is_ad(row.kind)) return std::nullopt;
  const bool has_amount =
      batch.field(row, at::kAdCost) != kAbsent || batch.field(row, at::kAdValue) != kAbsent;
  return has_amount ? std::optional(row.currency) : std::nullopt;
}

void PlainCounts::count(const Batch& batch, const Row& row) {
  if (event::is_feedback(row.kind)) return feedback(batch, row);
  if (event::is_behavior(row.kind)) return behavior(batch, row);
  if (event::is_ad(row.kind)) return ad(batch, row);
  if (!share_.owns(row.id_hash)) return;
  if (event::is_payment(row.kind)) return payment(batch, row);
  if (event::is_shipment(row.kind)) return temperature(batch, row);
  request(batch, row);
}

void PlainCounts::payment(const Batch& batch, const Row& row) {
  if (row.kind == EventKind::kPaymentRefunded) return;
  Dimensions dimensions;
  dimensions[Dimension::kMethod] = name_of(batch, row, at::kPaymentMethod);
  const bool failed = row.kind == EventKind::kPaymentFailed;
  sink_.add({failed ? Measure::kPaymentFailed : Measure::kPaymentAuthorized, row.time}, dimensions);
  add_number(Measure::kPaymentLatencyMs, batch, row, at::kPaymentLatency, dimensions);
}

void PlainCounts::feedback(const Batch& batch, const Row& row) {
  const auto field = [&](std::string_view name) { return field_at(row.kind, name); };
  const uint32_t sku = name_of(batch, row, field("sku"));
  if (!owns(row, sku)) return;
  const Dimensions dimensions = dimensions_of(sku);
  if (row.kind == EventKind::kFeedbackRated) {
    add_number(Measure::kFeedbackRating, batch, row, field("score"), dimensions);
  }
  if (row.kind == EventKind::kFeedbackComplained) {
    sink_.add({Measure::kFeedbackComplained, row.time}, dimensions);
  }
  add_number(Measure::kFeedbackResponseSeconds, batch, row, field("response_seconds"), dimensions);
}

void PlainCounts::behavior(const Batch& batch, const Row& row) {
  const uint32_t sku = name_of(batch, row, at::kBehaviorSku);
  if (!owns(row, sku)) return;
  Dimensions dimensions = dimensions_of(sku);
  dimensions[Dimension::kCampaign] = name_of(batch, row, at::kBehaviorCampaign);
  sink_.add(
      {measure_of(Measure::kBehaviorVisited, row.kind, EventKind::kBehaviorVisited), row.time},
      dimensions);
  const uint64_t customer = internal::id_of(batch, row, at::kBehaviorCustomer);
  sink_.add({Measure::kBehaviorCustomer, row.time, static_cast<int64_t>(customer)}, dimensions);
}

void PlainCounts::ad(const Batch& batch, const Row& row) {
  const uint32_t sku = name_of(batch, row, at::kAdSku);
  if (!owns(row, sku)) return;
  Dimensions dimensions = dimensions_of(sku);
  dimensions[Dimension::kCampaign] = name_of(batch, row, at::kAdCampaign);
  sink_.add({measure_of(Measure::kAdShown, row.kind, EventKind::kAdShown), row.time}, dimensions);
  add_money(Measure::kAdCost, batch, row, at::kAdCost, dimensions);
  add_money(Measure::kAdValue, batch, row, at::kAdValue, dimensions);
}

void PlainCounts::request(const Batch& batch, const Row& row) {
  Dimensions dimensions;
  dimensions[Dimension::kService] = name_of(batch, row, at::kRequestService);
  dimensions[Dimension::kEndpoint] = name_of(batch, row, at::kRequestEndpoint);
  sink_.add({Measure::kServiceRequest, row.time}, dimensions);
  if (batch.field(row, at::kRequestStatus) >= kServerError) {
    sink_.add({Measure::kServiceFailed, row.time}, dimensions);
  }
  add_number(Measure::kServiceLatencyMs, batch, row, at::kRequestLatency, dimensions);
}

void PlainCounts::temperature(const Batch& batch, const Row& row) {
  Dimensions dimensions;
  dimensions[Dimension::kCarrier] = name_of(batch, row, at::kShipmentCarrier);
  add_number(Measure::kShipmentTemperatureC, batch, row, at::kShipmentTemperature, dimensions);
}

bool PlainCounts::owns(const Row& row, uint32_t sku) const {
  return share_.owns(sku == 0 ? row.id_hash : names_.hash(sku));
}

Dimensions PlainCounts::dimensions_of(uint32_t sku) const {
  const SkuCard& card = catalog_.find(sku);
  Dimensions dimensions;
  dimensions[Dimension::kCategory] = card.category;
  dimensions[Dimension::kBrand] = card.brand;
  return dimensions;
}

void PlainCounts::add_number(Measure measure, const Batch& batch, const Row& row, size_t field,
                             const Dimensions& dimensions) {
  if (batch.field(row, field) == kAbsent) return;
  sink_.add({measure, row.time, internal::fine(batch.number(row, field))}, dimensions);
}

void PlainCounts::add_money(Measure measure, const Batch& batch, const Row& row, size_t field,
                            const Dimensions& dimensions) {
  const int64_t amount = batch.field(row, field);
  if (amount == kAbsent) return;
  const auto minor = money_.convert({amount, row.currency}, row.time);
  if (minor) sink_.add({measure, row.time, *minor}, dimensions);
}

}  // namespace purvey::flow
