#include "flow/track/supply_tracker.h"

#include <algorithm>
#include <utility>

#include "flow/track/internal/expectation.h"

namespace purvey::flow {

void SupplyTracker::advance(uint64_t purchase, const SupplyProgress& progress) {
  State& state = purchases_.at(purchase);
  const State before = state;
  learn(state, progress);
  publish_difference(sink_, kMeasures, contributions(before), dimensions_of(before),
                     contributions(state), dimensions_of(state));
  shares_.bring({state.sku, state.warehouse}, in_transit(state) - in_transit(before));
}

void SupplyTracker::learn(State& state, const SupplyProgress& progress) const {
  using enum SupplyProgress::Step;
  switch (progress.step) {
    case kOrdered:
      state.ordered += progress.units;
      state.ordered_at =
          state.ordered_at == kUnknown ? progress.at : std::min(state.ordered_at, progress.at);
      break;
    case kShipped:
      state.shipped += progress.units;
      break;
    case kReceived:
      state.received += progress.units;
      state.received_at = std::max(state.received_at, progress.at);
      break;
    case kCancelled:
      state.cancelled += progress.units;
      state.cancelled_at = std::max(state.cancelled_at, progress.at);
      break;
    case kOther:
      break;
  }
  internal::learn_expectation(state, progress.at, progress.expected_at);
  const auto told = [&](int64_t at, uint32_t supplier) {
    return std::pair(at, names_.hash(supplier));
  };
  if (progress.supplier != 0 &&
      (state.supplier == 0 ||
       told(progress.at, progress.supplier) > told(state.supplier_told_at, state.supplier))) {
    state.supplier_told_at = progress.at;
    state.supplier = progress.supplier;
  }
  state.sku = progress.sku;
  state.warehouse = progress.warehouse;
}

SupplyTracker::Contributions SupplyTracker::contributions(const State& state) {
  constexpr int64_t kDay = 86'400'000'000;
  const bool is_due = state.received_at != kUnknown && state.expected_at != kUnknown;
  const bool is_on_time = is_due && state.received_at <= state.expected_at;
  Contributions out;
  ContributionWriter writer(out);
  writer.add(is_due ? state.received_at : kUnknown);
  writer.add(is_on_time ? state.received_at : kUnknown);
  writer.span(state.expected_at, completed_at(state));
  writer.duration(state.ordered_at, state.received_at, kDay);
  return out;
}

/// kUnknown while something is still to come.
int64_t SupplyTracker::completed_at(const State& state) {
  const int64_t ended_at = std::max(state.received_at, state.cancelled_at);
  if (state.ordered_at == kUnknown) return ended_at;
  if (state.received + state.cancelled < state.ordered) return kUnknown;
  return std::max(ended_at, state.ordered_at);
}

int64_t SupplyTracker::in_transit(const State& state) {
  const int64_t on_order =
      state.ordered_at == kUnknown ? state.shipped : state.ordered - state.cancelled;
  return std::max<int64_t>(std::min(state.shipped, on_order) - state.received, 0);
}

Dimensions SupplyTracker::dimensions_of(const State& state) {
  Dimensions dimensions;
  dimensions[Dimension::kSupplier] = state.supplier;
  dimensions[Dimension::kWarehouse] = state.warehouse;
  return dimensions;
}

void SupplyTracker::save(base::ByteWriter& writer) const {
  writer.varint(purchases_.size());
  purchases_.visit([&](uint64_t key, const State& state) {
    writer.word(key);
    for (const int64_t value : {state.ordered_at, state.expected_told_at, state.expected_at,
                                state.received_at, state.cancelled_at, state.supplier_told_at,
                                state.ordered, state.shipped, state.received, state.cancelled}) {
      writer.zigzag(value);
    }
    for (const uint32_t name : {state.supplier, state.sku, state.warehouse}) {
      writer.text(names_.text(name));
    }
  });
}

void SupplyTracker::load(base::ByteReader& reader, base::Dictionary& names, KeyShare share) {
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t key = reader.word();
    State state;
    for (int64_t* value : {&state.ordered_at, &state.expected_told_at, &state.expected_at,
                           &state.received_at, &state.cancelled_at, &state.supplier_told_at,
                           &state.ordered, &state.shipped, &state.received, &state.cancelled}) {
      *value = reader.zigzag();
    }
    for (uint32_t* name : {&state.supplier, &state.sku, &state.warehouse}) {
      *name = names.intern(reader.text());
    }
    if (!share.owns(key)) continue;
    purchases_.at(key) = state;
    shares_.bring({state.sku, state.warehouse}, in_transit(state));
  }
}

}  // namespace purvey::flow
