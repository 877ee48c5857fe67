#include "event/json_decoder.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>

namespace purvey::event {
namespace {

class JsonDecoderTest : public testing::Test {
 protected:
  void decode(std::string line) {
    const size_t size = line.size();
    line.append(64, ' ');
    decoder_.decode(std::string_view(line).substr(0, size), batch_);
  }

  static std::string event(std::string_view type, std::string_view data) {
    return fmt::format(R"({{"specversion":"1.0","id":"e1","source":"/shop","type":"{}",)"
                       R"("time":"2026-01-02T03:04:05Z","data":{}}})",
                       type, data);
  }

  /// The reason for which an event is refused, with its verdict; "accepted" if it is not.
  std::string outcome(const std::string& line) {
    decode(line);
    const EventRow& row = batch_.rows.back();
    if (!row.refused) return "accepted";
    const Refusal& refusal = batch_.refusals[row.row].refusal;
    return fmt::format("{} {}: {}", verdict_name(refusal.verdict), reason_name(refusal.reason),
                       refusal.detail);
  }

  std::string placed(std::string_view amount, std::string_view currency = "CNY") {
    return event("order.placed",
                 fmt::format(R"({{"order_id":"o1","customer_id":"c1","currency":"{}",)"
                             R"("amount":{},"lines":[]}})",
                             currency, amount));
  }

  base::Dictionary names_;
  JsonDecoder decoder_{names_, Pseudonymizer(Pseudonymizer::published_key()), std::nullopt};
  EventBatch batch_;
};

TEST_F(JsonDecoderTest, what_a_reason_quotes_names_nobody) {
  for (
      const char* line :
      {R"({"specversion":"1.0","id":"e","source":"/s","type":"a@mail.example","time":"2026-01-02T03:04:05Z","data":{}})",
       R"({"specversion":"1.0","id":"e","source":"/s","type":"order.paid","time":"a@mail.example","data":{"order_id":"o"}})",
       R"({"specversion":"1.0","id":"e","source":"/s","type":"stock.moved","time":"2026-01-02T03:04:05Z","data":{"sku":"a","warehouse":"w","qty":1,"reason":"a@mail.example"}})"}) {
    const std::string said = outcome(line);
    EXPECT_EQ(said.find("a@mail"), std::string::npos) << said;
    EXPECT_NE(said.find("[email]"), std::string::npos) << said;
  }
}

TEST_F(JsonDecoderTest, every_field_of_an_order_is_decoded) {
  decode(event("order.placed",
               R"({"order_id":"o1","customer_id":"c1","channel":"app","warehouse":"仓1",)"
               R"("promised_at":"2026-01-04T00:00:00+08:00","currency":"CNY","amount":30.5,)"
               R"("lines":[{"sku":"A","qty":2,"price":10.25},{"line_no":7,"sku":"B","qty":1,)"
               R"("price":10}]})"));
  const EventRow& row = batch_.rows.at(0);
  ASSERT_FALSE(row.refused);
  const auto field = [&](std::string_view name) {
    return batch_.field(row, field_at(EventKind::kOrderPlaced, name));
  };
  EXPECT_EQ(row.kind, EventKind::kOrderPlaced);
  EXPECT_EQ(batch_.text(row.id), "e1");
  EXPECT_EQ(names_.text(row.source), "/shop");
  EXPECT_EQ(batch_.text(field("order_id")), "o1");
  EXPECT_EQ(names_.text(static_cast<uint32_t>(field("warehouse"))), "仓1");
  EXPECT_EQ(field("region"), kAbsent);
  EXPECT_EQ(field("amount"), 3050);
  EXPECT_EQ(row.currency.code(), "CNY");
  EXPECT_EQ(base::format_rfc3339({field("promised_at")}), "2026-01-03T16:00:00Z");
  const auto lines = batch_.line_span(field("lines"));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].line_no, 1);
  EXPECT_EQ(lines[0].qty, 2);
  EXPECT_EQ(lines[0].price_minor, 1025);
  EXPECT_EQ(lines[1].line_no, 7);
  EXPECT_EQ(names_.text(lines[1].sku), "B");
}

TEST_F(JsonDecoderTest, a_personal_id_is_never_kept) {
  decode(event("behavior.searched",
               R"({"customer_id":"ana","query":"call +4915112345678 for shoes"})"));
  const EventRow& row = batch_.rows.at(0);
  const auto customer =
      batch_.text(batch_.field(row, field_at(EventKind::kBehaviorSearched, "customer_id")));
  EXPECT_EQ(customer.size(), 32U);
  EXPECT_EQ(customer.find("ana"), std::string_view::npos);
  EXPECT_EQ(batch_.text(batch_.field(row, field_at(EventKind::kBehaviorSearched, "query"))),
            "call [phone] for shoes");
}

