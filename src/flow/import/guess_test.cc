#include <gtest/gtest.h>

#include "flow/import/column_profile.h"
#include "flow/import/import_fixture.h"
#include "flow/import/import_map.h"

namespace purvey::flow {
namespace {

using GuessedMap = ImportFixture;

TEST_F(GuessedMap, of_an_invoice_table_imports_it) {
  write(
      "sales.csv",
      "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
      "1,a,2,12/13/10 8:26,2.55,7,UK\n1,b,1,12/13/10 8:26,1,7,UK\n2,a,1,12/14/10 9:00,2.5,8,FR\n");
  const auto draft = guess_map(folder_ / "in/sales.csv");
  ASSERT_TRUE(draft) << draft.error().message;
  map(*draft);
  EXPECT_EQ(import().json(), R"({"files":1,"rows":3,"mapped":3,"rejected":0,"events":2})");
  EXPECT_NE(
      events()[0].find(
          R"("time":"2010-12-13T08:26:00Z","data":{"order_id":"1","customer_id":"7","region":"UK","currency":"EUR","amount":6.1,)"),
      std::string::npos)
      << events()[0];
}

TEST_F(GuessedMap, of_a_chinese_file_in_gb18030_imports_it) {
  // 订单号;客户;下单时间;发货时间;金额
  write("o.csv",
        "\xB6\xA9\xB5\xA5\xBA\xC5;\xBF\xCD\xBB\xA7;\xCF\xC2\xB5\xA5\xCA\xB1\xBC\xE4;"
        "\xB7\xA2\xBB\xF5\xCA\xB1\xBC\xE4;\xBD\xF0\xB6\xEE\n"
        "1;\xC0\xEE\xCB\xC4;2026/1/2 08:00;2026/1/3 08:00;1.234,50\n"
        "2;\xD5\xC5\xC8\xFD;2026/1/2 09:00;;3,00\n");
  const auto draft = guess_map(folder_ / "in/o.csv");
  ASSERT_TRUE(draft) << draft.error().message;
  map(*draft);
  ASSERT_EQ(import().json(), R"({"files":1,"rows":2,"mapped":2,"rejected":0,"events":3})");
  EXPECT_NE(events()[0].find(R"("customer_id":"李四","currency":"EUR","amount":1234.5)"),
            std::string::npos)
      << events()[0];
  EXPECT_NE(events()[2].find("order.shipped"), std::string::npos);
}

TEST_F(GuessedMap, loads_whatever_the_columns_are_called) {
  for (const char* text :
       {"a\n", "{x},\"a\"\"b\\c\"\n1,2\n", "\"two\nlines\",,\n1,2,3\n", "date\nN/A\n"}) {
    write("odd.csv", text);
    const auto draft = guess_map(folder_ / "in/odd.csv");
    ASSERT_TRUE(draft) << draft.error().message;
    const auto map = parse_import_map(*draft, "draft");
    EXPECT_TRUE(map) << map.error().message << "\n" << *draft;
  }
  write("empty.csv", "");
  EXPECT_FALSE(guess_map(folder_ / "in/empty.csv"));
}

TEST(ColumnProfile, tells_numbers_times_and_the_words_among_them_that_mean_nothing) {
  using Kind = ColumnProfile::Kind;
  struct Case {
    std::vector<std::string> cells;
    Kind kind;
    std::vector<std::string> patterns;
    std::vector<std::string> missing;
  };
  const Case cases[] = {
      {{"1", "", "20"}, Kind::kWhole, {}, {}},
      {{"1.5", "NULL"}, Kind::kDecimal, {}, {"NULL"}},
      {{"1.234,5", "2"}, Kind::kDecimal, {}, {}},
      {{"a", "b"}, Kind::kText, {}, {}},
      {{"", ""}, Kind::kEmpty, {}, {}},
      {{"2026-01-02", "N/A", "3.2.2026"}, Kind::kTime, {"%Y-%m-%d", "%d.%m.%Y"}, {"N/A"}},
      {{"13/1/2026", "1/2/2026"}, Kind::kTime, {"%d/%m/%Y"}, {}},
      {{"1/13/2026", "1/2/2026"}, Kind::kTime, {"%m/%d/%Y"}, {}},
  };
  for (const Case& one : cases) {
    const auto profile = profile_column("c", one.cells);
    EXPECT_EQ(profile.kind, one.kind) << one.cells[0];
    EXPECT_EQ(profile.patterns, one.patterns) << one.cells[0];
    EXPECT_EQ(profile.missing, one.missing) << one.cells[0];
  }
  EXPECT_TRUE(profile_column("c", {"1/2/2026", "3/4/2026"}).day_month_unsure);
  EXPECT_TRUE(profile_column("c", {"a", "b", "a"}).repeats);
}

TEST(ColumnRole, is_told_by_the_name_and_has_to_fit_the_cells) {
  const auto role = [](const char* name, const char* cell) {
    return guess_role(profile_column(name, {cell}));
  };
  EXPECT_EQ(role("订单编号", "1"), ColumnRole::kOrder);
  EXPECT_EQ(role("下单时间", "2026-01-02"), ColumnRole::kPlaced);
  EXPECT_EQ(role("下单时间", "soon"), ColumnRole::kNone);
  EXPECT_EQ(role("order_delivered_carrier_date", "2026-01-02"), ColumnRole::kShipped);
  EXPECT_EQ(role("Unit Price", "2.5"), ColumnRole::kPrice);
  EXPECT_EQ(role("Kunde", "Anna"), ColumnRole::kCustomer);
  EXPECT_EQ(role("colour", "red"), ColumnRole::kNone);
}

}  // namespace
}  // namespace purvey::flow
