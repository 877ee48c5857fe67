#pragma once

#include <absl/container/flat_hash_map.h>

#include <span>
#include <vector>

#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "event/batch.h"
#include "flow/track/contribution.h"
#include "flow/track/key_share.h"
#include "flow/track/order_state.h"
#include "flow/track/stock_shares.h"

namespace purvey::flow {

/// What one event says of an order's goods.
struct OrderGoods {
  OrderStep step = OrderStep::kAllocated;
  int64_t at = 0;
  int64_t units = 0;  ///< that the step is about; 0: the whole order
  uint32_t warehouse = 0;
};

/// Tells which units in a warehouse are held for orders: allocated, and neither shipped, delivered
/// nor cancelled; by the rules of the view `stock` (store/facts/stock_sql.cc).
///
/// 1. Steps give units of an order, not of its lines. Units leave in the order of the lines (their
/// numbers, then SKUs), so a line holds the part of its units between what has left and what was
/// allocated.
/// 2. They are held where the order was allocated last, or else in the warehouse of its placing.
/// 3. A step of the whole order after allocation ends it: nothing of it is held, nor will be.
///
/// Memory: about 130 bytes and 8 a line for each order that has not left as a whole. One thread.
class OrderHolds {
 public:
  /// Both must outlive it.
  OrderHolds(StockShares& shares, const base::Dictionary& names) : shares_(shares), names_(names) {}

  /// `order` is the hash of the order's id, of one that has not left (see OrderState::has_left). A
  /// second placing corrects the first.
  void place(uint64_t order, std::span<const event::OrderLine> lines, uint32_t warehouse);
  void advance(uint64_t order, const OrderGoods& goods);
  /// The order has left: it holds nothing from here on.
  void end(uint64_t order);

  /// Brings what is known of the order nearer; changes nothing.
  void prefetch(uint64_t order) const { orders_.prefetch(order); }

  void save(base::ByteWriter& writer) const;
  /// Adds what was saved, as far as `share` owns it, and what it holds to the shares.
  void load(base::ByteReader& reader, base::Dictionary& names, KeyShare share = {});

 private:
  struct Line {
    uint32_t sku = 0;
    uint32_t qty = 0;
  };
  struct Order {
    std::vector<Line> lines;          ///< in the order in which they leave
    int64_t allocated_at = kUnknown;  ///< of the warehouse below
    int64_t allocated = 0;            ///< units, as the three below
    int64_t shipped = 0;
    int64_t delivered = 0;
    int64_t cancelled = 0;
    uint32_t placed_in = 0;
    uint32_t allocated_in = 0;
    bool is_allocated = false;
    bool is_whole = false;  ///< allocated as a whole
  };

  void hold(const Order& order, int64_t sign);

  StockShares& shares_;
  const base::Dictionary& names_;
  absl::flat_hash_map<uint64_t, Order> orders_;
};

}  // namespace purvey::flow
