#pragma once

#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "flow/track/key_groups.h"
#include "flow/track/key_share.h"
#include "flow/track/order_state.h"
#include "flow/track/signal_sink.h"

namespace purvey::flow {

/// What one purchase.* event says.
struct SupplyProgress {
  enum class Step : uint8_t { kOrdered, kReceived, kOther };
  Step step = Step::kOther;
  int64_t at = 0;
  int64_t expected_at = kUnknown;
  uint32_t supplier = 0;
  uint32_t warehouse = 0;
};

/// Follows purchases from ordering to the last receipt: lead times, and whether they came when
/// expected.
class SupplyTracker {
 public:
  explicit SupplyTracker(SignalSink& sink) : sink_(sink) {}

  /// `purchase` is the hash of the purchase's id and SKU.
  void advance(uint64_t purchase, const SupplyProgress& progress);

  void save(base::ByteWriter& writer, const base::Dictionary& names) const;
  /// Adds what was saved, as far as `share` owns it.
  void load(base::ByteReader& reader, base::Dictionary& names, KeyShare share = {});

 private:
  struct State {
    int64_t ordered_at = kUnknown;
    int64_t expected_at = kUnknown;
    int64_t received_at = kUnknown;
    uint32_t supplier = 0;
    uint32_t warehouse = 0;
  };

  void put(const State& state, int64_t weight);

  SignalSink& sink_;
  KeyGroups<State> purchases_;
};

}  // namespace purvey::flow
