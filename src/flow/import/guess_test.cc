#include <gtest/gtest.h>

#include "flow/import/column_profile.h"
#include "flow/import/guessed_formats.h"
#include "flow/import/import_fixture.h"
#include "flow/import/import_map.h"

namespace purvey::flow {
namespace {

class GuessedMap : public ImportFixture {
 protected:
  /// Drafts a map for the text and imports the text with it.
  ImportSummary import_guessed(const std::string& text) {
    write("orders.csv", text);
    const auto draft = guess_map(folder_ / "in/orders.csv");
    EXPECT_TRUE(draft) << draft.error().message;
    if (!draft) return {};
    draft_ = *draft;
    map(draft_);
    return import();
  }
  bool drafted(std::string_view line) const { return draft_.find(line) != std::string::npos; }
  bool event_has(size_t event, std::string_view text) const {
    return events().at(event).find(text) != std::string::npos;
  }

  std::string draft_;
};

/// As a user fills in what could not be guessed.
std::string filled_in(std::string draft) {
  for (size_t at = 0; (at = draft.find("\"{}\"")) != std::string::npos;) {
    draft.replace(at, 4, "\"1\"");
  }
  return draft;
}

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
    const auto unfilled = parse_import_map(*draft, "draft");
    ASSERT_FALSE(unfilled) << *draft;
    EXPECT_NE(unfilled.error().message.find("event[1].time: an empty column name, to be filled in"),
              std::string::npos)
        << unfilled.error().message;
    const auto map = parse_import_map(filled_in(*draft), "draft");
    EXPECT_TRUE(map) << map.error().message << "\n" << *draft;
  }
  write("empty.csv", "");
  EXPECT_FALSE(guess_map(folder_ / "in/empty.csv"));
}

TEST_F(GuessedMap, declares_no_bad_value_missing) {
  const auto summary = import_guessed(
      "Nr;Kunde;Datum;Versandt;Betrag\n"
      "1;Anna;01.02.2026 11:40;02.02.2026 09:00;4,50\n"
      "2;Ben;31.02.2026 11:40;N/A;4,50\n"
      "3;Cleo;03.02.2026 11:40;x;oops\n");
  EXPECT_TRUE(drafted("missing = [\"N/A\"]")) << draft_;
  EXPECT_TRUE(drafted("but also [\"31.02.2026 11:40\"]")) << draft_;
  EXPECT_EQ(summary.events, 2U);  // the first order, placed and shipped
  EXPECT_EQ(rejected(),
            (std::vector<std::string>{
                "orders.csv,3,a time in none of the patterns of dates,Datum,31.02.2026 11:40",
                "orders.csv,4,no number,Betrag,oops",
            }));
}

TEST_F(GuessedMap, tells_a_comma_that_groups_thousands_from_a_decimal_one) {
  EXPECT_EQ(import_guessed("order,customer,date,total\n1,a,2026-01-02,\"1,234.50\"\n"
                           "2,b,2026-01-03,5.00\n")
                .events,
            2U);
  EXPECT_TRUE(drafted("thousands = \",\"\n")) << draft_;
  EXPECT_TRUE(event_has(0, R"("amount":1234.5,)"));
  import_guessed("order;customer;date;total\n1;a;2026-01-02;1,234\n2;b;2026-01-03;2,500\n");
  EXPECT_TRUE(drafted("thousands = \",\"   # if it is the decimal mark: ")) << draft_;
  import_guessed("order;customer;date;total;weight\n1;a;2026-01-02;1,234;0,5\n");
  EXPECT_TRUE(drafted("decimal = \",\"\nthousands = \".\"\n")) << draft_;
}

