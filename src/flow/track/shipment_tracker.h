#pragma once

#include <array>
#include <limits>
#include <optional>

#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "flow/track/contribution.h"
#include "flow/track/key_groups.h"
#include "flow/track/key_share.h"
#include "flow/track/signal_sink.h"

namespace purvey::flow {

/// How long a shipment may be under way, and how long nothing may be heard of it, microseconds.
struct ShipmentExpectations {
  int64_t heard_within = 24 * 3'600'000'000LL;   ///< from when it was heard of last
  int64_t ended_within = 240 * 3'600'000'000LL;  ///< from when it was heard of first
};

/// What one event says of a shipment: shipment.*, or an order that left or arrived with it.
struct ShipmentNews {
  int64_t at = 0;
  bool ended = false;  ///< it has arrived, or will not
  uint32_t carrier = 0;
  uint32_t status = 0;
  uint32_t hub = 0;
  double lat = std::numeric_limits<double>::quiet_NaN();  ///< NaN: not told
  double lon = std::numeric_limits<double>::quiet_NaN();
};

/// What is known of a shipment: of each thing the latest that was told.
struct KnownShipment {
  int64_t first_at = kUnknown;
  int64_t last_at = kUnknown;
  int64_t ended_at = kUnknown;  ///< the first event that said so
  uint32_t carrier = 0;
  uint32_t status = 0;
  uint32_t hub = 0;
  double lat = std::numeric_limits<double>::quiet_NaN();
  double lon = std::numeric_limits<double>::quiet_NaN();
};

/// Follows shipments from when they were first heard of to their end, and says which have fallen
/// silent or take too long.
///
/// What a shipment contributes is a function of what is known of it, whatever the order of arrival:
/// shipment.open stands from the first news to the end, shipment.silent from `heard_within` after
/// the last news, shipment.late from `ended_within` after the first. Memory: 112 bytes a shipment
/// and 25 to 45 for finding it. One thread.
class ShipmentTracker {
 public:
  ShipmentTracker(SignalSink& sink, const ShipmentExpectations& expect)
      : sink_(sink), expect_(expect) {}

  /// `shipment` is the hash of the shipment's id. Of two news of one instant, the later call holds.
  void hear(uint64_t shipment, const ShipmentNews& news);

  /// What is known of a shipment, if anything is.
  std::optional<KnownShipment> find(uint64_t shipment) const;

  void save(base::ByteWriter& writer, const base::Dictionary& names) const;
  /// Adds what was saved, as far as `share` owns it.
  void load(base::ByteReader& reader, base::Dictionary& names, KeyShare share = {});

 private:
  struct State {
    KnownShipment known;
    int64_t carrier_at = kUnknown;  ///< when the latest of each was told
    int64_t status_at = kUnknown;
    int64_t hub_at = kUnknown;
    int64_t position_at = kUnknown;
  };
  static constexpr std::array kMeasures = {
      Measure::kShipmentOpen,   Measure::kShipmentOpen, Measure::kShipmentSilent,
      Measure::kShipmentSilent, Measure::kShipmentLate, Measure::kShipmentLate,
  };
  using Contributions = std::array<Contribution, kMeasures.size()>;

  static void learn(State& state, const ShipmentNews& news);
  Contributions contributions(const KnownShipment& shipment) const;

  SignalSink& sink_;
  const ShipmentExpectations expect_;
  KeyGroups<State> shipments_;
};

}  // namespace purvey::flow