TEST_F(JsonDecoderTest, the_reason_for_a_refusal_is_exact) {
  const std::pair<std::string, std::string> cases[] = {
      {"{", "rejected not_json"},
      {"[]", "rejected not_an_object: expected an event, found an array"},
      {"\"\xff\"", "rejected not_utf8"},
      {std::string(70, '['), "rejected"},
      {R"({"a":1e400})", "rejected bad_number"},
      {R"({"id":"1"})", "rejected missing_field: source: missing or empty"},
      {R"({"source":"s"})", "rejected missing_field: id: missing or empty"},
      {R"({"source":"s","id":7})", "rejected wrong_type: id: expected a string, found a number"},
      {R"({"source":"s","id":"1","id":"2"})", "rejected duplicate_key: id: given twice"},
      {R"({"source":"s","id":"1","x":1,"y":2,"x":3})", "rejected duplicate_key: x: given twice"},
      {R"({"source":"s","id":"1","specversion":"0.3"})",
       "rejected bad_specversion: specversion: write \"1.0\""},
      {event("order.eaten", "{}"), "rejected unknown_type: type: there is no event type"},
      {event("order.paid", "7"), "rejected wrong_type: data: expected an object, found a number"},
      {event("order.paid", "{}"), "rejected missing_field: data.order_id: missing"},
      {event("order.paid", R"({"order_id":null})"), "rejected missing_field: data.order_id"},
      {event("order.paid", R"({"order_id":"a","order_id":"b"})"), "rejected duplicate_key"},
      {event("order.paid", R"({"order_id":"a\u0000b"})"), "rejected bad_text: order_id: has"},
      {event("order.paid", R"({"order_id":"a","inferred":1})"),
       "rejected wrong_type: data.inferred: expected true or false, found a number"},
      {placed("\"12\""), "rejected wrong_type: data.amount: expected a number, found a string"},
      {placed("12.345"), "rejected too_many_decimals: data.amount: 12.345 has more than the 2"},
      {placed("1.5", "JPY"), "rejected too_many_decimals"},
      {placed("1e15"), "rejected amount_too_large"},
      {placed("-1"), "quarantined out_of_range: data.amount"},
      {placed("1", "RMB"), "quarantined unknown_currency: data.currency: \"RMB\" is no ISO 4217"},
      {event("stock.level", R"({"sku":"A","warehouse":"W","on_hand":-3})"),
       "quarantined out_of_range: data.on_hand: -3 is not from 0 to"},
      {event("stock.level", R"({"sku":"A","warehouse":"W","on_hand":3.5})"),
       "rejected wrong_type: data.on_hand: expected a whole number, found 3.5"},
      {event("stock.moved", R"({"sku":"A","warehouse":"W","qty":1,"reason":"theft"})"),
       "rejected wrong_type: data.reason: \"theft\" is none of: receipt issue adjust"},
      {event("feedback.rated", R"({"score":6})"), "quarantined out_of_range: data.score"},
      {event("metric.sample", R"({"name":"t","value":"hot"})"), "rejected wrong_type: data.value"},
      {event("metric.sample", R"({"name":"t","value":1,"labels":{"a":1}})"),
       "rejected wrong_type: data.labels: expected texts as values, found a number"},
  };
  for (const auto& [line, expected] : cases) {
    EXPECT_EQ(outcome(line).substr(0, expected.size()), expected) << line;
  }
  EXPECT_EQ(batch_.rows.size(), std::size(cases));
}

TEST_F(JsonDecoderTest, lines_are_checked_one_by_one) {
  const auto order = [&](std::string_view lines) {
    return event(
        "order.placed",
        fmt::format(R"({{"order_id":"o","customer_id":"c","amount":1,"lines":{}}})", lines));
  };
  EXPECT_EQ(outcome(order("[]")), "accepted");
  EXPECT_EQ(outcome(order(R"([{"sku":"A","qty":1}])")),
            "rejected missing_field: data.lines[0].price: missing");
  EXPECT_EQ(outcome(order(R"([{"sku":"A","qty":0,"price":1}])")),
            "quarantined bad_line: data.lines[0].qty: 0 is not from 1 to 1000000000");
  EXPECT_EQ(outcome(order(R"([{"sku":"A","qty":1,"price":1},3])")),
            "rejected wrong_type: data.lines: expected an object for each line, found a number");
}

TEST_F(JsonDecoderTest, lines_have_the_limits_of_any_object) {
  const auto step = [&](std::string_view line) {
    return event("order.shipped", fmt::format(R"({{"order_id":"o","lines":[{}]}})", line));
  };
  EXPECT_EQ(outcome(step(R"({"sku":"A","qty":1,"x":1,"x":2})")),
            "rejected duplicate_key: data.lines.x: given twice");
  EXPECT_EQ(outcome(step(R"({"sku":null,"qty":1})")),
            "rejected missing_field: data.lines[0].sku: missing");
  EXPECT_EQ(outcome(step(R"({"sku":"A","qty":1,"line_no":1e18})")),
            "quarantined bad_line: data.lines[0].line_no: 9007199254740992 is not from 0 to "
            "1000000000");
  std::string wide = R"({"sku":"A","qty":1)";
  for (size_t i = 2; i < kKeysMax; ++i) wide += fmt::format(R"(,"k{}":0)", i);
  EXPECT_EQ(outcome(step(wide + "}")), "accepted");
  EXPECT_EQ(outcome(step(wide + R"(,"last":0})")),
            "rejected too_long: data.lines[0]: more than 512 fields");
}