TEST_F(GuessedMap, of_one_row_per_order_counts_the_quantity) {
  const auto summary = import_guessed(
      "order_id,customer,order_date,sku,quantity,price\n"
      "1,a,2026-01-02,tea,3,4.50\n2,b,2026-01-03,cup,1,12\n");
  EXPECT_EQ(summary.events, 2U);
  EXPECT_TRUE(
      event_has(0, R"("amount":13.5,"lines":[{"sku":"tea","qty":3,"price":4.5}])"))  // 3 x 4.5
      << events()[0];
  EXPECT_TRUE(drafted("it is a line of its order")) << draft_;
  EXPECT_FALSE(drafted("another file")) << draft_;
  // What the customer paid is better than a product of ours.
  import_guessed(
      "order_id,customer,order_date,sku,quantity,price,total\n1,a,2026-01-02,tea,3,4,11\n");
  EXPECT_TRUE(event_has(0, R"("amount":11,"lines":[{"sku":"tea","qty":3,"price":4}])"));
  // Without a product there can be no lines, but there is an amount.
  import_guessed("order_id,customer,order_date,quantity,price\n1,a,2026-01-02,3,4.50\n");
  EXPECT_TRUE(event_has(0, R"("amount":13.5,"lines":[])")) << events()[0];
  EXPECT_TRUE(drafted("no column was recognised as product (sku);")) << draft_;
  import_guessed("order_id,customer,order_date,price\n1,a,2026-01-02,4.50\n");
  EXPECT_TRUE(drafted("# the price of one: no column was recognised as quantity")) << draft_;
}

TEST_F(GuessedMap, of_an_american_file_imports_it) {
  const auto summary = import_guessed(
      "Order ID,Customer,Order Date,Ship Date,Order Total\n"
      "7,Ann,1/13/2026 3:05 PM,1/14/2026,\"$1,200.00\"\n"
      "8,Bob,2/1/2026 12:10 AM,,$5\n");
  EXPECT_EQ(summary.json(), R"({"files":1,"rows":2,"mapped":2,"rejected":0,"events":3})") << draft_;
  EXPECT_TRUE(event_has(0, R"("time":"2026-01-13T15:05:00Z")")) << events()[0];
  EXPECT_TRUE(event_has(0, R"("currency":"USD","amount":1200,)")) << events()[0];
  EXPECT_TRUE(event_has(1, "order.shipped")) << events()[1];
  EXPECT_TRUE(event_has(2, R"("time":"2026-02-01T00:10:00Z")")) << events()[2];
}

TEST_F(GuessedMap, of_a_file_without_a_time_or_an_amount_is_refused_until_it_is_filled_in) {
  write("orders.csv", "order,customer,when\n1,a,soon\n");
  const auto draft = guess_map(folder_ / "in/orders.csv");
  ASSERT_TRUE(draft);
  EXPECT_NE(draft->find("time = \"{}\"   # FILL IN: no column was recognised as time of the order"),
            std::string::npos)
      << *draft;
  EXPECT_NE(draft->find("amount = \"{}\"   # FILL IN: no column was recognised as amount"),
            std::string::npos);
  map(*draft);
  const auto refused = run_import(options());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalidInput);
  EXPECT_NE(refused.error().message.find(
                "event[1].time: an empty column name, to be filled in; write \"{order_id}\""),
            std::string::npos)
      << refused.error().message;
}

TEST(GuessedFormats, columns_that_are_sure_of_the_day_decide_for_the_others) {
  const auto guessed = [](const std::vector<std::vector<std::string>>& columns) {
    std::vector<ColumnProfile> profiles;
    for (const auto& cells : columns) profiles.push_back(profile_column("c", cells));
    return guess_formats(profiles);
  };
  using Lines = std::vector<std::string>;
  const auto alone = guessed({{"1/2/2026"}});
  EXPECT_EQ(alone.dates, (Lines{"%m/%d/%Y"}));
  EXPECT_TRUE(alone.day_month_unsure);
  const auto decided = guessed({{"1/2/2026"}, {"13/1/2026 3:05:09 PM"}});
  EXPECT_EQ(decided.dates, (Lines{"%d/%m/%Y %I:%M:%S %p", "%d/%m/%Y"}));
  EXPECT_FALSE(decided.day_month_unsure || decided.day_month_mixed);
  EXPECT_TRUE(guessed({{"13/1/2026"}, {"1/13/2026"}}).day_month_mixed);
  EXPECT_TRUE(guessed({{"13/1/2026", "1/13/2026"}}).day_month_mixed);
  EXPECT_FALSE(guessed({{"13.1.2026"}, {"2026-01-02"}}).day_month_mixed);
}

