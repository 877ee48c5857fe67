#include "flow/hook/document_mapper.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "event/json_decoder.h"

namespace purvey::flow {
namespace {

constexpr const char* kShop = R"(
[import]
source = "shop"
currency = "EUR"
[document.orders]
[document.items]
belongs_to = "orders"
each = "line_items"
[[document.orders.reject]]
when = { column = "test", is = "true" }
reason = "a test order"
[[event]]
type = "order.placed"
from = "orders"
id = "{id}/placed"
time = "{created_at}"
when = { column = "status", is_not = "cancelled" }
[event.data]
order_id = "{id}"
customer_id = "{customer.mail}"
region = "{shipping.country}"
amount = "{total}"
[event.data.lines]
each = "items"
sku = "{sku}"
qty = "{quantity}"
price = "{price}"
[[event]]
type = "order.cancelled"
from = "orders"
id = "{id}/cancelled"
time = ["{cancelled_at}", "{created_at}"]
when = { column = "status", is = "cancelled" }
[event.data]
order_id = "{id}"
)";

class DocumentMapperTest : public ::testing::Test {
 protected:
  void map(const std::string& text) {
    auto read = parse_import_map(text, "map.toml");
    ASSERT_TRUE(read) << read.error().message;
    mapper_ = std::make_unique<DocumentMapper>(std::make_shared<ImportMap>(*std::move(read)));
  }

  /// What became of a message: each event's text, each refused row as `!reason detail`.
  std::vector<std::string> rows(std::string message) {
    message.append(64, ' ');
    body_ = {};
    const auto done = mapper_->add(std::string_view(message).substr(0, message.size() - 64), body_);
    if (!done) return {done.error().message};
    std::vector<std::string> out;
    for (const auto& row : body_.rows) {
      out.push_back(row.is_event ? std::string(body_.text_of(row))
                                 : fmt::format("!{} {}", event::reason_name(row.refusal.reason),
                                               row.refusal.detail));
    }
    return out;
  }

  using Rows = std::vector<std::string>;
  std::unique_ptr<DocumentMapper> mapper_;
  MappedBody body_;
};

TEST_F(DocumentMapperTest, an_order_with_its_lines_becomes_an_event) {
  map(kShop);
  EXPECT_EQ(
      rows(R"({"id":1001,"created_at":"2026-01-02T09:15:00+01:00","status":"open","total":"21.00",
        "customer":{"mail":"a@b.de","name":"Anna"},"shipping":{"country":"DE"},
        "line_items":[{"sku":"Tea","quantity":2,"price":"4.50"},{"sku":"Cup","quantity":1,"price":12}]})"),
      (Rows{
          R"({"specversion":"1.0","id":"1001/placed","source":"/import/shop","type":"order.placed","time":"2026-01-02T08:15:00Z","data":{"order_id":"1001","customer_id":"a@b.de","region":"DE","currency":"EUR","amount":21,"lines":[{"sku":"Tea","qty":2,"price":4.5},{"sku":"Cup","qty":1,"price":12}]}})"}));
}

TEST_F(DocumentMapperTest,
       a_step_without_its_time_is_inferred_and_lines_that_nobody_asks_for_are_no_fault) {
  map(kShop);
  EXPECT_EQ(
      rows(
          R"({"id":7,"created_at":"2026-01-02T09:15:00Z","status":"cancelled","line_items":[{"sku":"x"}]})"),
      (Rows{
          R"({"specversion":"1.0","id":"7/cancelled","source":"/import/shop","type":"order.cancelled","time":"2026-01-02T09:15:00Z","data":{"order_id":"7","inferred":true}})"}));
}

TEST_F(DocumentMapperTest, a_list_that_stands_twice_is_a_fault_and_none_of_both_is_taken) {
  map(kShop);
  EXPECT_EQ(
      rows(R"({"id":1,"created_at":"2026-01-02T09:15:00Z","customer":{"mail":"a@b.de"},"total":5,
        "line_items":[{"sku":"a","quantity":1,"price":5}],
        "line_items":[{"sku":"b","quantity":5,"price":1}]})"),
      (Rows{"!duplicate_key line_items: a key that stands twice"}));
}

