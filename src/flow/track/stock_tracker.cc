#include "flow/track/stock_tracker.h"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace purvey::flow {
namespace {

// Moves are kept only so that a count arriving behind them finds those after it; older ones are
// folded together.
constexpr size_t kMovesMax = 256;

}  // namespace

StockTracker::State& StockTracker::state(const Place& place) {
  const auto [entry, is_new] = states_.try_emplace(place);
  if (is_new) warehouses_of_[place.sku].push_back(place.warehouse);
  return entry->second;
}

void StockTracker::count(const Place& place, int64_t at, int64_t on_hand, int64_t reserved) {
  State& known = state(place);
  if (known.counted_at != kUnknown && at < known.counted_at) return;
  known.counted_at = at;
  known.counted = on_hand;
  known.reserved = reserved;
  std::erase_if(known.moves, [&](const auto& move) { return move.first <= at; });
  int64_t now = on_hand;
  for (const auto& [time, qty] : known.moves) now += qty;
  settle(place, known, at, now);
}

void StockTracker::move(const Place& place, int64_t at, int64_t qty) {
  State& known = state(place);
  // A move of the count's own instant that arrives behind it came after it, as in the `stock` view.
  if (known.counted_at != kUnknown && at < known.counted_at) return;
  const auto after = std::upper_bound(known.moves.begin(), known.moves.end(),
                                      std::pair{at, std::numeric_limits<int64_t>::max()});
  known.moves.insert(after, {at, qty});
  if (known.moves.size() > kMovesMax) {
    known.moves[1].second += known.moves[0].second;
    known.moves.erase(known.moves.begin());
  }
  settle(place, known, at, known.on_hand + qty);
}

int64_t StockTracker::fillable(const Place& place, int64_t qty) const {
  const auto found = states_.find(place);
  if (found == states_.end() || found->second.changed_at == kUnknown) return -1;
  return std::clamp<int64_t>(found->second.on_hand, 0, qty);
}

/// Sets on hand and publishes the difference.
void StockTracker::settle(const Place& place, State& known, int64_t at, int64_t on_hand) {
  const int64_t when = std::max(at, known.changed_at);
  if (known.changed_at != kUnknown) put(place, known, when, -1);
  known.on_hand = on_hand;
  known.changed_at = when;
  put(place, known, when, +1);
}

void StockTracker::put(const Place& place, const State& known, int64_t at, int64_t sign) {
  const SkuCard& card = catalog_.find(place.sku);
  Dimensions dimensions;
  dimensions[Dimension::kWarehouse] = place.warehouse;
  dimensions[Dimension::kCategory] = card.category;
  dimensions[Dimension::kBrand] = card.brand;
  const auto level = [&](Measure measure, int64_t value) {
    sink_.add({.measure = measure, .time = {at}, .value = value * sign}, dimensions);
  };
  level(Measure::kStockOut, known.on_hand <= 0 ? 1 : 0);
  level(Measure::kStockUnits, std::max<int64_t>(known.on_hand, 0));
  if (card.cost == kUnknown) return;
  int64_t value = 0;
  const bool overflows =
      __builtin_mul_overflow(std::max<int64_t>(known.on_hand, 0), card.cost, &value);
  level(Measure::kStockValue, overflows ? std::numeric_limits<int64_t>::max() : value);
}

std::optional<int64_t> StockTracker::on_hand(const Place& place) const {
  const auto known = states_.find(place);
  if (known == states_.end()) return std::nullopt;
  return known->second.on_hand;
}

std::optional<int64_t> StockTracker::reserved(const Place& place) const {
  const auto known = states_.find(place);
  if (known == states_.end() || known->second.reserved == kUnknown) return std::nullopt;
  return known->second.reserved;
}

std::vector<uint32_t> StockTracker::warehouses_of(uint32_t sku) const {
  const auto warehouses = warehouses_of_.find(sku);
  return warehouses == warehouses_of_.end() ? std::vector<uint32_t>() : warehouses->second;
}

void StockTracker::before_card_change(uint32_t sku, int64_t at) {
  const auto warehouses = warehouses_of_.find(sku);
  if (warehouses == warehouses_of_.end()) return;
  for (const uint32_t warehouse : warehouses->second) {
    State& known = states_.at({sku, warehouse});
    if (known.changed_at == kUnknown) continue;
    known.changed_at = std::max(known.changed_at, at);
    put({sku, warehouse}, known, known.changed_at, -1);
  }
}

void StockTracker::after_card_change(uint32_t sku, int64_t at) {
  const auto warehouses = warehouses_of_.find(sku);
  if (warehouses == warehouses_of_.end()) return;
  for (const uint32_t warehouse : warehouses->second) {
    const State& known = states_.at({sku, warehouse});
    if (known.changed_at != kUnknown) {
      put({sku, warehouse}, known, std::max(known.changed_at, at), +1);
    }
  }
}

void StockTracker::save(base::ByteWriter& writer, const base::Dictionary& names) const {
  std::vector<std::tuple<std::string_view, std::string_view, const State*>> states;
  for (const auto& [place, known] : states_) {
    states.emplace_back(names.text(place.sku), names.text(place.warehouse), &known);
  }
  std::sort(states.begin(), states.end());
  writer.varint(states.size());
  for (const auto& [sku, warehouse, known] : states) {
    writer.text(sku);
    writer.text(warehouse);
    writer.zigzag(known->counted_at);
    writer.zigzag(known->counted);
    writer.zigzag(known->reserved);
    writer.zigzag(known->on_hand);
    writer.zigzag(known->changed_at);
    writer.varint(known->moves.size());
    for (const auto& [time, qty] : known->moves) {
      writer.zigzag(time);
      writer.zigzag(qty);
    }
  }
}

void StockTracker::load(base::ByteReader& reader, base::Dictionary& names, KeyShare share) {
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    Place place;
    place.sku = names.intern(reader.text());
    place.warehouse = names.intern(reader.text());
    State known;
    known.counted_at = reader.zigzag();
    known.counted = reader.zigzag();
    known.reserved = reader.zigzag();
    known.on_hand = reader.zigzag();
    known.changed_at = reader.zigzag();
    const uint64_t moves = reader.varint();
    if (!reader.fits(moves, 2)) return;
    for (uint64_t m = 0; m < moves; ++m) {
      const int64_t time = reader.zigzag();
      known.moves.emplace_back(time, reader.zigzag());
    }
    if (share.owns(names.hash(place.sku))) state(place) = std::move(known);
  }
}

}  // namespace purvey::flow
