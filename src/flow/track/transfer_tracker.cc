#include "flow/track/transfer_tracker.h"

#include <algorithm>

#include "flow/track/internal/expectation.h"

namespace purvey::flow {

void TransferTracker::advance(uint64_t transfer, const TransferProgress& progress) {
  State& state = transfers_.at(transfer);
  const State before = state;
  learn(state, progress);
  publish_difference(sink_, kMeasures, contributions(before), dimensions_of(before),
                     contributions(state), dimensions_of(state));
  shares_.bring({state.sku, state.to}, in_transit(state) - in_transit(before));
}

void TransferTracker::learn(State& state, const TransferProgress& progress) {
  if (progress.received) {
    state.received += progress.units;
    state.received_at = std::max(state.received_at, progress.at);
  } else {
    state.sent += progress.units;
    state.sent_at = state.sent_at == kUnknown ? progress.at : std::min(state.sent_at, progress.at);
  }
  internal::learn_expectation(state, progress.at, progress.expected_at);
  state.sku = progress.sku;
  state.to = progress.to;
}

TransferTracker::Contributions TransferTracker::contributions(const State& state) {
  constexpr int64_t kHour = 3'600'000'000;
  const bool is_complete = state.received_at != kUnknown && state.received >= state.sent;
  const int64_t completed_at = is_complete ? state.received_at : kUnknown;
  const bool is_due = is_complete && state.expected_at != kUnknown;
  const bool is_on_time = is_due && completed_at <= state.expected_at;
  Contributions out;
  ContributionWriter writer(out);
  writer.add(is_due ? completed_at : kUnknown);
  writer.add(is_on_time ? completed_at : kUnknown);
  writer.span(state.sent_at, completed_at);
  writer.span(state.expected_at, completed_at);
  writer.duration(state.sent_at, completed_at, kHour);
  return out;
}

int64_t TransferTracker::in_transit(const State& state) {
  return std::max<int64_t>(state.sent - state.received, 0);
}

Dimensions TransferTracker::dimensions_of(const State& state) {
  Dimensions dimensions;
  dimensions[Dimension::kWarehouse] = state.to;
  return dimensions;
}

void TransferTracker::save(base::ByteWriter& writer, const base::Dictionary& names) const {
  writer.varint(transfers_.size());
  transfers_.visit([&](uint64_t key, const State& state) {
    writer.word(key);
    for (const int64_t value : {state.sent_at, state.received_at, state.expected_told_at,
                                state.expected_at, state.sent, state.received}) {
      writer.zigzag(value);
    }
    writer.text(names.text(state.sku));
    writer.text(names.text(state.to));
  });
}

void TransferTracker::load(base::ByteReader& reader, base::Dictionary& names, KeyShare share) {
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t key = reader.word();
    State state;
    for (int64_t* value : {&state.sent_at, &state.received_at, &state.expected_told_at,
                           &state.expected_at, &state.sent, &state.received}) {
      *value = reader.zigzag();
    }
    state.sku = names.intern(reader.text());
    state.to = names.intern(reader.text());
    if (!share.owns(key)) continue;
    transfers_.at(key) = state;
    shares_.bring({state.sku, state.to}, in_transit(state));
  }
}

}  // namespace purvey::flow
