#include "flow/track/order_holds.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace purvey::flow {
namespace {

using enum OrderStep;

class OrderHoldsTest : public testing::Test {
 protected:
  void place() {
    const std::vector<event::OrderLine> lines = {{.line_no = 2, .sku = tea_, .qty = 4},
                                                 {.line_no = 1, .sku = cup_, .qty = 3}};
    holds_.place(1, lines, north_);
  }
  int64_t held(uint32_t sku, uint32_t warehouse) const { return shares_.at({sku, warehouse}).held; }

  StockShares shares_;
  base::Dictionary names_;
  const uint32_t tea_ = names_.intern("tea");
  const uint32_t cup_ = names_.intern("cup");
  const uint32_t north_ = names_.intern("north");
  const uint32_t south_ = names_.intern("south");
  OrderHolds holds_{shares_, names_};
};

TEST_F(OrderHoldsTest, an_order_holds_its_units_from_allocation_until_it_leaves) {
  place();
  EXPECT_EQ(held(tea_, north_), 0);
  holds_.advance(1, {.step = kAllocated, .at = 10});
  EXPECT_EQ(held(cup_, north_), 3);
  EXPECT_EQ(held(tea_, north_), 4);
  holds_.advance(1, {.step = kPicked, .at = 11});
  EXPECT_EQ(held(tea_, north_), 4);
  holds_.end(1);
  EXPECT_EQ(held(cup_, north_), 0);
  EXPECT_EQ(held(tea_, north_), 0);
}

TEST_F(OrderHoldsTest, parts_are_allocated_and_leave_in_the_order_of_the_lines) {
  holds_.advance(1, {.step = kAllocated, .at = 10, .units = 5, .warehouse = south_});
  place();                           // arrives behind it
  EXPECT_EQ(held(cup_, south_), 3);  // line 1 has 3 units
  EXPECT_EQ(held(tea_, south_), 2);  // and 5 - 3 are of line 2
  holds_.advance(1, {.step = kShipped, .at = 20, .units = 2});
  EXPECT_EQ(held(cup_, south_), 1);
  holds_.advance(1, {.step = kCancelled, .at = 20, .units = 2});
  EXPECT_EQ(held(cup_, south_), 0);
  EXPECT_EQ(held(tea_, south_), 1);
}

TEST_F(OrderHoldsTest, what_was_allocated_last_by_event_time_says_where) {
  place();
  holds_.advance(1, {.step = kAllocated, .at = 20, .warehouse = south_});
  holds_.advance(1, {.step = kAllocated, .at = 10, .warehouse = north_});
  EXPECT_EQ(held(tea_, south_), 4);
  EXPECT_EQ(held(tea_, north_), 0);
}

TEST_F(OrderHoldsTest, saved_orders_hold_what_they_held) {
  place();
  holds_.advance(1, {.step = kAllocated, .at = 10});
  std::string saved;
  base::ByteWriter writer(saved);
  holds_.save(writer);
  StockShares shares;
  OrderHolds loaded(shares, names_);
  base::ByteReader reader(saved);
  loaded.load(reader, names_);
  ASSERT_TRUE(reader.finish("orders"));
  EXPECT_EQ(shares.at({tea_, north_}).held, 4);
  loaded.advance(1, {.step = kShipped, .at = 20, .units = 7});
  EXPECT_EQ(shares.at({tea_, north_}).held, 0);
}

}  // namespace
}  // namespace purvey::flow
