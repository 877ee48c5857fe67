#include "flow/track/event_observer.h"

#include <cmath>
#include <optional>

#include "base/hash.h"

namespace purvey::flow {
namespace {

using event::EventBatch;
using event::EventKind;
using event::EventRow;
using event::field_at;
using event::kAbsent;

static_assert(kAbsent == kUnknown, "absent fields are unknown to the trackers");

/// Places of the fields that trackers read, by kind.
namespace at {
const size_t kPlacedOrder = field_at(EventKind::kOrderPlaced, "order_id");
const size_t kPlacedChannel = field_at(EventKind::kOrderPlaced, "channel");
const size_t kPlacedRegion = field_at(EventKind::kOrderPlaced, "region");
const size_t kPlacedWarehouse = field_at(EventKind::kOrderPlaced, "warehouse");
const size_t kPlacedPromised = field_at(EventKind::kOrderPlaced, "promised_at");
const size_t kPlacedAmount = field_at(EventKind::kOrderPlaced, "amount");
const size_t kPlacedLines = field_at(EventKind::kOrderPlaced, "lines");
const size_t kStepOrder = field_at(EventKind::kOrderPaid, "order_id");
const size_t kStepWarehouse = field_at(EventKind::kOrderPaid, "warehouse");
const size_t kStepCarrier = field_at(EventKind::kOrderPaid, "carrier");
const size_t kStepInferred = field_at(EventKind::kOrderPaid, "inferred");
const size_t kStepLines = field_at(EventKind::kOrderPaid, "lines");
const size_t kStepShipment = field_at(EventKind::kOrderPaid, "shipment_id");
const size_t kLevelSku = field_at(EventKind::kStockLevel, "sku");
const size_t kLevelWarehouse = field_at(EventKind::kStockLevel, "warehouse");
const size_t kLevelOnHand = field_at(EventKind::kStockLevel, "on_hand");
const size_t kMoveSku = field_at(EventKind::kStockMoved, "sku");
const size_t kMoveWarehouse = field_at(EventKind::kStockMoved, "warehouse");
const size_t kMoveQty = field_at(EventKind::kStockMoved, "qty");
const size_t kPurchaseId = field_at(EventKind::kPurchaseOrdered, "po_id");
const size_t kPurchaseSku = field_at(EventKind::kPurchaseOrdered, "sku");
const size_t kPurchaseSupplier = field_at(EventKind::kPurchaseOrdered, "supplier");
const size_t kPurchaseWarehouse = field_at(EventKind::kPurchaseOrdered, "warehouse");
const size_t kPurchaseExpected = field_at(EventKind::kPurchaseOrdered, "expected_at");
const size_t kPaymentMethod = field_at(EventKind::kPaymentFailed, "method");
const size_t kPaymentLatency = field_at(EventKind::kPaymentFailed, "latency_ms");
const size_t kSku = field_at(EventKind::kCatalogSku, "sku");
const size_t kSkuCategory = field_at(EventKind::kCatalogSku, "category");
const size_t kSkuBrand = field_at(EventKind::kCatalogSku, "brand");
const size_t kSkuCost = field_at(EventKind::kCatalogSku, "cost");
}  // namespace at

/// A name's id; 0 if the field is absent.
uint32_t name_of(const EventBatch& batch, const EventRow& row, size_t field) {
  const int64_t slot = batch.field(row, field);
  return slot == kAbsent ? 0 : static_cast<uint32_t>(slot);
}

/// Units of an event's lines; 0 if it has none.
int64_t units_of(const EventBatch& batch, int64_t lines) {
  int64_t units = 0;
  for (const event::OrderLine& line : batch.line_span(lines)) units += line.qty;
  return units;
}

/// The hash of the order's id, if the event is about an order's steps.
std::optional<uint64_t> order_of(const EventBatch& batch, const EventRow& row) {
  if (row.refused) return std::nullopt;
  if (row.kind != EventKind::kOrderPlaced && !event::is_order_step(row.kind)) return std::nullopt;
  const size_t field = row.kind == EventKind::kOrderPlaced ? at::kPlacedOrder : at::kStepOrder;
  return batch.text_ref(batch.field(row, field)).hash;
}

/// A number in ten-thousandths, the scale of measures; numbers are bounded by the schema.
int64_t fine(double value) {
  return std::llround(value * 10'000);
}

}  // namespace

std::optional<base::Currency> EventObserver::counted_currency(const EventBatch& batch,
                                                              const EventRow& row) {
  const bool has_cost =
      row.kind == EventKind::kCatalogSku && batch.field(row, at::kSkuCost) != kAbsent;
  if (row.kind != EventKind::kOrderPlaced && !has_cost) return std::nullopt;
  return row.currency;
}

bool EventObserver::observe_order(const EventBatch& batch, const EventRow& row) {
  const auto order = order_of(batch, row);
  if (!order || !share_.owns(*order)) return false;
  if (row.kind == EventKind::kOrderPlaced) return placed(batch, row);
  order_step(batch, row);
  return false;
}

void EventObserver::observe_others(const EventBatch& batch, const EventRow& row,
                                   bool first_placing) {
  // Demand is counted from the first placing only: a correction's lines cannot be told from those
  // it replaces.
  if (first_placing) placed_lines(batch, row);
  if (event::is_order_step(row.kind)) return;
  if (row.kind == EventKind::kStockLevel || row.kind == EventKind::kStockMoved) {
    stock(batch, row);
  } else if (event::is_purchase(row.kind)) {
    purchase(batch, row);
  } else if (event::is_payment(row.kind)) {
    if (share_.owns(row.id_hash)) payment(batch, row);
  } else if (event::is_feedback(row.kind)) {
    feedback(batch, row);
  } else if (row.kind == EventKind::kCatalogSku) {
    card(batch, row);
  }
}

void EventObserver::prefetch(const EventBatch& batch, const EventRow& row) const {
  if (const auto order = order_of(batch, row)) orders_.prefetch(*order);
}

void EventObserver::prefetch_state(const EventBatch& batch, const EventRow& row) const {
  if (const auto order = order_of(batch, row)) orders_.prefetch_state(*order);
}

std::optional<KnownOrder> EventObserver::find_order(std::string_view order_id) const {
  return orders_.find(base::hash64(order_id));
}

bool EventObserver::placed(const EventBatch& batch, const EventRow& row) {
  const auto amount = money_.convert({batch.field(row, at::kPlacedAmount), row.currency}, row.time);
  const int64_t units = units_of(batch, batch.field(row, at::kPlacedLines));
  const OrderPlacement placement{
      .placed_at = row.time.micros,
      .promised_at = batch.field(row, at::kPlacedPromised),
      .amount = amount.value_or(kUnknown),
      .units = units > 0 ? units : kUnknown,
      .channel = name_of(batch, row, at::kPlacedChannel),
      .region = name_of(batch, row, at::kPlacedRegion),
      .warehouse = name_of(batch, row, at::kPlacedWarehouse),
  };
  return orders_.place(batch.text_ref(batch.field(row, at::kPlacedOrder)).hash, placement);
}

void EventObserver::placed_lines(const EventBatch& batch, const EventRow& row) {
  const uint32_t warehouse = name_of(batch, row, at::kPlacedWarehouse);
  for (const event::OrderLine& line : batch.line_span(batch.field(row, at::kPlacedLines))) {
    if (!owns_name(line.sku)) continue;
    const SkuCard& card = catalog_.find(line.sku);
    Dimensions dimensions;
    dimensions[Dimension::kWarehouse] = warehouse;
    dimensions[Dimension::kCategory] = card.category;
    dimensions[Dimension::kBrand] = card.brand;
    sink_.add({Measure::kLineUnits, row.time, line.qty}, dimensions);
    int64_t cost = 0;
    if (card.cost != kUnknown && !__builtin_mul_overflow(card.cost, line.qty, &cost)) {
      sink_.add({Measure::kLineCost, row.time, cost}, dimensions);
    }
    const int64_t filled = stock_.fillable({line.sku, warehouse}, line.qty);
    if (filled < 0) continue;
    sink_.add({Measure::kLineUnitsChecked, row.time, line.qty}, dimensions);
    sink_.add({Measure::kLineUnitsFilled, row.time, filled}, dimensions);
  }
}

void EventObserver::order_step(const EventBatch& batch, const EventRow& row) {
  const int64_t shipment = batch.field(row, at::kStepShipment);
  const auto step = static_cast<size_t>(row.kind) - static_cast<size_t>(EventKind::kOrderPaid);
  orders_.advance(batch.text_ref(batch.field(row, at::kStepOrder)).hash,
                  {.step = static_cast<OrderStep>(step),
                   .at = row.time.micros,
                   .warehouse = name_of(batch, row, at::kStepWarehouse),
                   .carrier = name_of(batch, row, at::kStepCarrier),
                   .inferred = batch.field(row, at::kStepInferred) == 1,
                   .units = units_of(batch, batch.field(row, at::kStepLines)),
                   .shipment = shipment == kAbsent ? 0 : batch.text_ref(shipment).hash});
}

void EventObserver::stock(const EventBatch& batch, const EventRow& row) {
  const bool is_count = row.kind == EventKind::kStockLevel;
  const uint32_t sku = name_of(batch, row, is_count ? at::kLevelSku : at::kMoveSku);
  if (!owns_name(sku)) return;
  if (is_count) {
    stock_.count({sku, name_of(batch, row, at::kLevelWarehouse)}, row.time.micros,
                 batch.field(row, at::kLevelOnHand));
  } else {
    stock_.move({sku, name_of(batch, row, at::kMoveWarehouse)}, row.time.micros,
                batch.field(row, at::kMoveQty));
  }
}

void EventObserver::purchase(const EventBatch& batch, const EventRow& row) {
  using Step = SupplyProgress::Step;
  const Step step = row.kind == EventKind::kPurchaseOrdered    ? Step::kOrdered
                    : row.kind == EventKind::kPurchaseReceived ? Step::kReceived
                                                               : Step::kOther;
  // A purchase may have several SKUs, one event each: each is followed by itself.
  const uint64_t id = base::mix64(batch.text_ref(batch.field(row, at::kPurchaseId)).hash,
                                  names_.hash(name_of(batch, row, at::kPurchaseSku)));
  if (!share_.owns(id)) return;
  supply_.advance(id, {.step = step,
                       .at = row.time.micros,
                       .expected_at = batch.field(row, at::kPurchaseExpected),
                       .supplier = name_of(batch, row, at::kPurchaseSupplier),
                       .warehouse = name_of(batch, row, at::kPurchaseWarehouse)});
}

void EventObserver::payment(const EventBatch& batch, const EventRow& row) {
  if (row.kind == EventKind::kPaymentRefunded) return;
  Dimensions dimensions;
  dimensions[Dimension::kMethod] = name_of(batch, row, at::kPaymentMethod);
  const bool failed = row.kind == EventKind::kPaymentFailed;
  sink_.add({failed ? Measure::kPaymentFailed : Measure::kPaymentAuthorized, row.time}, dimensions);
  if (batch.field(row, at::kPaymentLatency) == kAbsent) return;
  sink_.add({Measure::kPaymentLatencyMs, row.time, fine(batch.number(row, at::kPaymentLatency))},
            dimensions);
}

void EventObserver::feedback(const EventBatch& batch, const EventRow& row) {
  const auto field = [&](std::string_view name) { return field_at(row.kind, name); };
  const uint32_t sku = name_of(batch, row, field("sku"));
  if (sku == 0 ? !share_.owns(row.id_hash) : !owns_name(sku)) return;
  const SkuCard& card = catalog_.find(sku);
  Dimensions dimensions;
  dimensions[Dimension::kCategory] = card.category;
  dimensions[Dimension::kBrand] = card.brand;
  const auto add = [&](Measure measure, std::string_view name) {
    if (batch.field(row, field(name)) == kAbsent) return;
    sink_.add({measure, row.time, fine(batch.number(row, field(name)))}, dimensions);
  };
  if (row.kind == EventKind::kFeedbackRated) add(Measure::kFeedbackRating, "score");
  if (row.kind == EventKind::kFeedbackComplained) {
    sink_.add({Measure::kFeedbackComplained, row.time}, dimensions);
  }
  add(Measure::kFeedbackResponseSeconds, "response_seconds");
}

void EventObserver::card(const EventBatch& batch, const EventRow& row) {
  const uint32_t sku = name_of(batch, row, at::kSku);
  if (!owns_name(sku)) return;
  const int64_t cost = batch.field(row, at::kSkuCost);
  SkuCard card{.valid_from = row.time.micros,
               .category = name_of(batch, row, at::kSkuCategory),
               .brand = name_of(batch, row, at::kSkuBrand)};
  if (cost != kAbsent) {
    card.cost = money_.convert({cost, row.currency}, row.time).value_or(kUnknown);
  }
  if (catalog_.find(sku).valid_from > card.valid_from) return;
  stock_.before_card_change(sku, row.time.micros);
  catalog_.set(sku, card);
  stock_.after_card_change(sku, row.time.micros);
}

void EventObserver::save(base::ByteWriter& writer) const {
  catalog_.save(writer, names_);
  orders_.save(writer, names_);
  stock_.save(writer, names_);
  supply_.save(writer, names_);
}

void EventObserver::load(base::ByteReader& reader, base::Dictionary& names) {
  catalog_.load(reader, names, share_);
  orders_.load(reader, names, share_);
  stock_.load(reader, names, share_);
  supply_.load(reader, names, share_);
}

}  // namespace purvey::flow
