#include "flow/track/supply_tracker.h"

#include <algorithm>

namespace purvey::flow {

void SupplyTracker::advance(uint64_t purchase, const SupplyProgress& progress) {
  State& state = purchases_.at(purchase);
  put(state, -1);
  using Step = SupplyProgress::Step;
  if (progress.step == Step::kOrdered &&
      (state.ordered_at == kUnknown || progress.at < state.ordered_at)) {
    state.ordered_at = progress.at;
  }
  if (progress.step == Step::kReceived)
    state.received_at = std::max(state.received_at, progress.at);
  // The first promise is the one a supplier is held to.
  if (state.expected_at == kUnknown) state.expected_at = progress.expected_at;
  if (progress.supplier != 0) state.supplier = progress.supplier;
  if (progress.warehouse != 0) state.warehouse = progress.warehouse;
  put(state, +1);
}

void SupplyTracker::put(const State& state, int64_t weight) {
  if (state.received_at == kUnknown) return;
  constexpr int64_t kDay = 86'400'000'000;
  Dimensions dimensions;
  dimensions[Dimension::kSupplier] = state.supplier;
  dimensions[Dimension::kWarehouse] = state.warehouse;
  const auto add = [&](Measure measure, int64_t value) {
    sink_.add({measure, {state.received_at}, value, weight}, dimensions);
  };
  if (state.expected_at != kUnknown) {
    add(Measure::kSupplyDue, 1);
    if (state.received_at <= state.expected_at) add(Measure::kSupplyOnTime, 1);
  }
  if (state.ordered_at != kUnknown && state.ordered_at <= state.received_at) {
    add(Measure::kSupplyLeadDays, (state.received_at - state.ordered_at) / (kDay / 10'000));
  }
}

void SupplyTracker::save(base::ByteWriter& writer, const base::Dictionary& names) const {
  writer.varint(purchases_.size());
  purchases_.visit([&](uint64_t key, const State& state) {
    writer.word(key);
    writer.zigzag(state.ordered_at);
    writer.zigzag(state.expected_at);
    writer.zigzag(state.received_at);
    writer.text(names.text(state.supplier));
    writer.text(names.text(state.warehouse));
  });
}

void SupplyTracker::load(base::ByteReader& reader, base::Dictionary& names, KeyShare share) {
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t purchase = reader.word();
    State state;
    state.ordered_at = reader.zigzag();
    state.expected_at = reader.zigzag();
    state.received_at = reader.zigzag();
    state.supplier = names.intern(reader.text());
    state.warehouse = names.intern(reader.text());
    if (share.owns(purchase)) purchases_.at(purchase) = state;
  }
}

}  // namespace purvey::flow