TEST(GuessedFormats, one_money_sign_is_taken_and_others_are_named) {
  const auto formats = guess_formats(
      {profile_column("a", {"$5", "-$1,000.50", "x"}), profile_column("b", {"5 €", "7 €", "8"})});
  EXPECT_EQ(formats.numbers.sign, "$");
  EXPECT_EQ(formats.numbers.thousands, ',');
  EXPECT_EQ(formats.other_signs, (std::vector<std::string_view>{"€"}));
  EXPECT_EQ(profile_column("c", {"US$5", "7 US$"}).sign, "US$");
  EXPECT_EQ(profile_column("c", {"$5 off", "$"}).kind, ColumnProfile::Kind::kText);
}

TEST(ColumnProfile, tells_numbers_and_times_from_words_for_nothing_and_other_words) {
  using Kind = ColumnProfile::Kind;
  struct Case {
    std::vector<std::string> cells;
    Kind kind;
    std::vector<std::string> patterns;
    std::vector<std::string> missing;
    std::vector<std::string> others;
  };
  const Case cases[] = {
      {{"1", "", "20"}, Kind::kWhole, {}, {}, {}},
      {{"1.5", "NULL", "无", "oops"}, Kind::kDecimal, {}, {"NULL", "无"}, {"oops"}},
      {{"1.234,5", "2"}, Kind::kDecimal, {}, {}, {}},
      {{"1,234.50", "2.00"}, Kind::kDecimal, {}, {}, {}},
      {{"$1,234.50", "£2"}, Kind::kDecimal, {}, {}, {"£2"}},
      {{"a", "b"}, Kind::kText, {}, {}, {}},
      {{"NULL", "-"}, Kind::kText, {}, {}, {}},
      {{"", ""}, Kind::kEmpty, {}, {}, {}},
      {{"2026-01-02", "N/A", "3.2.2026", "31.2.2026"},
       Kind::kTime,
       {"%Y-%m-%d", "%d.%m.%Y"},
       {"N/A"},
       {"31.2.2026"}},
      {{"13/1/2026", "1/2/2026"}, Kind::kTime, {"%d/%m/%Y"}, {}, {}},
      {{"1/13/2026", "1/2/2026"}, Kind::kTime, {"%m/%d/%Y"}, {}, {}},
      {{"1/13/2026 3:05 PM"}, Kind::kTime, {"%m/%d/%Y %I:%M %p"}, {}, {}},
      {{"1/13/2026, 3:05:09 pm"}, Kind::kTime, {"%m/%d/%Y, %I:%M:%S %p"}, {}, {}},
      {{"13/1/2026 3:05:09PM"}, Kind::kTime, {"%d/%m/%Y %I:%M:%S%p"}, {}, {}},
      {{"1/13/26 15:05"}, Kind::kTime, {"%m/%d/%y %H:%M"}, {}, {}},
      {{"Jan 13, 2026"}, Kind::kTime, {"%b %d, %Y"}, {}, {}},
  };
  for (const Case& one : cases) {
    const auto profile = profile_column("c", one.cells);
    EXPECT_EQ(profile.kind, one.kind) << one.cells[0];
    EXPECT_EQ(profile.patterns, one.patterns) << one.cells[0];
    EXPECT_EQ(profile.missing, one.missing) << one.cells[0];
    EXPECT_EQ(profile.others, one.others) << one.cells[0];
  }
  EXPECT_TRUE(profile_column("c", {"1/2/2026", "3/4/2026"}).day_month_unsure);
  EXPECT_TRUE(profile_column("c", {"a", "b", "a"}).repeats);
  std::vector<std::string> dirty(100, "2026-01-02");
  for (const char* bad : {"a", "b", "c", "d", "e"}) dirty.insert(dirty.begin(), bad);
  const auto profile = profile_column("c", dirty);  // 5 of 105 are few
  EXPECT_EQ(profile.kind, Kind::kTime);
  EXPECT_EQ(profile.others, (std::vector<std::string>{"e", "d", "c", "b"}));
  EXPECT_EQ(profile.example, "2026-01-02");
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
  EXPECT_EQ(role("Ship Date", "2026-01-02"), ColumnRole::kShipped);
  EXPECT_EQ(role("Order Total", "5"), ColumnRole::kAmount);
  EXPECT_EQ(role("Order Number", "5"), ColumnRole::kOrder);
  EXPECT_EQ(role("colour", "red"), ColumnRole::kNone);
}

}  // namespace
}  // namespace purvey::flow
