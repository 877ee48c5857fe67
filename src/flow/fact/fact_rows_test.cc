#include "flow/fact/fact_rows.h"

#include <gtest/gtest.h>

#include <string>

#include "event/json_decoder.h"

namespace purvey::flow {
namespace {

class FactRowsTest : public testing::Test {
 protected:
  void given(std::string_view type, std::string_view data) {
    std::string line = R"({"specversion":"1.0","id":"e","source":"/s","type":")" +
                       std::string(type) + R"(","time":"2026-01-02T03:04:05Z","data":)" +
                       std::string(data) + "}";
    const size_t size = line.size();
    line.append(64, ' ');
    decoder_.decode(std::string_view(line).substr(0, size), batch_);
    const auto& row = batch_.rows.back();
    ASSERT_FALSE(row.refused) << batch_.refusals[row.row].refusal.detail;
    facts_.add(batch_, row, 17);
  }

  /// The only row of a table, cell by cell.
  std::string row_of(store::TableId table, size_t row = 0) {
    const auto& buffer = facts_.buffer(table);
    std::string out;
    const auto columns = store::table_spec(table).columns;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) out += '|';
      if (buffer.is_null(i, row)) continue;
      const int64_t cell = buffer.cells(i)[row];
      switch (columns[i].type) {
        case store::ColumnType::kText:
          out += buffer.text_at(i, row);
          break;
        case store::ColumnType::kTimestamp:
          out += base::format_rfc3339({cell});
          break;
        case store::ColumnType::kNumber:
          out += std::to_string(std::bit_cast<double>(cell));
          break;
        default:
          out += std::to_string(cell);
      }
    }
    return out;
  }

  base::Dictionary names_;
  event::JsonDecoder decoder_{names_, event::Pseudonymizer(event::Pseudonymizer::published_key()),
                              std::nullopt};
  event::EventBatch batch_;
  FactRows facts_{names_};
};

using enum store::TableId;

TEST_F(FactRowsTest, an_order_is_a_head_and_its_lines) {
  given("order.placed",
        R"({"order_id":"o1","customer_id":"c","region":"SP","currency":"BRL","amount":12.5,)"
        R"("lines":[{"sku":"A","qty":2,"price":5},{"sku":"A","qty":1,"price":2.5}]})");
  const std::string head = row_of(kOrderHead);
  EXPECT_EQ(head.substr(0, 6), "17|o1|");
  EXPECT_EQ(head.substr(head.find("||SP")), "||SP||125000|BRL|2026-01-02T03:04:05Z|");
  EXPECT_EQ(facts_.buffer(kOrderLine).rows(), 2U);
  EXPECT_EQ(row_of(kOrderLine, 0), "17|o1|1|A|2|50000|BRL");
  EXPECT_EQ(row_of(kOrderLine, 1), "17|o1|2|A|1|25000|BRL");
}

TEST_F(FactRowsTest, a_step_says_what_and_for_how_many_units) {
  given("order.shipped",
        R"({"order_id":"o1","carrier":"sf","lines":[{"sku":"A","qty":2},{"sku":"B","qty":3}]})");
  EXPECT_EQ(row_of(kOrderStep), "17|o1|shipped|2026-01-02T03:04:05Z||sf|||0|5");
}

TEST_F(FactRowsTest, words_choices_and_renamed_fields_find_their_columns) {
  given("payment.failed", R"({"order_id":"o","amount":3,"method":"card","latency_ms":7.5})");
  EXPECT_EQ(row_of(kPayment), "17|o|2026-01-02T03:04:05Z|failed|30000|CNY|card|7.500000|");
  given("stock.moved", R"({"sku":"A","warehouse":"W","qty":-4,"reason":"damage"})");
  EXPECT_EQ(row_of(kStockMove), "17|A|W|2026-01-02T03:04:05Z|-4|damage||||CNY|");
  given("transfer.sent", R"({"transfer_id":"t","sku":"A","from":"W1","to":"W2","qty":1})");
  EXPECT_EQ(row_of(kTransferStep), "17|t|sent|2026-01-02T03:04:05Z|A|W1|W2|1|");
  given("change.made", R"({"kind":"price","object":"A","after":"5"})");
  EXPECT_EQ(row_of(kChange), "17|price|A|2026-01-02T03:04:05Z||5");
}

TEST_F(FactRowsTest, reference_data_keeps_its_fields_as_an_object) {
  given("catalog.sku", R"({"sku":"A","brand":"b\"q","cost":1.5,"moq":3,"weight_kg":0.25})");
  EXPECT_EQ(row_of(kCatalog),
            "17|sku|A|2026-01-02T03:04:05Z|"
            R"({"brand":"b\"q","cost":1.50,"moq":3,"weight_kg":0.25})");
}

TEST_F(FactRowsTest, every_event_kind_fills_whole_rows) {
  EXPECT_EQ(facts_.rows(), 0U);
  given("service.span",
        R"({"service":"s","trace_id":"t","span_id":"i","name":"n","duration_ms":3})");
  given("metric.sample", R"({"name":"t","value":1.5,"labels":{"a":"b"}})");
  given("shipment.position", R"({"shipment_id":"s","lat":31.2,"lon":121.5})");
  given("behavior.viewed", R"({"customer_id":"c","sku":"A"})");
  given(
      "promotion.planned",
      R"({"promotion_id":"p","starts_at":"2026-02-01T00:00:00Z","ends_at":"2026-02-02T00:00:00Z"})");
  EXPECT_EQ(facts_.rows(), 5U);
  EXPECT_EQ(facts_.take().size(), 5U);
  EXPECT_EQ(facts_.rows(), 0U);
}

}  // namespace
}  // namespace purvey::flow
