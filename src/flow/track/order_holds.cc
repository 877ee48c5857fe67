#include "flow/track/order_holds.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <tuple>
#include <utility>

namespace purvey::flow {

void OrderHolds::place(uint64_t order, std::span<const event::OrderLine> lines,
                       uint32_t warehouse) {
  Order& known = orders_[order];
  hold(known, -1);
  std::vector<event::OrderLine> sorted(lines.begin(), lines.end());
  std::sort(sorted.begin(), sorted.end(),
            [&](const event::OrderLine& left, const event::OrderLine& right) {
              return std::pair(left.line_no, names_.text(left.sku)) <
                     std::pair(right.line_no, names_.text(right.sku));
            });
  known.lines.clear();
  for (const event::OrderLine& line : sorted) {
    known.lines.push_back({.sku = line.sku, .qty = static_cast<uint32_t>(line.qty)});
  }
  known.placed_in = warehouse;
  hold(known, +1);
}

void OrderHolds::advance(uint64_t order, const OrderGoods& goods) {
  using enum OrderStep;
  if (goods.step < kAllocated || goods.step == kPicked || goods.step == kPacked) return;
  Order& known = orders_[order];
  hold(known, -1);
  if (goods.step == kShipped) known.shipped += goods.units;
  if (goods.step == kDelivered) known.delivered += goods.units;
  if (goods.step == kCancelled) known.cancelled += goods.units;
  if (goods.step == kAllocated) {
    known.is_allocated = true;
    known.is_whole |= goods.units == 0;
    known.allocated += goods.units;
    if (goods.warehouse != 0 && goods.at >= known.allocated_at) {
      known.allocated_at = goods.at;
      known.allocated_in = goods.warehouse;
    }
  }
  hold(known, +1);
}

void OrderHolds::end(uint64_t order) {
  const auto left = orders_.find(order);
  if (left == orders_.end()) return;
  hold(left->second, -1);
  orders_.erase(left);
}

/// Adds what the order holds to the shares, or takes it from them.
void OrderHolds::hold(const Order& order, int64_t sign) {
  const uint32_t warehouse = order.allocated_in != 0 ? order.allocated_in : order.placed_in;
  if (!order.is_allocated || warehouse == 0) return;
  const int64_t gone = std::max(order.shipped, order.delivered) + order.cancelled;
  const int64_t upper = order.is_whole ? std::numeric_limits<int64_t>::max() : order.allocated;
  int64_t start = 0;
  for (const Line& line : order.lines) {
    const int64_t stop = start + line.qty;
    const int64_t units = std::min(stop, upper) - std::max(start, gone);
    if (units > 0) shares_.hold({line.sku, warehouse}, sign * units);
    start = stop;
  }
}

void OrderHolds::save(base::ByteWriter& writer) const {
  std::vector<uint64_t> keys;
  keys.reserve(orders_.size());
  for (const auto& [key, order] : orders_) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  writer.varint(keys.size());
  for (const uint64_t key : keys) {
    const Order& order = orders_.at(key);
    writer.word(key);
    for (const int64_t value :
         {order.allocated_at, order.allocated, order.shipped, order.delivered, order.cancelled}) {
      writer.zigzag(value);
    }
    writer.text(names_.text(order.placed_in));
    writer.text(names_.text(order.allocated_in));
    writer.varint((order.is_allocated ? 1U : 0U) | (order.is_whole ? 2U : 0U));
    writer.varint(order.lines.size());
    for (const Line& line : order.lines) {
      writer.text(names_.text(line.sku));
      writer.varint(line.qty);
    }
  }
}

void OrderHolds::load(base::ByteReader& reader, base::Dictionary& names, KeyShare share) {
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t key = reader.word();
    Order order;
    for (int64_t* value : {&order.allocated_at, &order.allocated, &order.shipped, &order.delivered,
                           &order.cancelled}) {
      *value = reader.zigzag();
    }
    order.placed_in = names.intern(reader.text());
    order.allocated_in = names.intern(reader.text());
    const uint64_t flags = reader.varint();
    order.is_allocated = (flags & 1) != 0;
    order.is_whole = (flags & 2) != 0;
    const uint64_t lines = reader.varint();
    if (!reader.fits(lines, 2)) return;
    for (uint64_t line = 0; line < lines; ++line) {
      const uint32_t sku = names.intern(reader.text());
      order.lines.push_back({.sku = sku, .qty = static_cast<uint32_t>(reader.varint())});
    }
    if (!share.owns(key)) continue;
    hold(order, +1);
    orders_[key] = std::move(order);
  }
}

}  // namespace purvey::flow