TEST_F(JsonDecoderTest, a_promotion_that_ends_before_it_starts_is_quarantined) {
  const auto promotion = [&](std::string_view ends) {
    return event("promotion.planned",
                 fmt::format(R"({{"promotion_id":"p","starts_at":"2026-01-02T00:00:00Z",)"
                             R"("ends_at":"{}"}})",
                             ends));
  };
  EXPECT_EQ(outcome(promotion("2026-01-02T00:00:00Z")), "accepted");
  EXPECT_EQ(outcome(promotion("2026-01-01T23:59:59Z")),
            "quarantined ends_before_start: data.ends_at: before data.starts_at");
}

TEST_F(JsonDecoderTest, the_price_of_a_step_is_left_to_the_order) {
  const auto step = [&](std::string_view price) {
    return event(
        "order.shipped",
        fmt::format(R"({{"order_id":"o","lines":[{{"sku":"A","qty":1,"price":{}}}]}})", price));
  };
  EXPECT_EQ(outcome(step("12.5")), "accepted");
  EXPECT_EQ(batch_.lines.at(0).price_minor, kAbsent);
  EXPECT_EQ(outcome(step("-1")), "quarantined bad_line: data.lines.price: below 0");
}

TEST_F(JsonDecoderTest, a_detail_is_one_line_of_utf8_whatever_was_sent) {
  EXPECT_EQ(outcome(event("order.paid", R"({"order_id":"o","a\nb":1,"a\nb":2})")),
            "rejected duplicate_key: data.a b: given twice");
  std::string reason;
  for (int i = 0; i < 90; ++i) reason += "仓";  // 270 bytes: a cut at 256 would split a letter
  const auto said = outcome(event("stock.moved", fmt::format(R"({{"reason":"{}"}})", reason)));
  EXPECT_EQ(said, "rejected wrong_type: data.reason: \"" + reason.substr(0, 255) +
                      "...\" is none of: receipt issue adjust transfer damage");
}

TEST_F(JsonDecoderTest, numbers_that_are_whole_are_integers_however_they_are_written) {
  EXPECT_EQ(outcome(event("stock.level", R"({"sku":"A","warehouse":"W","on_hand":1e3})")),
            "accepted");
  EXPECT_EQ(batch_.field(batch_.rows.at(0), field_at(EventKind::kStockLevel, "on_hand")), 1000);
}

TEST_F(JsonDecoderTest, the_payload_is_what_is_known_whatever_the_order_and_the_unknown) {
  decode(event("order.paid", R"({"order_id":"o","carrier":"sf"})"));
  decode(event("order.paid", R"({"carrier":"sf","colour":"red","order_id":"o"})"));
  decode(event("order.paid", R"({"order_id":"o","carrier":"yto"})"));
  EXPECT_EQ(batch_.rows[0].payload_hash, batch_.rows[1].payload_hash);
  EXPECT_NE(batch_.rows[0].payload_hash, batch_.rows[2].payload_hash);
  EXPECT_EQ(batch_.rows[0].id_hash, batch_.rows[2].id_hash);
  EXPECT_EQ(batch_.unknown_fields, 1U);
}

TEST_F(JsonDecoderTest, labels_are_one_name_whatever_their_order) {
  decode(event("metric.sample", R"({"name":"t","value":1,"labels":{"b":"2","a":"\"1\""}})"));
  const auto labels = batch_.field(batch_.rows[0], field_at(EventKind::kMetricSample, "labels"));
  EXPECT_EQ(names_.text(static_cast<uint32_t>(labels)), R"({"a":"\"1\"","b":"2"})");
}

TEST_F(JsonDecoderTest, an_amount_without_a_currency_is_in_the_base_whatever_came_before) {
  decode(placed("1", "BRL"));
  const auto payment =
      event("payment.authorized", R"({"order_id":"o1","amount":1,"method":"card"})");
  decode(payment);
  EXPECT_EQ(batch_.rows[1].currency.code(), "CNY");
  JsonDecoder euros(names_, Pseudonymizer(Pseudonymizer::published_key()),
                    base::Currency::find("EUR"));
  euros.decode(payment + std::string(64, ' '), batch_);
  EXPECT_EQ(batch_.rows[2].currency.code(), "EUR");
}

TEST_F(JsonDecoderTest, a_line_beyond_the_limit_is_one_rejected_row) {
  decoder_.refuse_too_long("{\"spec", batch_);
  ASSERT_EQ(batch_.rows.size(), 1U);
  EXPECT_EQ(batch_.refusals[0].refusal.reason, Reason::kTooLong);
  EXPECT_EQ(batch_.text(batch_.refusals[0].raw), "{\"spec");
}

TEST_F(JsonDecoderTest, every_truncation_of_a_good_event_is_one_refusal) {
  const std::string good = event("order.paid", R"({"order_id":"o1","carrier":"sf"})");
  for (size_t size = 1; size < good.size(); ++size) {
    EXPECT_NE(outcome(good.substr(0, size)), "accepted") << size;
  }
  EXPECT_EQ(outcome(good), "accepted");
}

}  // namespace
}  // namespace purvey::event
