#include <gtest/gtest.h>

#include "store/depot/facts_fixture.h"

namespace purvey::store::depot {
namespace {

class OrdersViewTest : public FactsFixture {
 protected:
  std::string status(std::string_view order) {
    const std::string answer =
        ask("SELECT status FROM orders WHERE order_id = '" + std::string(order) + "'");
    return answer.substr(0, answer.find('\n'));
  }
};

TEST_F(OrdersViewTest, has_exactly_the_columns_of_the_contract) {
  EXPECT_EQ(ask("SELECT string_agg(column_name, ' ') FROM (DESCRIBE orders)"),
            "order_id customer channel region warehouse carrier status amount currency placed_at "
            "paid_at allocated_at picked_at packed_at shipped_at delivered_at cancelled_at "
            "returned_at promised_at lines late\n");
}

TEST_F(OrdersViewTest, an_order_goes_through_its_statuses) {
  place(1, "a", "2026-01-01T10:00:00Z", "P:2:10 Q:1:5",
        {{"customer", "c"}, {"warehouse", "SH"}, {"amount", "250000"}, {"currency", "CNY"}});
  commit_all();
  EXPECT_EQ(status("a"), "placed");
  const std::pair<const char*, const char*> steps[] = {
      {"paid", "2026-01-01T11:00:00Z"},    {"allocated", "2026-01-01T12:00:00Z"},
      {"picked", "2026-01-01T13:00:00Z"},  {"packed", "2026-01-01T14:00:00Z"},
      {"shipped", "2026-01-01T15:00:00Z"}, {"delivered", "2026-01-02T10:00:00Z"},
      {"returned", "2026-01-09T10:00:00Z"}};
  int64_t seq = 1;
  for (const auto& [name, at] : steps) {
    step({.seq = ++seq, .order = "a", .step = name, .at = at, .carrier = "SF"});
    commit_all();
    EXPECT_EQ(status("a"), name);
  }
  EXPECT_EQ(ask("SELECT * FROM orders"),
            "a,c,,,SH,SF,returned,25.0000,CNY,2026-01-01 10:00:00,2026-01-01 11:00:00,2026-01-01 "
            "12:00:00,2026-01-01 13:00:00,2026-01-01 14:00:00,2026-01-01 15:00:00,2026-01-02 "
            "10:00:00,,2026-01-09 10:00:00,,2,\n");
}

TEST_F(OrdersViewTest, the_highest_status_wins_whatever_came_last) {
  place(1, "a", "2026-01-01T10:00:00Z", "P:1:1");
  step({.seq = 2, .order = "a", .step = "shipped", .at = "2026-01-02T00:00:00Z"});
  step({.seq = 3, .order = "a", .step = "paid", .at = "2026-01-03T00:00:00Z"});
  place(4, "b", "2026-01-01T10:00:00Z", "P:1:1");
  step({.seq = 5, .order = "b", .step = "cancelled", .at = "2026-01-02T00:00:00Z"});
  step({.seq = 6, .order = "b", .step = "shipped", .at = "2026-01-03T00:00:00Z"});
  commit_all();
  EXPECT_EQ(status("a"), "shipped");
  EXPECT_EQ(status("b"), "cancelled");
}

TEST_F(OrdersViewTest, some_units_shipped_or_delivered_are_partial) {
  place(1, "a", "2026-01-01T10:00:00Z", "P:3:1 Q:2:1");
  step({.seq = 2,
        .order = "a",
        .step = "shipped",
        .at = "2026-01-02T00:00:00Z",
        .shipment = "s1",
        .qty = 3});
  commit_all();
  EXPECT_EQ(status("a"), "partial_shipped");  // 3 of 5
  step({.seq = 3,
        .order = "a",
        .step = "shipped",
        .at = "2026-01-03T00:00:00Z",
        .shipment = "s2",
        .qty = 2});
  commit_all();
  EXPECT_EQ(status("a"), "shipped");  // 3 + 2 of 5
  step({.seq = 4,
        .order = "a",
        .step = "delivered",
        .at = "2026-01-05T00:00:00Z",
        .shipment = "s2"});
  commit_all();
  EXPECT_EQ(status("a"), "partial_delivered");  // s1 is still under way
  EXPECT_EQ(ask("SELECT delivered_at FROM orders"), "\n");
  step({.seq = 5,
        .order = "a",
        .step = "delivered",
        .at = "2026-01-04T00:00:00Z",
        .shipment = "s1"});
  commit_all();
  EXPECT_EQ(ask("SELECT status, shipped_at, delivered_at FROM orders"),
            "delivered,2026-01-02 00:00:00,2026-01-05 00:00:00\n");  // the first, the last
}

TEST_F(OrdersViewTest, delivered_units_reach_what_was_not_cancelled) {
  place(1, "a", "2026-01-01T10:00:00Z", "P:5:1");
  step({.seq = 2, .order = "a", .step = "cancelled", .at = "2026-01-02T00:00:00Z", .qty = 2});
  commit_all();
  EXPECT_EQ(ask("SELECT status, cancelled_at FROM orders"), "placed,\n");
  step({.seq = 3, .order = "a", .step = "shipped", .at = "2026-01-03T00:00:00Z", .qty = 3});
  step({.seq = 4, .order = "a", .step = "delivered", .at = "2026-01-04T00:00:00Z", .qty = 1});
  commit_all();
  EXPECT_EQ(status("a"), "partial_delivered");  // 1 of 5 - 2
  step({.seq = 5, .order = "a", .step = "delivered", .at = "2026-01-05T00:00:00Z", .qty = 2});
  commit_all();
  EXPECT_EQ(status("a"), "delivered");
}

TEST_F(OrdersViewTest, what_ends_in_pieces_ends_with_the_last_one) {
  place(1, "a", "2026-01-01T10:00:00Z", "P:3:1");
  step({.seq = 2, .order = "a", .step = "cancelled", .at = "2026-01-03T00:00:00Z", .qty = 2});
  step({.seq = 3, .order = "a", .step = "cancelled", .at = "2026-01-02T00:00:00Z", .qty = 1});
  place(4, "b", "2026-01-01T10:00:00Z", "P:3:1");
  step({.seq = 5, .order = "b", .step = "returned", .at = "2026-01-05T00:00:00Z", .qty = 1});
  step({.seq = 6, .order = "b", .step = "returned", .at = "2026-01-06T00:00:00Z", .qty = 2});
  place(7, "c", "2026-01-01T10:00:00Z", "P:3:1");
  step({.seq = 8, .order = "c", .step = "cancelled", .at = "2026-01-07T00:00:00Z"});
  step({.seq = 9, .order = "c", .step = "cancelled", .at = "2026-01-08T00:00:00Z"});
  commit_all();
  EXPECT_EQ(ask("SELECT order_id, cancelled_at, returned_at FROM orders ORDER BY 1"),
            "a,2026-01-03 00:00:00,\nb,,2026-01-06 00:00:00\nc,2026-01-07 00:00:00,\n");
}

TEST_F(OrdersViewTest, a_shipment_that_arrives_before_the_rest_is_sent_is_partial) {
  place(1, "a", "2026-01-01T10:00:00Z", "P:5:1");
  step({.seq = 2,
        .order = "a",
        .step = "shipped",
        .at = "2026-01-03T00:00:00Z",
        .shipment = "s1",
        .qty = 3});
  step({.seq = 3,
        .order = "a",
        .step = "delivered",
        .at = "2026-01-04T00:00:00Z",
        .shipment = "s1"});
  commit_all();
  EXPECT_EQ(status("a"), "partial_delivered");
}

TEST_F(OrdersViewTest, the_latest_head_counts_with_its_own_lines) {
  place(1, "a", "2026-01-01T10:00:00Z", "P:2:1 Q:1:1 R:1:1", {{"region", "north"}});
  place(7, "a", "2026-01-01T10:00:00Z", "P:1:1", {{"region", "south"}});
  place(3, "a", "2026-01-01T10:00:00Z", "P:2:1 Q:1:1");
  commit_all();
  EXPECT_EQ(ask("SELECT order_id, region, lines FROM orders"), "a,south,1\n");
}

TEST_F(OrdersViewTest, an_order_without_lines_has_0_and_one_never_placed_has_nulls) {
  place(1, "empty", "2026-01-01T10:00:00Z", "");
  step({.seq = 2,
        .order = "unknown",
        .step = "paid",
        .at = "2026-01-02T00:00:00Z",
        .warehouse = "SH"});
  commit_all();
  EXPECT_EQ(ask("SELECT order_id, customer, warehouse, status, amount, placed_at, lines, late "
                "FROM orders ORDER BY 1"),
            "empty,,,placed,,2026-01-01 10:00:00,0,\nunknown,,SH,paid,,,,\n");
}

TEST_F(OrdersViewTest, late_is_after_the_promise_or_past_it_at_the_watermark) {
  const Cells promise = {{"promised_at", "2026-01-05T00:00:00Z"}};
  for (const char* order : {"in_time", "too_late", "open", "gone", "back"}) {
    place(++next_seq_, order, "2026-01-01T10:00:00Z", "P:1:1", promise);
  }
  place(++next_seq_, "no_promise", "2026-01-01T10:00:00Z", "P:1:1");
  const std::pair<const char*, StepRow> steps[] = {
      {"", {.order = "in_time", .step = "delivered", .at = "2026-01-05T00:00:00Z"}},
      {"", {.order = "too_late", .step = "delivered", .at = "2026-01-05T00:00:01Z"}},
      {"", {.order = "gone", .step = "cancelled", .at = "2026-01-02T00:00:00Z"}},
      {"", {.order = "back", .step = "returned", .at = "2026-01-09T00:00:00Z"}}};
  for (const auto& [ignored, row] : steps) step(row);
  commit_all("2026-01-05T00:00:00Z");  // not passed yet
  EXPECT_EQ(ask("SELECT order_id, late FROM orders ORDER BY 1"),
            "back,false\ngone,false\nin_time,false\nno_promise,\nopen,false\ntoo_late,true\n");
  commit_all("2026-01-05T00:00:01Z");
  EXPECT_EQ(ask("SELECT order_id, late FROM orders ORDER BY 1"),
            "back,false\ngone,false\nin_time,false\nno_promise,\nopen,true\ntoo_late,true\n");
}

TEST_F(OrdersViewTest, the_last_known_warehouse_and_carrier_hold) {
  place(1, "a", "2026-01-01T10:00:00Z", "P:1:1", {{"warehouse", "SH"}});
  step({.seq = 2,
        .order = "a",
        .step = "allocated",
        .at = "2026-01-01T11:00:00Z",
        .warehouse = "BJ"});
  step({.seq = 3, .order = "a", .step = "shipped", .at = "2026-01-02T11:00:00Z", .carrier = "SF"});
  step({.seq = 4, .order = "a", .step = "delivered", .at = "2026-01-03T11:00:00Z"});
  commit_all();
  EXPECT_EQ(ask("SELECT warehouse, carrier FROM orders"), "BJ,SF\n");
}

}  // namespace
}  // namespace purvey::store::depot
