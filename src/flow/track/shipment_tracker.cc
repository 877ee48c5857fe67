#include "flow/track/shipment_tracker.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace purvey::flow {
namespace {

Dimensions dimensions_of(const KnownShipment& shipment) {
  Dimensions dimensions;
  dimensions[Dimension::kCarrier] = shipment.carrier;
  return dimensions;
}

/// Keeps the name that was told last.
void keep_latest(uint32_t& known, int64_t& known_at, uint32_t told, int64_t told_at) {
  if (told == 0 || told_at < known_at) return;
  known = told;
  known_at = told_at;
}

int64_t earlier(int64_t left, int64_t right) {
  if (left == kUnknown || right == kUnknown) return std::max(left, right);
  return std::min(left, right);
}

}  // namespace

void ShipmentTracker::hear(uint64_t shipment, const ShipmentNews& news) {
  State& state = shipments_.at(shipment);
  const KnownShipment before = state.known;
  learn(state, news);
  publish_difference(sink_, kMeasures, contributions(before), dimensions_of(before),
                     contributions(state.known), dimensions_of(state.known));
}

void ShipmentTracker::learn(State& state, const ShipmentNews& news) {
  KnownShipment& known = state.known;
  known.first_at = earlier(known.first_at, news.at);
  known.last_at = std::max(known.last_at, news.at);
  if (news.ended) known.ended_at = earlier(known.ended_at, news.at);
  keep_latest(known.carrier, state.carrier_at, news.carrier, news.at);
  keep_latest(known.status, state.status_at, news.status, news.at);
  keep_latest(known.hub, state.hub_at, news.hub, news.at);
  if (std::isnan(news.lat) || std::isnan(news.lon) || news.at < state.position_at) return;
  known.lat = news.lat;
  known.lon = news.lon;
  state.position_at = news.at;
}

ShipmentTracker::Contributions ShipmentTracker::contributions(const KnownShipment& shipment) const {
  Contributions out;
  ContributionWriter writer(out);
  writer.span(shipment.first_at, shipment.ended_at);
  writer.span(later_by(shipment.last_at, expect_.heard_within), shipment.ended_at);
  writer.span(later_by(shipment.first_at, expect_.ended_within), shipment.ended_at);
  return out;
}

std::optional<KnownShipment> ShipmentTracker::find(uint64_t shipment) const {
  const State* const state = shipments_.find(shipment);
  if (state == nullptr) return std::nullopt;
  return state->known;
}

void ShipmentTracker::save(base::ByteWriter& writer, const base::Dictionary& names) const {
  writer.varint(shipments_.size());
  shipments_.visit([&](uint64_t key, const State& state) {
    const KnownShipment& known = state.known;
    writer.word(key);
    for (const int64_t time : {known.first_at, known.last_at, known.ended_at, state.carrier_at,
                               state.status_at, state.hub_at, state.position_at}) {
      writer.zigzag(time);
    }
    for (const uint32_t name : {known.carrier, known.status, known.hub}) {
      writer.text(names.text(name));
    }
    writer.word(std::bit_cast<uint64_t>(known.lat));
    writer.word(std::bit_cast<uint64_t>(known.lon));
  });
}

void ShipmentTracker::load(base::ByteReader& reader, base::Dictionary& names, KeyShare share) {
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t key = reader.word();
    State state;
    KnownShipment& known = state.known;
    for (int64_t* time : {&known.first_at, &known.last_at, &known.ended_at, &state.carrier_at,
                          &state.status_at, &state.hub_at, &state.position_at}) {
      *time = reader.zigzag();
    }
    for (uint32_t* name : {&known.carrier, &known.status, &known.hub}) {
      *name = names.intern(reader.text());
    }
    known.lat = std::bit_cast<double>(reader.word());
    known.lon = std::bit_cast<double>(reader.word());
    if (share.owns(key)) shipments_.at(key) = state;
  }
}

}  // namespace purvey::flow
