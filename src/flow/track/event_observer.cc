#include "flow/track/event_observer.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/hash.h"
#include "flow/track/internal/event_fields.h"

namespace purvey::flow {
namespace {

using event::EventBatch;
using event::EventKind;
using event::EventRow;
using event::field_at;
using event::kAbsent;
using internal::id_of;
using internal::name_of;
using internal::units_of;

static_assert(kAbsent == kUnknown, "absent fields are unknown to the trackers");

/// Places of the fields that trackers read, by kind.
namespace at {
const size_t kPlacedOrder = field_at(EventKind::kOrderPlaced, "order_id");
const size_t kPlacedCustomer = field_at(EventKind::kOrderPlaced, "customer_id");
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
const size_t kLevelReserved = field_at(EventKind::kStockLevel, "reserved");
const size_t kMoveSku = field_at(EventKind::kStockMoved, "sku");
const size_t kMoveWarehouse = field_at(EventKind::kStockMoved, "warehouse");
const size_t kMoveQty = field_at(EventKind::kStockMoved, "qty");
const size_t kPurchaseId = field_at(EventKind::kPurchaseOrdered, "po_id");
const size_t kPurchaseSku = field_at(EventKind::kPurchaseOrdered, "sku");
const size_t kPurchaseSupplier = field_at(EventKind::kPurchaseOrdered, "supplier");
const size_t kPurchaseWarehouse = field_at(EventKind::kPurchaseOrdered, "warehouse");
const size_t kPurchaseExpected = field_at(EventKind::kPurchaseOrdered, "expected_at");
const size_t kPurchaseQty = field_at(EventKind::kPurchaseOrdered, "qty");
const size_t kTransferId = field_at(EventKind::kTransferSent, "transfer_id");
const size_t kTransferSku = field_at(EventKind::kTransferSent, "sku");
const size_t kTransferTo = field_at(EventKind::kTransferSent, "to");
const size_t kTransferQty = field_at(EventKind::kTransferSent, "qty");
const size_t kTransferExpected = field_at(EventKind::kTransferSent, "expected_at");
const size_t kShipmentId = field_at(EventKind::kShipmentStatus, "shipment_id");
const size_t kShipmentCarrier = field_at(EventKind::kShipmentStatus, "carrier");
const size_t kShipmentStatus = field_at(EventKind::kShipmentStatus, "status");
const size_t kShipmentHub = field_at(EventKind::kShipmentStatus, "hub");
const size_t kShipmentLat = field_at(EventKind::kShipmentStatus, "lat");
const size_t kShipmentLon = field_at(EventKind::kShipmentStatus, "lon");
const size_t kBehaviorCustomer = field_at(EventKind::kBehaviorVisited, "customer_id");
const size_t kBehaviorCampaign = field_at(EventKind::kBehaviorVisited, "campaign");
const size_t kSku = field_at(EventKind::kCatalogSku, "sku");
const size_t kSkuCategory = field_at(EventKind::kCatalogSku, "category");
const size_t kSkuBrand = field_at(EventKind::kCatalogSku, "brand");
const size_t kSkuCost = field_at(EventKind::kCatalogSku, "cost");
}  // namespace at

SupplyProgress::Step supply_step(EventKind kind) {
  using enum SupplyProgress::Step;
  switch (kind) {
    case EventKind::kPurchaseOrdered:
      return kOrdered;
    case EventKind::kPurchaseShipped:
      return kShipped;
    case EventKind::kPurchaseReceived:
      return kReceived;
    case EventKind::kPurchaseCancelled:
      return kCancelled;
    default:
      return kOther;
  }
}

/// The hash of the order's id, if the event is about an order's steps.
std::optional<uint64_t> order_of(const EventBatch& batch, const EventRow& row) {
  if (row.refused) return std::nullopt;
  if (row.kind != EventKind::kOrderPlaced && !event::is_order_step(row.kind)) return std::nullopt;
  const size_t field = row.kind == EventKind::kOrderPlaced ? at::kPlacedOrder : at::kStepOrder;
  return batch.text_ref(batch.field(row, field)).hash;
}

/// The hash of the pseudonym of who placed an order or looked around; 0 for other events.
uint64_t customer_of(const EventBatch& batch, const EventRow& row) {
  if (row.refused) return 0;
  if (row.kind == EventKind::kOrderPlaced) return id_of(batch, row, at::kPlacedCustomer);
  return event::is_behavior(row.kind) ? id_of(batch, row, at::kBehaviorCustomer) : 0;
}

}  // namespace

std::optional<base::Currency> EventObserver::counted_currency(const EventBatch& batch,
                                                              const EventRow& row) {
  const bool has_cost =
      row.kind == EventKind::kCatalogSku && batch.field(row, at::kSkuCost) != kAbsent;
  if (row.kind == EventKind::kOrderPlaced || has_cost) return row.currency;
  return PlainCounts::counted_currency(batch, row);
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
  if (first_placing) {
    placed_lines(batch, row);
    placed_by(batch, row);
  }
  if (row.kind == EventKind::kOrderPlaced) return;
  if (event::is_order_step(row.kind)) return shipped(batch, row);
  if (PlainCounts::takes(row.kind)) plain_.count(batch, row);
  if (row.kind == EventKind::kStockLevel || row.kind == EventKind::kStockMoved) {
    stock(batch, row);
  } else if (event::is_purchase(row.kind)) {
    purchase(batch, row);
  } else if (event::is_transfer(row.kind)) {
    transfer(batch, row);
  } else if (event::is_shipment(row.kind)) {
    shipment(batch, row);
  } else if (event::is_behavior(row.kind)) {
    behavior(batch, row);
  } else if (row.kind == EventKind::kCatalogSku) {
    card(batch, row);
  }
}

void EventObserver::prefetch(const EventBatch& batch, const EventRow& row) const {
  if (const auto order = order_of(batch, row)) {
    orders_.prefetch(*order);
    holds_.prefetch(*order);
  } else if (row.refused) {
    return;
  } else if (row.kind == EventKind::kStockMoved) {
    return stock_.prefetch(
        {name_of(batch, row, at::kMoveSku), name_of(batch, row, at::kMoveWarehouse)});
  }
  if (row.kind == EventKind::kOrderPlaced) prefetch_lines(batch, row);
  const uint64_t customer = customer_of(batch, row);
  if (customer == 0) return;
  sessions_.prefetch(customer);
  if (row.kind == EventKind::kOrderPlaced) customers_.prefetch(customer);
}

void EventObserver::prefetch_lines(const EventBatch& batch, const EventRow& row) const {
  const uint32_t warehouse = name_of(batch, row, at::kPlacedWarehouse);
  for (const event::OrderLine& line : batch.line_span(batch.field(row, at::kPlacedLines))) {
    stock_.prefetch({line.sku, warehouse});
  }
}

void EventObserver::prefetch_state(const EventBatch& batch, const EventRow& row) const {
  if (const auto order = order_of(batch, row)) orders_.prefetch_state(*order);
  const uint64_t customer = customer_of(batch, row);
  if (customer == 0) return;
  sessions_.prefetch_state(customer);
  if (row.kind == EventKind::kOrderPlaced) customers_.prefetch_state(customer);
}

KnownStock EventObserver::stock_of(uint32_t sku, uint32_t warehouse) const {
  const StockShare share = shares_.at({sku, warehouse});
  return {.on_hand = stock_.on_hand({sku, warehouse}),
          .stated_reserved = stock_.reserved({sku, warehouse}),
          .held = share.held,
          .in_transit = share.in_transit};
}

std::vector<uint32_t> EventObserver::warehouses_of(uint32_t sku) const {
  std::vector<uint32_t> warehouses = stock_.warehouses_of(sku);
  shares_.visit_warehouses(sku, [&](uint32_t warehouse) { warehouses.push_back(warehouse); });
  return warehouses;
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
  const uint64_t order = id_of(batch, row, at::kPlacedOrder);
  const bool is_first = orders_.place(order, placement);
  if (!orders_.has_left(order)) {
    holds_.place(order, batch.line_span(batch.field(row, at::kPlacedLines)), placement.warehouse);
  }
  return is_first;
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
  const auto place = static_cast<size_t>(row.kind) - static_cast<size_t>(EventKind::kOrderPaid);
  const auto step = static_cast<OrderStep>(place);
  const uint64_t order = id_of(batch, row, at::kStepOrder);
  const int64_t units = units_of(batch, batch.field(row, at::kStepLines));
  const uint32_t warehouse = name_of(batch, row, at::kStepWarehouse);
  orders_.advance(order, {.step = step,
                          .at = row.time.micros,
                          .warehouse = warehouse,
                          .carrier = name_of(batch, row, at::kStepCarrier),
                          .inferred = batch.field(row, at::kStepInferred) == 1,
                          .units = units,
                          .shipment = id_of(batch, row, at::kStepShipment)});
  if (orders_.has_left(order)) return holds_.end(order);
  holds_.advance(order, {step, row.time.micros, units, warehouse});
}

void EventObserver::stock(const EventBatch& batch, const EventRow& row) {
  const bool is_count = row.kind == EventKind::kStockLevel;
  const uint32_t sku = name_of(batch, row, is_count ? at::kLevelSku : at::kMoveSku);
  if (!owns_name(sku)) return;
  if (is_count) {
    stock_.count({sku, name_of(batch, row, at::kLevelWarehouse)}, row.time.micros,
                 batch.field(row, at::kLevelOnHand), batch.field(row, at::kLevelReserved));
  } else {
    stock_.move({sku, name_of(batch, row, at::kMoveWarehouse)}, row.time.micros,
                batch.field(row, at::kMoveQty));
  }
}

/// The order as its customer sees it.
void EventObserver::placed_by(const EventBatch& batch, const EventRow& row) {
  const uint64_t customer = id_of(batch, row, at::kPlacedCustomer);
  if (!share_.owns(customer)) return;
  customers_.place(customer, {.order = id_of(batch, row, at::kPlacedOrder),
                              .placed_at = row.time.micros,
                              .channel = name_of(batch, row, at::kPlacedChannel),
                              .region = name_of(batch, row, at::kPlacedRegion),
                              .warehouse = name_of(batch, row, at::kPlacedWarehouse)});
  sessions_.observe(customer, {.at = row.time.micros, .bought = true, .is_order = true});
}

void EventObserver::purchase(const EventBatch& batch, const EventRow& row) {
  // A purchase may have several SKUs and warehouses, one event each: each is followed by itself.
  const uint32_t sku = name_of(batch, row, at::kPurchaseSku);
  const uint32_t warehouse = name_of(batch, row, at::kPurchaseWarehouse);
  const uint64_t id = base::mix64(base::mix64(id_of(batch, row, at::kPurchaseId), names_.hash(sku)),
                                  names_.hash(warehouse));
  if (!share_.owns(id)) return;
  supply_.advance(id, {.step = supply_step(row.kind),
                       .at = row.time.micros,
                       .units = batch.field(row, at::kPurchaseQty),
                       .expected_at = batch.field(row, at::kPurchaseExpected),
                       .supplier = name_of(batch, row, at::kPurchaseSupplier),
                       .sku = sku,
                       .warehouse = warehouse});
}

void EventObserver::transfer(const EventBatch& batch, const EventRow& row) {
  const uint32_t sku = name_of(batch, row, at::kTransferSku);
  const uint32_t to = name_of(batch, row, at::kTransferTo);
  const uint64_t id = base::mix64(base::mix64(id_of(batch, row, at::kTransferId), names_.hash(sku)),
                                  names_.hash(to));
  if (!share_.owns(id)) return;
  transfers_.advance(id, {.received = row.kind == EventKind::kTransferReceived,
                          .at = row.time.micros,
                          .units = batch.field(row, at::kTransferQty),
                          .expected_at = batch.field(row, at::kTransferExpected),
                          .sku = sku,
                          .to = to});
}

void EventObserver::shipment(const EventBatch& batch, const EventRow& row) {
  const uint64_t id = id_of(batch, row, at::kShipmentId);
  if (!share_.owns(id)) return;
  ShipmentNews news{.at = row.time.micros, .carrier = name_of(batch, row, at::kShipmentCarrier)};
  // Each event tells its own part, as in the view `shipments`.
  if (row.kind == EventKind::kShipmentStatus) {
    news.status = name_of(batch, row, at::kShipmentStatus);
    news.hub = name_of(batch, row, at::kShipmentHub);
    news.ended = is_end(news.status);
  } else if (batch.field(row, at::kShipmentLat) != kAbsent &&
             batch.field(row, at::kShipmentLon) != kAbsent) {
    news.lat = batch.number(row, at::kShipmentLat);
    news.lon = batch.number(row, at::kShipmentLon);
  }
  shipments_.hear(id, news);
}

/// An order that leaves or arrives with a shipment tells of it.
void EventObserver::shipped(const EventBatch& batch, const EventRow& row) {
  const bool arrived = row.kind == EventKind::kOrderDelivered;
  if (row.kind != EventKind::kOrderShipped && !arrived) return;
  const uint64_t id = id_of(batch, row, at::kStepShipment);
  if (id == 0 || !share_.owns(id)) return;
  shipments_.hear(
      id,
      {.at = row.time.micros, .ended = arrived, .carrier = name_of(batch, row, at::kStepCarrier)});
}

void EventObserver::behavior(const EventBatch& batch, const EventRow& row) {
  const uint64_t customer = id_of(batch, row, at::kBehaviorCustomer);
  if (!share_.owns(customer)) return;
  sessions_.observe(customer, {.at = row.time.micros,
                               .carted = row.kind == EventKind::kBehaviorCarted,
                               .bought = row.kind == EventKind::kBehaviorBought,
                               .campaign = name_of(batch, row, at::kBehaviorCampaign)});
}

/// Whether a status says that a shipment is over, in upper or lower case.
bool EventObserver::is_end(uint32_t status) {
  const auto [known, is_new] = ends_.try_emplace(status, false);
  if (!is_new) return known->second;
  std::string word(names_.text(status));
  for (char& c : word) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  const auto& ends = expect_.shipment_ends;
  known->second = std::find(ends.begin(), ends.end(), word) != ends.end();
  return known->second;
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
  holds_.save(writer);
  stock_.save(writer, names_);
  supply_.save(writer);
  transfers_.save(writer, names_);
  shipments_.save(writer, names_);
  customers_.save(writer, names_);
  sessions_.save(writer);
}

void EventObserver::load(base::ByteReader& reader, base::Dictionary& names) {
  catalog_.load(reader, names, share_);
  orders_.load(reader, names, share_);
  holds_.load(reader, names, share_);
  stock_.load(reader, names, share_);
  supply_.load(reader, names, share_);
  transfers_.load(reader, names, share_);
  shipments_.load(reader, names, share_);
  customers_.load(reader, names, share_);
  sessions_.load(reader, names, share_);
}

}  // namespace purvey::flow
