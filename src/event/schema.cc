#include "event/schema.h"

#include <absl/container/flat_hash_map.h>

#include <string>

#include "base/check.h"

namespace purvey::event {
namespace {

using enum FieldType;

constexpr bool kRequired = true;
constexpr double kMost = 1e300;
constexpr double kUnitsMost = 1e9;  // of one line, move or level: more is a slip of the keyboard

constexpr FieldSpec kOrderPlacedFields[] = {
    {"order_id", kId, kRequired}, {"customer_id", kPerson, kRequired},
    {"channel", kName},           {"region", kName},
    {"warehouse", kName},         {"promised_at", kTime},
    {"currency", kName},          {"amount", kMoney, kRequired, 0, kMost},
    {"lines", kLines, kRequired},
};
constexpr FieldSpec kOrderStepFields[] = {
    {"order_id", kId, kRequired}, {"warehouse", kName}, {"carrier", kName},
    {"shipment_id", kId},         {"reason", kName},    {"lines", kLines},
    {"inferred", kFlag},
};
constexpr FieldSpec kStockLevelFields[] = {
    {"sku", kName, kRequired},
    {"warehouse", kName, kRequired},
    {"on_hand", kInteger, kRequired, 0, kUnitsMost},
    {"reserved", kInteger, false, 0, kUnitsMost},
};
constexpr FieldSpec kStockMovedFields[] = {
    {"sku", kName, kRequired},
    {"warehouse", kName, kRequired},
    {"qty", kInteger, kRequired, -kUnitsMost, kUnitsMost},
    {"reason", kChoice, kRequired, 0, 0, "receipt issue adjust transfer damage"},
    {"lot", kName},
    {"expires_at", kTime},
    {"unit_cost", kMoney, false, 0, kMost},
    {"po_id", kId},
    {"currency", kName},
};
constexpr FieldSpec kPurchaseFields[] = {
    {"po_id", kId, kRequired},
    {"supplier", kName, kRequired},
    {"sku", kName, kRequired},
    {"warehouse", kName, kRequired},
    {"qty", kInteger, kRequired, 0, kUnitsMost},
    {"unit_cost", kMoney, false, 0, kMost},
    {"expected_at", kTime},
    {"inferred", kFlag},
    {"currency", kName},
};
constexpr FieldSpec kTransferFields[] = {
    {"transfer_id", kId, kRequired},
    {"sku", kName, kRequired},
    {"from", kName, kRequired},
    {"to", kName, kRequired},
    {"qty", kInteger, kRequired, 0, kUnitsMost},
    {"expected_at", kTime},
};
constexpr FieldSpec kShipmentFields[] = {
    {"shipment_id", kId, kRequired},
    {"order_id", kId},
    {"carrier", kName},
    {"status", kName},
    {"hub", kName},
    {"lat", kNumber, false, -90, 90},
    {"lon", kNumber, false, -180, 180},
    {"speed_kmh", kNumber, false, 0, 1500},
    {"temperature_c", kNumber, false, -273.15, 1000},
};
constexpr FieldSpec kBehaviorFields[] = {
    {"customer_id", kPerson, kRequired},
    {"session", kId},
    {"sku", kName},
    {"query", kText},
    {"campaign", kName},
};
constexpr FieldSpec kAdFields[] = {
    {"campaign", kName, kRequired},     {"sku", kName},      {"cost", kMoney, false, 0, kMost},
    {"value", kMoney, false, 0, kMost}, {"currency", kName},
};
constexpr FieldSpec kPaymentFields[] = {
    {"order_id", kId, kRequired},
    {"amount", kMoney, kRequired, 0, kMost},
    {"method", kName, kRequired},
    {"latency_ms", kNumber, false, 0, 1e9},
    {"code", kName},
    {"currency", kName},
};
constexpr FieldSpec kFeedbackFields[] = {
    {"order_id", kId},        {"sku", kName},
    {"customer_id", kPerson}, {"score", kNumber, false, 1, 5},
    {"ticket", kId},          {"response_seconds", kNumber, false, 0, 1e9},
    {"text", kText},
};
constexpr FieldSpec kRatedFields[] = {
    {"order_id", kId},        {"sku", kName},
    {"customer_id", kPerson}, {"score", kNumber, kRequired, 1, 5},
    {"ticket", kId},          {"response_seconds", kNumber, false, 0, 1e9},
    {"text", kText},
};
constexpr FieldSpec kRequestFields[] = {
    {"service", kName, kRequired},
    {"endpoint", kName},
    {"status", kInteger, false, 0, 999},
    {"latency_ms", kNumber, false, 0, 1e9},
};
constexpr FieldSpec kLogFields[] = {
    {"service", kName, kRequired},
    {"level", kName, kRequired},
    {"message", kText, kRequired},
};
constexpr FieldSpec kSpanFields[] = {
    {"service", kName, kRequired},
    {"trace_id", kId, kRequired},
    {"span_id", kId, kRequired},
    {"parent_span_id", kId},
    {"name", kName, kRequired},
    {"kind", kName},
    {"duration_ms", kNumber, kRequired, 0, 1e12},
    {"status", kName},
};
constexpr FieldSpec kChangeFields[] = {
    {"kind", kChoice, kRequired, 0, 0, "deploy price configuration rule"},
    {"object", kName, kRequired},
    {"before", kText},
    {"after", kText},
};
constexpr FieldSpec kPromotionFields[] = {
    {"promotion_id", kId, kRequired},
    {"starts_at", kTime, kRequired},
    {"ends_at", kTime, kRequired},
    {"sku", kName},
    {"category", kName},
    {"discount", kNumber, false, 0, 1},
};
constexpr FieldSpec kSampleFields[] = {
    {"name", kName, kRequired},
    {.name = "value", .type = kNumber, .required = kRequired, .nullable = true},
    {"unit", kName},
    {"labels", kLabels},
};
constexpr FieldSpec kCatalogSkuFields[] = {
    {"sku", kName, kRequired},
    {"name", kText},
    {"brand", kName},
    {"category", kName},
    {"cost", kMoney, false, 0, kMost},
    {"price", kMoney, false, 0, kMost},
    {"currency", kName},
    {"supplier", kName},
    {"lead_time_days", kNumber, false, 0, 3650},
    {"moq", kInteger, false, 0, kUnitsMost},
    {"case_pack", kInteger, false, 0, kUnitsMost},
    {"shelf_life_days", kNumber, false, 0, 36500},
    {"weight_kg", kNumber, false, 0, 1e6},
    {"volume_l", kNumber, false, 0, 1e9},
    {"unit", kName},
};
constexpr FieldSpec kCatalogWarehouseFields[] = {
    {"warehouse", kName, kRequired},
    {"name", kText},
    {"region", kName},
    {"lat", kNumber, false, -90, 90},
    {"lon", kNumber, false, -180, 180},
    {"capacity", kInteger, false, 0, 1e12},
};
constexpr FieldSpec kCatalogSupplierFields[] = {
    {"supplier", kName, kRequired},
    {"name", kText},
    {"region", kName},
    {"lead_time_days", kNumber, false, 0, 3650},
    {"moq", kInteger, false, 0, kUnitsMost},
};
constexpr FieldSpec kCatalogBrandFields[] = {
    {"brand", kName, kRequired}, {"name", kText}, {"category", kName}, {"supplier", kName}};
constexpr FieldSpec kCatalogCarrierFields[] = {
    {"carrier", kName, kRequired}, {"name", kText}, {"region", kName}};
constexpr FieldSpec kCatalogVehicleFields[] = {
    {"vehicle", kName, kRequired},
    {"carrier", kName},
    {"warehouse", kName},
    {"capacity_kg", kNumber, false, 0, 1e6},
    {"capacity_l", kNumber, false, 0, 1e9},
};

using TypeMap = absl::flat_hash_map<std::string_view, EventKind>;

const TypeMap& kinds_by_type() {
  static const TypeMap map = [] {
    TypeMap kinds;
    for (const KindSpec& spec : kSchema) kinds.emplace(spec.type, spec.kind);
    return kinds;
  }();
  return map;
}

}  // namespace

using enum EventKind;

const std::array<KindSpec, kEventKinds> kSchema = {{
    {kOrderPlaced, "order.placed", kOrderPlacedFields},
    {kOrderPaid, "order.paid", kOrderStepFields},
    {kOrderAllocated, "order.allocated", kOrderStepFields},
    {kOrderPicked, "order.picked", kOrderStepFields},
    {kOrderPacked, "order.packed", kOrderStepFields},
    {kOrderShipped, "order.shipped", kOrderStepFields},
    {kOrderDelivered, "order.delivered", kOrderStepFields},
    {kOrderCancelled, "order.cancelled", kOrderStepFields},
    {kOrderReturned, "order.returned", kOrderStepFields},
    {kStockLevel, "stock.level", kStockLevelFields},
    {kStockMoved, "stock.moved", kStockMovedFields},
    {kPurchaseOrdered, "purchase.ordered", kPurchaseFields},
    {kPurchaseConfirmed, "purchase.confirmed", kPurchaseFields},
    {kPurchaseShipped, "purchase.shipped", kPurchaseFields},
    {kPurchaseReceived, "purchase.received", kPurchaseFields},
    {kPurchaseCancelled, "purchase.cancelled", kPurchaseFields},
    {kTransferSent, "transfer.sent", kTransferFields},
    {kTransferReceived, "transfer.received", kTransferFields},
    {kShipmentStatus, "shipment.status", kShipmentFields},
    {kShipmentPosition, "shipment.position", kShipmentFields},
    {kBehaviorVisited, "behavior.visited", kBehaviorFields},
    {kBehaviorViewed, "behavior.viewed", kBehaviorFields},
    {kBehaviorCarted, "behavior.carted", kBehaviorFields},
    {kBehaviorFavorited, "behavior.favorited", kBehaviorFields},
    {kBehaviorSearched, "behavior.searched", kBehaviorFields},
    {kBehaviorBought, "behavior.bought", kBehaviorFields},
    {kAdShown, "ad.shown", kAdFields},
    {kAdClicked, "ad.clicked", kAdFields},
    {kAdConverted, "ad.converted", kAdFields},
    {kPaymentAuthorized, "payment.authorized", kPaymentFields},
    {kPaymentFailed, "payment.failed", kPaymentFields},
    {kPaymentRefunded, "payment.refunded", kPaymentFields},
    {kFeedbackRated, "feedback.rated", kRatedFields},
    {kFeedbackComplained, "feedback.complained", kFeedbackFields},
    {kFeedbackAsked, "feedback.asked", kFeedbackFields},
    {kFeedbackAnswered, "feedback.answered", kFeedbackFields},
    {kServiceRequest, "service.request", kRequestFields},
    {kServiceLog, "service.log", kLogFields},
    {kServiceSpan, "service.span", kSpanFields},
    {kChangeMade, "change.made", kChangeFields},
    {kPromotionPlanned, "promotion.planned", kPromotionFields},
    {kMetricSample, "metric.sample", kSampleFields},
    {kCatalogSku, "catalog.sku", kCatalogSkuFields},
    {kCatalogWarehouse, "catalog.warehouse", kCatalogWarehouseFields},
    {kCatalogSupplier, "catalog.supplier", kCatalogSupplierFields},
    {kCatalogBrand, "catalog.brand", kCatalogBrandFields},
    {kCatalogCarrier, "catalog.carrier", kCatalogCarrierFields},
    {kCatalogVehicle, "catalog.vehicle", kCatalogVehicleFields},
}};

std::optional<EventKind> find_kind(std::string_view type) {
  const auto& kinds = kinds_by_type();
  const auto found = kinds.find(type);
  if (found == kinds.end()) return std::nullopt;
  return found->second;
}

std::optional<size_t> find_field(EventKind kind, std::string_view field) {
  const auto fields = spec_of(kind).fields;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == field) return i;
  }
  return std::nullopt;
}

size_t field_at(EventKind kind, std::string_view field) {
  const auto place = find_field(kind, field);
  PURVEY_CHECK(place.has_value(), std::string("no field ") + std::string(field));
  return *place;
}

std::string_view choice_word(const FieldSpec& field, int64_t value) {
  std::string_view rest = field.choices;
  for (; value > 0; --value) {
    const size_t blank = rest.find(' ');
    PURVEY_CHECK(blank != std::string_view::npos, "a choice beyond its words");
    rest.remove_prefix(blank + 1);
  }
  return rest.substr(0, rest.find(' '));
}

}  // namespace purvey::event
