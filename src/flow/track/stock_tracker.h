#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>

#include <optional>
#include <utility>
#include <vector>

#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "flow/track/catalog.h"
#include "flow/track/key_share.h"
#include "flow/track/signal_sink.h"
#include "flow/track/stock_shares.h"

namespace purvey::flow {

/// On hand of every SKU in every warehouse: the latest count by event time, and the moves after it.
/// Puts the levels stock.out, stock.units and stock.value into the sink as they change.
///
/// A change counts at its own time, or at the pair's last change if it arrives behind that. Orders
/// never change on hand.
class StockTracker {
 public:
  StockTracker(SignalSink& sink, const Catalog& catalog) : sink_(sink), catalog_(catalog) {}

  using Place = StockPlace;

  /// `reserved` as the count states it; kUnknown if it does not.
  void count(const Place& place, int64_t at, int64_t on_hand, int64_t reserved = kUnknown);
  void move(const Place& place, int64_t at, int64_t qty);

  /// Brings what is known of the pair nearer; changes nothing.
  void prefetch(const Place& place) const { states_.prefetch(place); }

  /// Units of `qty` that are on hand, or -1 if nothing is known of the pair.
  int64_t fillable(const Place& place, int64_t qty) const;

  /// Nothing if nothing is known of the pair.
  std::optional<int64_t> on_hand(const Place& place) const;
  /// As the latest count states it; nothing if it states none.
  std::optional<int64_t> reserved(const Place& place) const;
  /// The warehouses of which anything is known of a SKU.
  std::vector<uint32_t> warehouses_of(uint32_t sku) const;

  /// The card of `sku` is about to change, and has changed at `at`: what stands moves to its new
  /// group and value.
  void before_card_change(uint32_t sku, int64_t at);
  void after_card_change(uint32_t sku, int64_t at);

  void save(base::ByteWriter& writer, const base::Dictionary& names) const;
  /// Adds what was saved, as far as `share` owns it.
  void load(base::ByteReader& reader, base::Dictionary& names, KeyShare share = {});

 private:
  struct State {
    int64_t counted_at = kUnknown;
    int64_t counted = 0;
    int64_t reserved = kUnknown;
    int64_t on_hand = 0;
    int64_t changed_at = kUnknown;
    std::vector<std::pair<int64_t, int64_t>> moves;  ///< (time, qty) after the count, ascending
  };

  State& state(const Place& place);
  void settle(const Place& place, State& state, int64_t at, int64_t on_hand);
  void put(const Place& place, const State& state, int64_t at, int64_t sign);

  SignalSink& sink_;
  const Catalog& catalog_;
  absl::flat_hash_map<Place, State> states_;
  absl::flat_hash_map<uint32_t, std::vector<uint32_t>> warehouses_of_;
};

}  // namespace purvey::flow