TEST_F(DocumentMapperTest, one_fault_is_one_refusal_with_its_place) {
  map(kShop);
  const auto order = [&](const std::string& lines) {
    return rows(
        R"({"id":1,"created_at":"2026-01-02T09:15:00Z","customer":{"mail":"a@b.de"},"total":5,)" +
        lines + "}");
  };
  EXPECT_EQ(
      order(
          R"("line_items":[{"sku":"a","quantity":1,"price":5},{"sku":"b","quantity":"two","price":1},{"sku":7}])"),
      (Rows{"!wrong_type line_items[1].quantity: no number: \"two\""}));
  EXPECT_EQ(body_.rows[0].raw, R"({"sku":"b","quantity":"two","price":"1"})");
  EXPECT_EQ(order(R"("line_items":[{"sku":"a","quantity":1,"price":5},7])"),
            (Rows{"!wrong_type line_items[1]: expected an object, found a number"}));
  EXPECT_EQ(order(R"("line_items":"none")"),
            (Rows{"!wrong_type line_items: expected a list, found a string"}));
  EXPECT_EQ(order(R"("other":1)"), (Rows{"!missing_field lines of order.placed is missing"}));
  EXPECT_NE(order(R"("line_items":[])").front().find(R"("lines":[])"), std::string::npos);

  EXPECT_EQ(
      rows(
          R"({"id":1,"created_at":"2 January","customer":{"mail":"a@b.de"},"total":5,"line_items":[{"sku":"a"}]})"),
      (Rows{"!bad_time created_at: a time in none of the patterns of dates: \"2 January\""}));
  EXPECT_EQ(
      body_.rows[0].raw,
      R"({"id":"1","created_at":"2 January","customer.mail":{"customer_id":"a@b.de"},"total":"5"})");
  EXPECT_EQ(rows(R"({"id":1,"test":true})"), (Rows{"!not_mapped a test order"}));
  EXPECT_EQ(rows(R"({"id":1,"created_at":"2026-01-02T09:15:00Z","total":5,"line_items":[]})"),
            (Rows{"!missing_field customer.mail: customer_id of order.placed is missing"}));
}

TEST_F(DocumentMapperTest, values_that_are_only_impossible_are_left_to_the_decoder) {
  map(kShop);
  const auto order = [&](const std::string& total, const std::string& quantity) {
    return rows(R"({"id":1,"created_at":"2026-01-02T09:15:00Z","customer":{"mail":"a"},"total":)" +
                total + R"(,"line_items":[{"sku":"a","quantity":)" + quantity + R"(,"price":1}]})")
        .front();
  };
  EXPECT_NE(order("-1", "0").find(R"("amount":-1,"lines":[{"sku":"a","qty":0,)"),
            std::string::npos);
  EXPECT_NE(order("1e300", "1").find(R"("amount":1e+300,)"), std::string::npos);
  EXPECT_NE(order("1.005", "0.5").find(R"("amount":1.005,"lines":[{"sku":"a","qty":0.5,)"),
            std::string::npos);
}

TEST_F(DocumentMapperTest, what_is_no_message_is_one_refused_row_of_which_nothing_is_kept) {
  map(kShop);
  EXPECT_EQ(rows("[1").front().substr(0, 9), "!not_json");
  EXPECT_EQ(rows("\xFF").front().substr(0, 9), "!not_utf8");
  EXPECT_EQ(rows("7"), (Rows{"!not_an_object expected an object, found a number"}));
  EXPECT_EQ(rows(std::string(70, '[') + std::string(70, ']')).front().substr(0, 9), "!too_deep");
  EXPECT_EQ(rows(R"({"id":")" + std::string(DocumentMapper::kMessageBytesMax, 'x') + "\"}"),
            (Rows{"!too_long a message longer than 4 MiB; send it in smaller ones"}));
  for (const auto& row : body_.rows) EXPECT_EQ(row.raw, "");
  // Whatever came before, the next message is read.
  EXPECT_EQ(rows(R"({"id":1,"test":true})"), (Rows{"!not_mapped a test order"}));
}

