#pragma once

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace purvey::flow {

/// A SKU in a warehouse, by their names in the dictionary.
struct StockPlace {
  uint32_t sku = 0;
  uint32_t warehouse = 0;

  friend auto operator<=>(const StockPlace&, const StockPlace&) = default;
  template <class Hash>
  friend Hash AbslHashValue(Hash hash, const StockPlace& place) {
    return Hash::combine(std::move(hash), place.sku, place.warehouse);
  }
};

/// Units of a place that something else than its stock tells of.
struct StockShare {
  int64_t held = 0;        ///< allocated to orders that have not left
  int64_t in_transit = 0;  ///< sent by suppliers and other warehouses, not yet received
};

/// What is known of a place. Of several shards one knows the stock, and all know a part of the
/// rest.
struct KnownStock {
  std::optional<int64_t> on_hand;          ///< nothing: no count and no move was ever heard of
  std::optional<int64_t> stated_reserved;  ///< by the latest count, if it states it
  int64_t held = 0;
  int64_t in_transit = 0;

  bool is_known() const { return on_hand || held != 0 || in_transit != 0; }
  /// What the latest count states goes before what orders hold.
  int64_t reserved() const { return stated_reserved.value_or(held); }
  /// What can still be promised.
  int64_t available() const { return on_hand.value_or(0) - reserved(); }
};

/// Sums by place of what orders hold and of what purchases and transfers bring. Each tracker adds
/// the difference that an event makes, so that sums of several shards add up to that of one.
///
/// Not saved: who loads a tracker's state adds what it comes to. Memory: about 40 bytes for each
/// place with units. One thread.
class StockShares {
 public:
  void hold(const StockPlace& place, int64_t units) { add(place, {.held = units}); }
  void bring(const StockPlace& place, int64_t units) { add(place, {.in_transit = units}); }

  /// Zeros for a place that nothing tells of.
  StockShare at(const StockPlace& place) const {
    const auto found = skus_.find(place.sku);
    if (found == skus_.end()) return {};
    const auto& places = found->second;
    const auto mine = std::find_if(places.begin(), places.end(), [&](const auto& entry) {
      return entry.first == place.warehouse;
    });
    return mine == places.end() ? StockShare() : mine->second;
  }

  /// Visits the warehouses with units of a SKU, in no order.
  template <class Visit>
  void visit_warehouses(uint32_t sku, const Visit& visit) const {
    const auto found = skus_.find(sku);
    if (found == skus_.end()) return;
    for (const auto& [warehouse, share] : found->second) visit(warehouse);
  }

 private:
  void add(const StockPlace& place, const StockShare& change) {
    if (change.held == 0 && change.in_transit == 0) return;
    const auto entry = skus_.try_emplace(place.sku).first;
    auto& places = entry->second;
    auto mine = std::find_if(places.begin(), places.end(),
                             [&](const auto& known) { return known.first == place.warehouse; });
    if (mine == places.end()) mine = places.insert(mine, {place.warehouse, {}});
    mine->second.held += change.held;
    mine->second.in_transit += change.in_transit;
    if (mine->second.held == 0 && mine->second.in_transit == 0) places.erase(mine);
    if (places.empty()) skus_.erase(entry);
  }

  /// By SKU: its warehouses, of which a SKU has few.
  absl::flat_hash_map<uint32_t, std::vector<std::pair<uint32_t, StockShare>>> skus_;
};

}  // namespace purvey::flow
