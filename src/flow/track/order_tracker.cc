#include "flow/track/order_tracker.h"

#include <algorithm>

namespace purvey::flow {
namespace {

// Shipments of one order that are told apart; more are no order's, and would be searched one by
// one.
constexpr size_t kShipmentsMax = 1'000;

Dimensions dimensions_of(const OrderState& order) {
  Dimensions dimensions;
  dimensions[Dimension::kChannel] = order.channel;
  dimensions[Dimension::kRegion] = order.region;
  dimensions[Dimension::kWarehouse] = order.warehouse;
  dimensions[Dimension::kCarrier] = order.carrier;
  return dimensions;
}

void set_if_said(uint32_t& place, uint32_t name) {
  if (name != 0) place = name;
}

}  // namespace

bool OrderTracker::place(uint64_t order, const OrderPlacement& placement) {
  OrderState& state = orders_.at(order);
  const KnownOrder before = known(order, state);
  state.placed_at = placement.placed_at;
  state.promised_at = placement.promised_at;
  state.amount = placement.amount;
  state.units = placement.units;
  state.channel = placement.channel;
  state.region = placement.region;
  set_if_said(state.warehouse, placement.warehouse);
  publish(before, {state, before.parts});
  return before.state.placed_at == kUnknown;
}

void OrderTracker::advance(uint64_t order, const OrderProgress& progress) {
  OrderState& state = orders_.at(order);
  const KnownOrder before = known(order, state);
  int64_t& at = state.at(progress.step);
  const bool takes_last = progress.step == OrderStep::kDelivered;
  if (at == kUnknown || (takes_last ? progress.at > at : progress.at < at)) {
    at = progress.at;
    state.set_inferred(progress.step, progress.inferred);
  }
  add_part(order, state, progress);
  if (state.warehouse == 0) state.warehouse = progress.warehouse;
  set_if_said(state.carrier, progress.carrier);
  if (progress.shipment != 0) follow_shipment(order, state, progress);
  publish(before, known(order, state));
}

std::optional<KnownOrder> OrderTracker::find(uint64_t order) const {
  const OrderState* const state = orders_.find(order);
  if (state == nullptr) return std::nullopt;
  return known(order, *state);
}

KnownOrder OrderTracker::known(uint64_t order, const OrderState& state) const {
  return {state, state.has_parts ? *parts_.find(order) : OrderParts()};
}

/// Notes whether the step is about the whole order, or about which part of it.
void OrderTracker::add_part(uint64_t order, OrderState& state, const OrderProgress& progress) {
  const bool is_delivery = progress.step == OrderStep::kDelivered && progress.shipment != 0;
  state.has_left |= progress.units == 0 && progress.step >= OrderStep::kShipped;
  if (progress.units == 0 && !is_delivery) return state.set_whole(progress.step);
  if (progress.step < OrderStep::kShipped) return;
  state.has_parts = true;
  OrderParts& parts = parts_.at(order);
  parts.by_shipment |= is_delivery;
  if (progress.units == 0) return;
  OrderParts::Part& part = parts.of(progress.step);
  part.units += progress.units;
  part.last_at = std::max(part.last_at, progress.at);
}

void OrderTracker::follow_shipment(uint64_t order, OrderState& state,
                                   const OrderProgress& progress) {
  if (progress.step != OrderStep::kShipped && progress.step != OrderStep::kDelivered) return;
  auto& shipments = shipments_.at(order);
  auto mine = std::find_if(shipments.begin(), shipments.end(),
                           [&](const Shipment& s) { return s.id == progress.shipment; });
  if (mine == shipments.end() && shipments.size() == kShipmentsMax) return;
  if (mine == shipments.end()) mine = shipments.insert(mine, {.id = progress.shipment});
  (progress.step == OrderStep::kShipped ? mine->shipped : mine->delivered) = true;
  state.shipments_open = static_cast<uint16_t>(
      std::count_if(shipments.begin(), shipments.end(),
                    [](const Shipment& s) { return s.shipped && !s.delivered; }));
}

void OrderTracker::publish(const KnownOrder& before, const KnownOrder& after) {
  publish_difference(sink_, kOrderMeasures, order_contributions(before, expect_),
                     dimensions_of(before.state), order_contributions(after, expect_),
                     dimensions_of(after.state));
}

void OrderTracker::save(base::ByteWriter& writer, const base::Dictionary& names) const {
  writer.varint(orders_.size());
  orders_.visit([&](uint64_t key, const OrderState& state) {
    writer.word(key);
    writer.zigzag(state.placed_at);
    writer.zigzag(state.promised_at);
    writer.zigzag(state.amount);
    writer.zigzag(state.units);
    for (const int64_t time : state.step_at) writer.zigzag(time);
    writer.varint(state.whole_steps);
    writer.varint(state.inferred_steps);
    writer.varint(state.has_left ? 1 : 0);
    for (const uint32_t name : {state.channel, state.region, state.warehouse, state.carrier}) {
      writer.text(names.text(name));
    }
  });
  writer.varint(parts_.size());
  parts_.visit([&](uint64_t key, const OrderParts& parts) {
    writer.word(key);
    writer.varint(parts.by_shipment ? 1 : 0);
    for (const OrderParts::Part& part : parts.parts) {
      writer.zigzag(part.units);
      writer.zigzag(part.last_at);
    }
  });
  writer.varint(shipments_.size());
  shipments_.visit([&](uint64_t key, const std::vector<Shipment>& shipments) {
    writer.word(key);
    writer.varint(shipments.size());
    for (const Shipment& shipment : shipments) {
      writer.word(shipment.id);
      writer.varint((shipment.shipped ? 1U : 0U) | (shipment.delivered ? 2U : 0U));
    }
  });
}

void OrderTracker::load(base::ByteReader& reader, base::Dictionary& names, KeyShare share) {
  const uint64_t orders = reader.varint();
  for (uint64_t i = 0; i < orders && reader.ok(); ++i) {
    const uint64_t key = reader.word();
    OrderState state;
    state.placed_at = reader.zigzag();
    state.promised_at = reader.zigzag();
    state.amount = reader.zigzag();
    state.units = reader.zigzag();
    for (int64_t& time : state.step_at) time = reader.zigzag();
    state.whole_steps = static_cast<uint8_t>(reader.varint());
    state.inferred_steps = static_cast<uint8_t>(reader.varint());
    state.has_left = reader.varint() != 0;
    for (uint32_t* name : {&state.channel, &state.region, &state.warehouse, &state.carrier}) {
      *name = names.intern(reader.text());
    }
    if (share.owns(key)) orders_.at(key) = state;
  }
  const uint64_t parted = reader.varint();
  for (uint64_t i = 0; i < parted && reader.ok(); ++i) {
    const uint64_t key = reader.word();
    OrderParts parts;
    parts.by_shipment = reader.varint() != 0;
    for (OrderParts::Part& part : parts.parts) {
      part.units = reader.zigzag();
      part.last_at = reader.zigzag();
    }
    if (!share.owns(key)) continue;
    orders_.at(key).has_parts = true;
    parts_.at(key) = parts;
  }
  const uint64_t shipped = reader.varint();
  for (uint64_t i = 0; i < shipped && reader.ok(); ++i) {
    const uint64_t key = reader.word();
    std::vector<Shipment> shipments;
    const uint64_t count = reader.varint();
    if (!reader.fits(count, 9)) return;
    uint16_t open = 0;
    for (uint64_t s = 0; s < count; ++s) {
      Shipment shipment{.id = reader.word()};
      const uint64_t flags = reader.varint();
      shipment.shipped = (flags & 1) != 0;
      shipment.delivered = (flags & 2) != 0;
      open = static_cast<uint16_t>(open + (shipment.shipped && !shipment.delivered ? 1 : 0));
      shipments.push_back(shipment);
    }
    if (!share.owns(key)) continue;
    shipments_.at(key) = std::move(shipments);
    orders_.at(key).shipments_open = open;
  }
}

}  // namespace purvey::flow
