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

/// What one transfer.* event says.
struct TransferProgress {
  bool received = false;  ///< else sent
  int64_t at = 0;
  int64_t units = 0;
  int64_t expected_at = kUnknown;
  uint32_t sku = 0;
  uint32_t to = 0;  ///< the warehouse that it goes to
};

/// Follows transfers between warehouses from the first sending to the last receipt: what is in
/// transit, how long it takes, whether it comes when expected.
///
/// What a transfer contributes is a function of what is known of it, whatever the order of arrival:
/// - It is complete when something was received and no less than was sent, at the last receipt.
/// - transfer.open stands from the first sending until then, transfer.late from the expectation
/// told first (by event time).
/// - transfer.due, transfer.on_time and transfer.lead_hours count when it is complete.
/// KPIs are of the warehouse that it goes to. Memory: 64 bytes for each transfer, SKU and warehouse
/// and 25 to 45 for finding it. One thread.
class TransferTracker {
 public:
  /// Both must outlive it.
  TransferTracker(SignalSink& sink, StockShares& shares) : sink_(sink), shares_(shares) {}

  /// `transfer` is the hash of the transfer's id, SKU and warehouse.
  void advance(uint64_t transfer, const TransferProgress& progress);

  void save(base::ByteWriter& writer, const base::Dictionary& names) const;
  /// Adds what was saved, as far as `share` owns it, and what it brings to the shares.
  void load(base::ByteReader& reader, base::Dictionary& names, KeyShare share = {});

 private:
  struct State {
    int64_t sent_at = kUnknown;
    int64_t received_at = kUnknown;
    int64_t expected_told_at = kUnknown;
    int64_t expected_at = kUnknown;
    int64_t sent = 0;  ///< units
    int64_t received = 0;
    uint32_t sku = 0;
    uint32_t to = 0;
  };
  static constexpr std::array kMeasures = {
      Measure::kTransferDue,       Measure::kTransferOnTime, Measure::kTransferOpen,
      Measure::kTransferOpen,      Measure::kTransferLate,   Measure::kTransferLate,
      Measure::kTransferLeadHours,
  };
  using Contributions = std::array<Contribution, kMeasures.size()>;

  static void learn(State& state, const TransferProgress& progress);
  static Contributions contributions(const State& state);
  static int64_t in_transit(const State& state);
  static Dimensions dimensions_of(const State& state);

  SignalSink& sink_;
  StockShares& shares_;
  KeyGroups<State> transfers_;
};

}  // namespace purvey::flow
