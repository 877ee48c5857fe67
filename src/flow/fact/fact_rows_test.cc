#include "flow/fact/fact_rows.h"

#include <gtest/gtest.h>

#include <string>

#include "event/json_decoder.h"
#include "flow/fact/pending_rows.h"

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

  int tables_with_rows() const {
    int tables = 0;
    for (const auto& buffer : facts_.buffers()) tables += buffer.rows() > 0 ? 1 : 0;
    return tables;
  }

  /// The only row of a table, cell by cell.
  std::string row_of(store::TableId table, size_t row = 0) {
    const auto& buffer = facts_.buffers()[static_cast<size_t>(table)];
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
  EXPECT_EQ(facts_.buffers()[static_cast<size_t>(kOrderLine)].rows(), 2U);
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
  given("service.span",
        R"({"service":"s","trace_id":"t","span_id":"i","name":"n","duration_ms":3})");
  given("metric.sample", R"({"name":"t","value":1.5,"labels":{"a":"b"}})");
  given("shipment.position", R"({"shipment_id":"s","lat":31.2,"lon":121.5})");
  given("behavior.viewed", R"({"customer_id":"c","sku":"A"})");
  given(
      "promotion.planned",
      R"({"promotion_id":"p","starts_at":"2026-02-01T00:00:00Z","ends_at":"2026-02-02T00:00:00Z"})");
  EXPECT_EQ(tables_with_rows(), 5);
  facts_.clear();
  EXPECT_EQ(tables_with_rows(), 0);
}

TEST_F(FactRowsTest, an_event_has_as_many_rows_as_it_is_said_to_have) {
  given("order.placed", R"({"order_id":"o","customer_id":"c","amount":3,"currency":"CNY","lines":[)"
                        R"({"sku":"A","qty":1,"price":1},{"sku":"B","qty":1,"price":2}]})");
  EXPECT_EQ(FactRows::rows_of(batch_, batch_.rows.back()), 3U);
  given("order.paid", R"({"order_id":"o"})");
  EXPECT_EQ(FactRows::rows_of(batch_, batch_.rows.back()), 1U);
  size_t rows = 0;
  for (const auto& buffer : facts_.buffers()) rows += buffer.rows();
  EXPECT_EQ(rows, 4U);
}

TEST_F(FactRowsTest, batches_that_are_held_for_few_rows_weigh_too) {
  for (int i = 0; i < 4000; ++i) given("order.paid", R"({"order_id":"o"})");
  RowCollector collector;
  for (int i = 0; i < 3; ++i) {
    collector.add_fact(std::make_shared<event::EventBatch>(batch_), 0, i);
  }
  EXPECT_EQ(collector.rows(), 3U);
  EXPECT_EQ(collector.weight(), 1500U);
  collector.take();
  EXPECT_EQ(collector.weight(), 0U);
}

TEST_F(FactRowsTest, long_texts_weigh_more_than_rows) {
  given("service.log",
        R"({"service":"s","level":"info","message":")" + std::string(60'000, 'x') + R"("})");
  RowCollector collector;
  collector.add_fact(std::make_shared<event::EventBatch>(batch_), 0, 1);
  EXPECT_EQ(collector.rows(), 1U);
  EXPECT_GE(collector.weight(), 60'000U / 4096);
  auto& letters = collector.buffer(store::TableId::kChange);
  letters.integer(1);
  letters.text("deploy");
  letters.text(std::string(600'000, 'x'));
  letters.time({});
  letters.null();
  letters.null();
  letters.end_row({});
  EXPECT_GE(collector.weight(), 660'000U / 4096);
  EXPECT_GE(collector.take().bytes, 660'000U);
  EXPECT_EQ(collector.weight(), 0U);
}

TEST_F(FactRowsTest, what_is_collected_is_taken_once) {
  given("order.placed", R"({"order_id":"o","customer_id":"c","amount":3,"currency":"CNY","lines":[)"
                        R"({"sku":"A","qty":1,"price":1},{"sku":"B","qty":1,"price":2}]})");
  const auto batch = std::make_shared<event::EventBatch>(batch_);
  RowCollector collector;
  collector.add_fact(batch, 0, 17);
  auto& quality = collector.buffer(kQuality);
  for (size_t i = 0; i < store::table_spec(kQuality).columns.size(); ++i) quality.null();
  quality.end_row({});
  EXPECT_EQ(collector.rows(), 4U);
  const PendingRows taken = collector.take();
  EXPECT_EQ(collector.rows(), 0U);
  ASSERT_EQ(taken.facts.size(), 1U);
  EXPECT_EQ(taken.facts[0].events[0].seq, 17);
  ASSERT_EQ(taken.made.size(), 1U);
  EXPECT_EQ(taken.made[0].table(), kQuality);
  EXPECT_TRUE(collector.take().facts.empty());
}

}  // namespace
}  // namespace purvey::flow
