#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <utility>

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
    const auto found = shares_.find(place);
    return found == shares_.end() ? StockShare() : found->second;
  }

  /// Visits the places with units, in no order.
  template <class Visit>
  void visit(const Visit& visit) const {
    for (const auto& [place, share] : shares_) visit(place, share);
  }

 private:
  void add(const StockPlace& place, const StockShare& change) {
    if (change.held == 0 && change.in_transit == 0) return;
    const auto entry = shares_.try_emplace(place).first;
    entry->second.held += change.held;
    entry->second.in_transit += change.in_transit;
    if (entry->second.held == 0 && entry->second.in_transit == 0) shares_.erase(entry);
  }

  absl::flat_hash_map<StockPlace, StockShare> shares_;
};

}  // namespace purvey::flow