TEST_F(DocumentMapperTest, an_event_of_a_part_stands_and_falls_by_itself) {
  map(R"(
[import]
source = "s"
currency = "EUR"
[document.order]
[document.payments]
belongs_to = "order"
each = "payments"
[[document.payments.reject]]
when = { column = "amount", is = "0" }
reason = "nothing was paid"
[[event]]
type = "order.paid"
from = "order"
id = "{id}"
time = "{at}"
[event.data]
order_id = "{id}"
[[event]]
type = "payment.authorized"
from = "payments"
id = "{order.id}/{no}"
time = "{message.at}"
[event.data]
order_id = "{order.id}"
amount = "{amount}"
method = "{by}"
)");
  EXPECT_EQ(
      rows(
          R"({"id":1,"at":"2026-01-02T09:15:00Z","payments":[{"no":1,"amount":5,"by":"card"},{"no":2,"amount":"x","by":"card"},{"no":3,"amount":0}]})"),
      (Rows{
          "!not_mapped payments[2]: nothing was paid",
          R"({"specversion":"1.0","id":"1","source":"/import/s","type":"order.paid","time":"2026-01-02T09:15:00Z","data":{"order_id":"1"}})",
          R"({"specversion":"1.0","id":"1/1","source":"/import/s","type":"payment.authorized","time":"2026-01-02T09:15:00Z","data":{"order_id":"1","amount":5,"method":"card","currency":"EUR"}})",
          "!wrong_type payments[1].amount: no number: \"x\""}));
}

constexpr const char* kStock = R"(
[import]
source = "erp"
[document.levels]
each = "data.levels"
[[event]]
type = "stock.level"
from = "levels"
id = "{message.batch}/{sku}"
time = "{message.sent.at}"
[event.data]
sku = "{sku}"
warehouse = ["{place}", "{message.place}"]
on_hand = "{free}"
)";

TEST_F(DocumentMapperTest, rows_repeat_what_stands_above_them) {
  map(kStock);
  EXPECT_EQ(
      rows(
          R"({"batch":9,"sent":{"at":"2026-01-02T09:15:00Z"},"place":"W","data":{"levels":[{"sku":"a","free":3},{"sku":"b","free":-4,"place":"X"}]}})"),
      (Rows{
          R"({"specversion":"1.0","id":"9/a","source":"/import/erp","type":"stock.level","time":"2026-01-02T09:15:00Z","data":{"sku":"a","warehouse":"W","on_hand":3}})",
          R"({"specversion":"1.0","id":"9/b","source":"/import/erp","type":"stock.level","time":"2026-01-02T09:15:00Z","data":{"sku":"b","warehouse":"X","on_hand":-4}})"}));
  EXPECT_EQ(body_.rows[1].where, "data.levels[1]");
  EXPECT_EQ(rows(R"({"data":{"levels":[]}})"), Rows{});
  EXPECT_EQ(rows(R"({"data":{}})"),
            (Rows{"!not_mapped the message has no rows; the map looks for data.levels"}));
  EXPECT_EQ(rows(R"({"data":7})"), (Rows{"!wrong_type data: expected an object, found a number"}));
  EXPECT_EQ(rows(R"({"data":{"levels":"none"}})"),
            (Rows{"!wrong_type data.levels: expected a list, found a string"}));
}

TEST_F(DocumentMapperTest, a_small_message_cannot_come_to_more_than_the_limit) {
  map(kStock);
  std::string message = R"({"batch":")" + std::string(40'000, 'x') + R"(","data":{"levels":[{})";
  for (int i = 0; i < 100'000; ++i) message += ",{}";
  const std::string too_much = "the message comes to more than 64 MiB of events; send less at once";
  EXPECT_EQ(rows(message + "]}}").front(), too_much);
  std::string numbers = R"({"data":{"levels":[1)";
  for (int i = 0; i < 1'000'000; ++i) numbers += ",1";
  EXPECT_EQ(rows(numbers + "]}}").front(), too_much);
  EXPECT_LT(body_.rows.size(), 300'000U);
}

TEST_F(DocumentMapperTest, events_in_an_envelope_are_taken_as_they_are) {
  map("[import]\nsource = \"bus\"\n[document.events]\neach = \"Records\"\ncloudevents = true\n");
  EXPECT_EQ(rows(R"({"Records":[{"id":"1","id":"2","n":1.50},{"type":null}]})"),
            (Rows{R"({"id":"1","id":"2","n":1.5})", R"({"type":null})"}));
  map("[import]\nsource = \"bus\"\n[document.event]\ncloudevents = true\n");
  EXPECT_EQ(rows("no JSON at all"), (Rows{"no JSON at all"}));
}

}  // namespace
}  // namespace purvey::flow
