#include <array>

#include "store/table.h"

namespace purvey::store {
namespace {

using enum ColumnType;

constexpr ColumnSpec kOrderHeadColumns[] = {
    {"seq", kInteger},           {"order_id", kText}, {"customer", kText},
    {"channel", kText},          {"region", kText},   {"warehouse", kText},
    {"amount", kDecimal},        {"currency", kText}, {"placed_at", kTimestamp},
    {"promised_at", kTimestamp},
};
/// `qty`: units that the step is about, null where it is about the whole order (`partial_` in the
/// orders view).
constexpr ColumnSpec kOrderStepColumns[] = {
    {"seq", kInteger},    {"order_id", kText}, {"step", kText},        {"happened_at", kTimestamp},
    {"warehouse", kText}, {"carrier", kText},  {"shipment_id", kText}, {"reason", kText},
    {"inferred", kFlag},  {"qty", kInteger},
};
constexpr ColumnSpec kOrderLineColumns[] = {
    {"seq", kInteger}, {"order_id", kText}, {"line_no", kInteger}, {"sku", kText},
    {"qty", kInteger}, {"price", kDecimal}, {"currency", kText},
};
constexpr ColumnSpec kPaymentColumns[] = {
    {"seq", kInteger},  {"order_id", kText},     {"happened_at", kTimestamp},
    {"outcome", kText}, {"amount", kDecimal},    {"currency", kText},
    {"method", kText},  {"latency_ms", kNumber}, {"code", kText},
};
constexpr ColumnSpec kStockMoveColumns[] = {
    {"seq", kInteger},       {"sku", kText},      {"warehouse", kText}, {"happened_at", kTimestamp},
    {"qty", kInteger},       {"reason", kText},   {"lot", kText},       {"expires_at", kTimestamp},
    {"unit_cost", kDecimal}, {"currency", kText}, {"po_id", kText},
};
constexpr ColumnSpec kStockLevelColumns[] = {
    {"seq", kInteger},           {"sku", kText},        {"warehouse", kText},
    {"happened_at", kTimestamp}, {"on_hand", kInteger}, {"reserved", kInteger},
};
constexpr ColumnSpec kSupplyStepColumns[] = {
    {"seq", kInteger},
    {"po_id", kText},
    {"step", kText},
    {"happened_at", kTimestamp},
    {"supplier", kText},
    {"sku", kText},
    {"warehouse", kText},
    {"qty", kInteger},
    {"unit_cost", kDecimal},
    {"currency", kText},
    {"expected_at", kTimestamp},
    {"inferred", kFlag},
};
constexpr ColumnSpec kTransferStepColumns[] = {
    {"seq", kInteger},           {"transfer_id", kText}, {"step", kText},
    {"happened_at", kTimestamp}, {"sku", kText},         {"from_warehouse", kText},
    {"to_warehouse", kText},     {"qty", kInteger},      {"expected_at", kTimestamp},
};
constexpr ColumnSpec kShipmentStepColumns[] = {
    {"seq", kInteger},  {"shipment_id", kText}, {"order_id", kText}, {"happened_at", kTimestamp},
    {"carrier", kText}, {"status", kText},      {"hub", kText},      {"temperature_c", kNumber},
};
constexpr ColumnSpec kPositionColumns[] = {
    {"seq", kInteger},          {"shipment_id", kText},
    {"order_id", kText},        {"happened_at", kTimestamp},
    {"carrier", kText},         {"lat", kNumber},
    {"lon", kNumber},           {"speed_kmh", kNumber},
    {"temperature_c", kNumber},
};
constexpr ColumnSpec kBehaviorColumns[] = {
    {"seq", kInteger},           {"kind", kText}, {"customer", kText}, {"session", kText},
    {"happened_at", kTimestamp}, {"sku", kText},  {"query", kText},    {"campaign", kText},
};
constexpr ColumnSpec kAdColumns[] = {
    {"seq", kInteger}, {"kind", kText},    {"campaign", kText}, {"happened_at", kTimestamp},
    {"sku", kText},    {"cost", kDecimal}, {"value", kDecimal}, {"currency", kText},
};
constexpr ColumnSpec kFeedbackColumns[] = {
    {"seq", kInteger},   {"order_id", kText},           {"sku", kText},
    {"customer", kText}, {"happened_at", kTimestamp},   {"kind", kText},
    {"score", kNumber},  {"response_seconds", kNumber}, {"text", kText},
    {"ticket", kText},
};
constexpr ColumnSpec kRequestColumns[] = {
    {"seq", kInteger},           {"service", kText},   {"endpoint", kText},
    {"happened_at", kTimestamp}, {"status", kInteger}, {"latency_ms", kNumber},
};
constexpr ColumnSpec kLogColumns[] = {
    {"seq", kInteger},           {"service", kText}, {"level", kText},
    {"happened_at", kTimestamp}, {"message", kText},
};
constexpr ColumnSpec kSpanColumns[] = {
    {"seq", kInteger},         {"service", kText}, {"trace_id", kText}, {"span_id", kText},
    {"parent_span_id", kText}, {"name", kText},    {"kind", kText},     {"happened_at", kTimestamp},
    {"duration_ms", kNumber},  {"status", kText},
};
/// `raw` and `mark`: the value as it came where cleaning changed it or noticed something, and what
/// and why.
constexpr ColumnSpec kSampleColumns[] = {
    {"seq", kInteger},  {"name", kText}, {"labels", kText}, {"happened_at", kTimestamp},
    {"value", kNumber}, {"unit", kText}, {"raw", kNumber},  {"mark", kText},
};
constexpr ColumnSpec kChangeColumns[] = {
    {"seq", kInteger},           {"kind", kText},   {"object", kText},
    {"happened_at", kTimestamp}, {"before", kText}, {"after", kText},
};
constexpr ColumnSpec kPromotionColumns[] = {
    {"seq", kInteger},         {"promotion_id", kText}, {"happened_at", kTimestamp},
    {"starts_at", kTimestamp}, {"ends_at", kTimestamp}, {"sku", kText},
    {"category", kText},       {"discount", kNumber},
};
/// `attributes`: the fields of the version as canonical JSON.
constexpr ColumnSpec kCatalogColumns[] = {
    {"seq", kInteger},          {"kind", kText},       {"id", kText},
    {"valid_from", kTimestamp}, {"attributes", kText},
};
constexpr ColumnSpec kKpiColumns[] = {
    {"seq", kInteger},
    {"metric", kText},
    {"dimensions", kText},
    {"window_start", kTimestamp},
    {"window_seconds", kInteger},
    {"value", kNumber},
    {"n", kInteger},
    {"revision", kInteger},
    {"final", kFlag},
};
constexpr ColumnSpec kAnomalyColumns[] = {
    {"seq", kInteger},
    {"anomaly_id", kText},
    {"metric", kText},
    {"dimensions", kText},
    {"happened_at", kTimestamp},
    {"value", kNumber},
    {"expected", kNumber},
    {"lo", kNumber},
    {"hi", kNumber},
    {"score", kNumber},
    {"detector", kText},
    {"reason", kText},
};
constexpr ColumnSpec kIncidentStepColumns[] = {
    {"seq", kInteger}, {"incident_id", kText},      {"rule", kText},   {"severity", kText},
    {"state", kText},  {"happened_at", kTimestamp}, {"who", kText},    {"title", kText},
    {"metric", kText}, {"dimensions", kText},       {"detail", kText},
};
/// Counts to be added up: a replay adds rows, the view sums them.
constexpr ColumnSpec kQualityColumns[] = {
    {"seq", kInteger},  {"source", kText}, {"day", kDate},
    {"verdict", kText}, {"reason", kText}, {"n", kInteger},
};
constexpr ColumnSpec kDeadLetterColumns[] = {
    {"seq", kInteger},  {"source", kText}, {"id", kText},  {"received", kTimestamp},
    {"verdict", kText}, {"reason", kText}, {"raw", kText},
};

/// What operators did about dead letters; `letter` is the seq of one.
constexpr ColumnSpec kDeadLetterStepColumns[] = {
    {"seq", kInteger},           {"letter", kInteger}, {"step", kText},
    {"happened_at", kTimestamp}, {"verdict", kText},   {"reason", kText},
};

constexpr TableSpec kAllTables[kTables] = {
    {TableId::kOrderHead, "order_head", kOrderHeadColumns},
    {TableId::kOrderStep, "order_step", kOrderStepColumns},
    {TableId::kOrderLine, "order_line", kOrderLineColumns},
    {TableId::kPayment, "payment", kPaymentColumns},
    {TableId::kStockMove, "stock_move", kStockMoveColumns},
    {TableId::kStockLevel, "stock_level", kStockLevelColumns},
    {TableId::kSupplyStep, "supply_step", kSupplyStepColumns},
    {TableId::kTransferStep, "transfer_step", kTransferStepColumns},
    {TableId::kShipmentStep, "shipment_step", kShipmentStepColumns},
    {TableId::kPosition, "position", kPositionColumns},
    {TableId::kBehavior, "behavior", kBehaviorColumns},
    {TableId::kAd, "ad", kAdColumns},
    {TableId::kFeedback, "feedback", kFeedbackColumns},
    {TableId::kRequest, "request", kRequestColumns},
    {TableId::kLog, "log", kLogColumns},
    {TableId::kSpan, "span", kSpanColumns},
    {TableId::kSample, "sample", kSampleColumns},
    {TableId::kChange, "change", kChangeColumns},
    {TableId::kPromotion, "promotion", kPromotionColumns},
    {TableId::kCatalog, "catalog", kCatalogColumns},
    {TableId::kKpi, "kpi", kKpiColumns},
    {TableId::kAnomaly, "anomaly", kAnomalyColumns},
    {TableId::kIncidentStep, "incident_step", kIncidentStepColumns},
    {TableId::kQuality, "quality", kQualityColumns},
    {TableId::kDeadLetter, "dead_letter", kDeadLetterColumns},
    {TableId::kDeadLetterStep, "dead_letter_step", kDeadLetterStepColumns},
};

}  // namespace

std::span<const TableSpec> all_tables() {
  return kAllTables;
}

std::optional<size_t> time_column(TableId table) {
  const auto columns = table_spec(table).columns;
  for (const std::string_view name :
       {"happened_at", "placed_at", "window_start", "received", "valid_from", "day"}) {
    for (size_t column = 0; column < columns.size(); ++column) {
      if (columns[column].name == name) return column;
    }
  }
  return std::nullopt;
}

}  // namespace purvey::store
