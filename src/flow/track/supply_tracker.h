#pragma once

#include <array>

#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "flow/track/contribution.h"
#include "flow/track/key_groups.h"
#include "flow/track/key_share.h"
#include "flow/track/signal_sink.h"
#include "flow/track/stock_shares.h"

namespace purvey::flow {

/// What one purchase.* event says.
struct SupplyProgress {
  enum class Step : uint8_t { kOrdered, kShipped, kReceived, kCancelled, kOther };
  Step step = Step::kOther;
  int64_t at = 0;
  int64_t units = 0;
  int64_t expected_at = kUnknown;
  uint32_t supplier = 0;
  uint32_t sku = 0;
  uint32_t warehouse = 0;
};

/// Follows purchases from ordering to the last receipt: lead times, whether they came when
/// expected, what is overdue, and what is in transit.
///
/// What a purchase contributes is a function of what is known of it, whatever the order of arrival:
/// - The expectation that counts is the one told first (by event time): what a supplier is held to.
/// - It is complete when as much was received or cancelled as was ordered, at the last receipt or
/// cancellation; without an order in sight, with any of them.
/// - supply.late stands from the expectation until it is complete.
/// - In transit are the units sent and not received, of those still on order.
/// Memory: 144 bytes for each purchase, SKU and warehouse and 25 to 45 for finding it. One thread.
class SupplyTracker {
 public:
  /// `names` gives the hashes that decide between two suppliers of one instant. All must outlive
  /// it.
  SupplyTracker(SignalSink& sink, StockShares& shares, const base::Dictionary& names)
      : sink_(sink), shares_(shares), names_(names) {}

  /// `purchase` is the hash of the purchase's id, SKU and warehouse.
  void advance(uint64_t purchase, const SupplyProgress& progress);

  void save(base::ByteWriter& writer) const;
  /// Adds what was saved, as far as `share` owns it, and what it brings to the shares.
  void load(base::ByteReader& reader, base::Dictionary& names, KeyShare share = {});

 private:
  struct State {
    int64_t ordered_at = kUnknown;
    int64_t expected_told_at = kUnknown;
    int64_t expected_at = kUnknown;
    int64_t received_at = kUnknown;
    int64_t cancelled_at = kUnknown;
    int64_t supplier_told_at = kUnknown;
    int64_t ordered = 0;  ///< units, as the three below
    int64_t shipped = 0;
    int64_t received = 0;
    int64_t cancelled = 0;
    uint32_t supplier = 0;
    uint32_t sku = 0;
    uint32_t warehouse = 0;
  };
  static constexpr std::array kMeasures = {
      Measure::kSupplyDue,  Measure::kSupplyOnTime,   Measure::kSupplyLate,
      Measure::kSupplyLate, Measure::kSupplyLeadDays,
  };
  using Contributions = std::array<Contribution, kMeasures.size()>;

  void learn(State& state, const SupplyProgress& progress) const;
  static Contributions contributions(const State& state);
  static int64_t completed_at(const State& state);
  static int64_t in_transit(const State& state);
  static Dimensions dimensions_of(const State& state);

  SignalSink& sink_;
  StockShares& shares_;
  const base::Dictionary& names_;
  KeyGroups<State> purchases_;
};

}  // namespace purvey::flow
