#include "flow/track/customer_tracker.h"

#include <utility>

namespace purvey::flow {

void CustomerTracker::place(uint64_t customer, const CustomerOrder& order) {
  add(Measure::kCustomerOrdered, order);
  add(Measure::kOrderCustomer, order, static_cast<int64_t>(customer));
  State& state = customers_.at(customer);
  if (!state.has_ordered) {
    state = {.has_ordered = true, .first = order};
    return;
  }
  const bool is_earlier =
      std::pair(order.placed_at, order.order) < std::pair(state.first.placed_at, state.first.order);
  add(Measure::kCustomerOrderedAgain, is_earlier ? state.first : order);
  if (is_earlier) state.first = order;
}

void CustomerTracker::add(Measure measure, const CustomerOrder& order, int64_t value) {
  Dimensions dimensions;
  dimensions[Dimension::kChannel] = order.channel;
  dimensions[Dimension::kRegion] = order.region;
  dimensions[Dimension::kWarehouse] = order.warehouse;
  sink_.add({.measure = measure, .time = {order.placed_at}, .value = value}, dimensions);
}

void CustomerTracker::save(base::ByteWriter& writer, const base::Dictionary& names) const {
  writer.varint(customers_.size());
  customers_.visit([&](uint64_t key, const State& state) {
    writer.word(key);
    writer.word(state.first.order);
    writer.zigzag(state.first.placed_at);
    writer.text(names.text(state.first.channel));
    writer.text(names.text(state.first.region));
    writer.text(names.text(state.first.warehouse));
  });
}

void CustomerTracker::load(base::ByteReader& reader, base::Dictionary& names, KeyShare share) {
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t key = reader.word();
    State state;
    state.has_ordered = true;
    state.first.order = reader.word();
    state.first.placed_at = reader.zigzag();
    state.first.channel = names.intern(reader.text());
    state.first.region = names.intern(reader.text());
    state.first.warehouse = names.intern(reader.text());
    if (share.owns(key)) customers_.at(key) = state;
  }
}

}  // namespace purvey::flow
