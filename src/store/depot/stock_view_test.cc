#include <gtest/gtest.h>

#include "store/depot/facts_fixture.h"

namespace purvey::store::depot {
namespace {

class StockViewTest : public FactsFixture {
 protected:
  void level(int64_t seq, std::string_view at, std::string_view on_hand,
             std::string_view sku = "P") {
    put(TableId::kStockLevel, {{"seq", std::to_string(seq)},
                               {"sku", sku},
                               {"warehouse", "SH"},
                               {"happened_at", at},
                               {"on_hand", on_hand}});
  }
  void move(int64_t seq, std::string_view at, std::string_view qty, std::string_view sku = "P") {
    put(TableId::kStockMove, {{"seq", std::to_string(seq)},
                              {"sku", sku},
                              {"warehouse", "SH"},
                              {"happened_at", at},
                              {"qty", qty},
                              {"reason", "adjust"}});
  }
  void purchase(int64_t seq, std::string_view po, std::string_view name, std::string_view qty) {
    put(TableId::kSupplyStep, {{"seq", std::to_string(seq)},
                               {"po_id", po},
                               {"step", name},
                               {"happened_at", "2026-01-03T00:00:00Z"},
                               {"sku", "P"},
                               {"warehouse", "SH"},
                               {"qty", qty}});
  }
  void transfer(int64_t seq, std::string_view id, std::string_view name, std::string_view qty) {
    put(TableId::kTransferStep, {{"seq", std::to_string(seq)},
                                 {"transfer_id", id},
                                 {"step", name},
                                 {"happened_at", "2026-01-03T00:00:00Z"},
                                 {"sku", "P"},
                                 {"from_warehouse", "BJ"},
                                 {"to_warehouse", "SH"},
                                 {"qty", qty}});
  }
  std::string stock() {
    commit_all();
    return ask(
        "SELECT sku, warehouse, on_hand, reserved, in_transit, available FROM stock "
        "ORDER BY 1, 2");
  }
};

TEST_F(StockViewTest, has_exactly_the_columns_of_the_contract) {
  EXPECT_EQ(ask("SELECT string_agg(column_name, ' ') FROM (DESCRIBE stock)"),
            "sku warehouse on_hand reserved in_transit available updated_at\n");
  EXPECT_EQ(ask("SELECT string_agg(column_name, ' ') FROM (DESCRIBE daily_sales)"),
            "sku warehouse day qty revenue in_stock\n");
}

TEST_F(StockViewTest, on_hand_is_the_latest_level_and_the_moves_after_it) {
  level(1, "2026-01-01T00:00:00Z", "100");
  move(2, "2026-01-01T12:00:00Z", "-10");  // counted in the next level
  level(3, "2026-01-02T00:00:00Z", "80");
  move(4, "2026-01-02T00:00:01Z", "-5");
  move(5, "2026-01-03T00:00:00Z", "20");
  level(6, "2026-01-01T06:00:00Z", "999");  // came late, of an earlier time
  EXPECT_EQ(stock(), "P,SH,95,0,0,95\n");   // 80 - 5 + 20
  EXPECT_EQ(ask("SELECT updated_at FROM stock"), "2026-01-03 00:00:00\n");
}

TEST_F(StockViewTest, of_the_same_time_the_higher_seq_is_later) {
  level(5, "2026-01-02T00:00:00Z", "50");
  level(4, "2026-01-02T00:00:00Z", "40");
  move(3, "2026-01-02T00:00:00Z", "-1");
  move(6, "2026-01-02T00:00:00Z", "-2");
  EXPECT_EQ(stock(), "P,SH,48,0,0,48\n");  // 50 - 2
}

TEST_F(StockViewTest, without_a_level_moves_add_up_and_may_be_negative) {
  move(1, "2026-01-02T00:00:00Z", "-3");
  move(2, "2026-01-03T00:00:00Z", "1");
  EXPECT_EQ(stock(), "P,SH,-2,0,0,-2\n");
}

TEST_F(StockViewTest, a_level_that_states_the_reserved_units_is_believed) {
  place(1, "a", "2026-01-01T00:00:00Z", "P:7:1", {{"warehouse", "SH"}});
  step({.seq = 2, .order = "a", .step = "allocated", .at = "2026-01-01T01:00:00Z"});
  put(TableId::kStockLevel, {{"seq", "3"},
                             {"sku", "P"},
                             {"warehouse", "SH"},
                             {"happened_at", "2026-01-02T00:00:00Z"},
                             {"on_hand", "50"},
                             {"reserved", "4"}});
  EXPECT_EQ(stock(), "P,SH,50,4,0,46\n");
  level(4, "2026-01-03T00:00:00Z", "50");  // the latest says nothing: what orders hold
  EXPECT_EQ(stock(), "P,SH,50,7,0,43\n");
}

TEST_F(StockViewTest, allocated_lines_are_reserved_until_shipped_or_cancelled) {
  level(1, "2026-01-01T00:00:00Z", "100");
  place(2, "held", "2026-01-01T00:00:00Z", "P:3:1 Q:2:1", {{"warehouse", "SH"}});
  place(3, "sent", "2026-01-01T00:00:00Z", "P:10:1", {{"warehouse", "SH"}});
  place(4, "gone", "2026-01-01T00:00:00Z", "P:20:1", {{"warehouse", "SH"}});
  place(5, "waits", "2026-01-01T00:00:00Z", "P:40:1", {{"warehouse", "SH"}});
  for (const char* order : {"held", "sent", "gone"}) {
    step({.seq = 6, .order = order, .step = "allocated", .at = "2026-01-01T01:00:00Z"});
  }
  step({.seq = 7, .order = "sent", .step = "shipped", .at = "2026-01-01T02:00:00Z"});
  step({.seq = 8, .order = "gone", .step = "cancelled", .at = "2026-01-01T02:00:00Z"});
  EXPECT_EQ(stock(), "P,SH,100,3,0,97\nQ,SH,0,2,0,-2\n");
}

TEST_F(StockViewTest, units_leave_an_order_in_the_order_of_its_lines) {
  place(1, "a", "2026-01-01T00:00:00Z", "P:3:1 Q:5:1", {{"warehouse", "BJ"}});
  step({.seq = 2,
        .order = "a",
        .step = "allocated",
        .at = "2026-01-01T01:00:00Z",
        .warehouse = "SH",
        .qty = 7});
  EXPECT_EQ(stock(), "P,SH,0,3,0,-3\nQ,SH,0,4,0,-4\n");  // 7 of 8 units: 3 + 4
  step({.seq = 3, .order = "a", .step = "shipped", .at = "2026-01-01T02:00:00Z", .qty = 4});
  EXPECT_EQ(stock(), "Q,SH,0,3,0,-3\n");  // 3 P and 1 Q have left
  step({.seq = 4, .order = "a", .step = "cancelled", .at = "2026-01-01T03:00:00Z", .qty = 2});
  EXPECT_EQ(stock(), "Q,SH,0,1,0,-1\n");
}

TEST_F(StockViewTest, reserved_follows_the_corrected_lines) {
  place(1, "a", "2026-01-01T00:00:00Z", "P:3:1", {{"warehouse", "SH"}});
  step({.seq = 2, .order = "a", .step = "allocated", .at = "2026-01-01T01:00:00Z"});
  place(3, "a", "2026-01-01T00:00:00Z", "P:1:1", {{"warehouse", "SH"}});
  EXPECT_EQ(stock(), "P,SH,0,1,0,-1\n");
}

TEST_F(StockViewTest, in_transit_is_sent_and_not_received) {
  purchase(1, "po1", "ordered", "10");
  EXPECT_EQ(stock(), "");  // nothing is on its way yet
  purchase(2, "po1", "shipped", "10");
  purchase(3, "po1", "received", "4");
  purchase(4, "po2", "shipped", "5");
  purchase(5, "po3", "ordered", "8");
  purchase(6, "po3", "received", "9");  // never below zero, nor taken from po1
  transfer(7, "t1", "sent", "3");
  transfer(8, "t1", "received", "1");
  EXPECT_EQ(stock(), "P,SH,0,0,13,0\n");  // 6 + 5 + 2
  purchase(9, "po1", "cancelled", "6");
  EXPECT_EQ(stock(), "P,SH,0,0,7,0\n");  // po1: 10 - 6 - 4
}

TEST_F(StockViewTest, daily_sales_counts_placed_lines_by_local_day) {
  place(1, "a", "2026-01-01T15:59:59Z", "P:2:10 Q:1:3", {{"warehouse", "SH"}});
  place(2, "b", "2026-01-01T16:00:00Z", "P:1:10", {{"warehouse", "SH"}});
  place(3, "c", "2026-01-01T12:00:00Z", "P:4:9");
  commit_all();
  const char* question = "SELECT * FROM daily_sales ORDER BY sku, warehouse, day";
  EXPECT_EQ(ask(question),
            "P,SH,2026-01-01,3,30.0000,\nP,,2026-01-01,4,36.0000,\nQ,SH,2026-01-01,1,3.0000,\n");
  reopen_in("Asia/Shanghai");  // 16:00 UTC is midnight there
  EXPECT_EQ(ask(question),
            "P,SH,2026-01-01,2,20.0000,\nP,SH,2026-01-02,1,10.0000,\nP,,2026-01-01,4,36.0000,\nQ,"
            "SH,2026-01-01,1,3.0000,\n");
}

TEST_F(StockViewTest, a_day_of_mixed_currencies_has_no_revenue) {
  place(1, "a", "2026-01-01T10:00:00Z", "P:2:10:CNY", {{"warehouse", "SH"}});
  place(2, "b", "2026-01-01T11:00:00Z", "P:1:10:EUR", {{"warehouse", "SH"}});
  commit_all();
  EXPECT_EQ(ask("SELECT qty, revenue FROM daily_sales"), "3,\n");
}

TEST_F(StockViewTest, in_stock_is_what_the_day_ended_with) {
  for (int day = 1; day <= 5; ++day) {
    const std::string at = "2026-01-0" + std::to_string(day) + "T12:00:00Z";
    place(day, std::to_string(day), at, "P:1:1", {{"warehouse", "SH"}});
  }
  level(10, "2026-01-02T08:00:00Z", "5");
  move(11, "2026-01-02T18:00:00Z", "-5");  // sold out on the 2nd
  move(12, "2026-01-04T08:00:00Z", "3");   // back on the 4th
  level(13, "2026-01-05T08:00:00Z", "0");
  commit_all();
  EXPECT_EQ(ask("SELECT day, in_stock FROM daily_sales ORDER BY day"),
            "2026-01-01,\n2026-01-02,false\n2026-01-03,false\n2026-01-04,true\n2026-01-05,"
            "false\n");
}

}  // namespace
}  // namespace purvey::store::depot
