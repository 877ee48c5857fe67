#include "flow/import/import.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "flow/import/import_fixture.h"

namespace purvey::flow {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kShopMap = R"([import]
source = "shop"
zone = "Europe/Berlin"
currency = "EUR"
dates = ["%d.%m.%Y %H:%M"]
decimal = ","
[file.orders]
match = "orders*.csv"
key = "Nr"
[file.items]
match = "items*.csv"
belongs_to = "orders"
by = "Nr"
[[event]]
type = "order.placed"
from = "orders"
id = "{Nr}/placed"
time = "{Bestellt}"
[event.data]
order_id = "{Nr}"
customer_id = "{Kunde}"
amount = { sum_of = "items", add = "{Preis}", times = "{Menge}" }
[event.data.lines]
each = "items"
sku = "{Artikel}"
qty = "{Menge}"
price = "{Preis}"
[[event]]
type = "order.shipped"
from = "orders"
id = "{Nr}/shipped"
time = "{Versandt}"
when = { column = "Status", is = "versandt" }
[event.data]
order_id = "{Nr}"
)";

class ShopImport : public ImportFixture {
 protected:
  void SetUp() override {
    ImportFixture::SetUp();
    map(kShopMap);
    write("orders.csv",
          "Nr;Kunde;Status;Bestellt;Versandt\n"
          "1001;Anna;versandt;02.01.2026 09:15;03.01.2026 14:00\n"
          "1002;Ben;offen;02.01.2026 11:40;\n");
    write("items.csv",
          "Nr;Artikel;Menge;Preis\n1001;Tee;2;4,50\n1001;Tasse;1;12,00\n1002;Tee;1;4,50\n");
  }
};

TEST_F(ShopImport, the_worked_example_of_the_docs_gives_its_three_events) {
  const auto summary = import();
  EXPECT_EQ(summary.json(), R"({"files":2,"rows":5,"mapped":5,"rejected":0,"events":3})");
  EXPECT_EQ(
      events(),
      (Lines{
          R"({"specversion":"1.0","id":"1001/placed","source":"/import/shop","type":"order.placed","time":"2026-01-02T08:15:00Z","data":{"order_id":"1001","customer_id":"Anna","currency":"EUR","amount":21,"lines":[{"sku":"Tee","qty":2,"price":4.5},{"sku":"Tasse","qty":1,"price":12}]}})",
          R"({"specversion":"1.0","id":"1002/placed","source":"/import/shop","type":"order.placed","time":"2026-01-02T10:40:00Z","data":{"order_id":"1002","customer_id":"Ben","currency":"EUR","amount":4.5,"lines":[{"sku":"Tee","qty":1,"price":4.5}]}})",
          R"({"specversion":"1.0","id":"1001/shipped","source":"/import/shop","type":"order.shipped","time":"2026-01-03T13:00:00Z","data":{"order_id":"1001"}})",
      }));
  EXPECT_EQ(rejected(), Lines{});
}

TEST_F(ShopImport, a_bad_line_is_left_out_alone_and_a_bad_order_takes_its_lines_along) {
  write("items.csv",
        "Nr;Artikel;Menge;Preis\n1001;Tee;2;4,50\n1001;Tasse;eins;12,00\n1002;Tee;1;4,50\n"
        "1001;Glas;0;1,00\n1003;Tee;1;4,50\n;Tee;1;4,50\n");
  write("orders.csv",
        "Nr;Kunde;Status;Bestellt;Versandt\n"
        "1001;Anna;offen;02.01.2026 09:15;\n"
        "1002;Ben;offen;31.02.2026 11:40;\n"
        "1001;Eve;offen;02.01.2026 11:40;\n"
        "1004;;offen;02.01.2026 11:40;\n");
  const auto summary = import();
  EXPECT_EQ(rejected(),
            (Lines{
                "orders.csv,3,a time in none of the patterns of dates,Bestellt,31.02.2026 11:40",
                "orders.csv,4,line 2 has the same key,Nr,1001",
                "orders.csv,5,customer_id of order.placed is missing,Kunde,",
                "items.csv,3,no number,Menge,eins",
                "items.csv,4,\"its row of orders, line 3, is rejected\",,",
                "items.csv,5,qty is below 1,Menge,0",
                "items.csv,6,no row of orders has this key,Nr,1003",
                "items.csv,7,no key,Nr,",
            }));
  ASSERT_EQ(events().size(), 1U);
  EXPECT_NE(events()[0].find(R"("amount":9,"lines":[{"sku":"Tee","qty":2,"price":4.5}])"),
            std::string::npos);
  EXPECT_EQ(summary.mapped, 2U);
}

TEST_F(ShopImport, the_output_is_the_same_for_any_memory) {
  std::string orders = "Nr;Kunde;Status;Bestellt;Versandt\n";
  std::string items = "Nr;Artikel;Menge;Preis\n";
  for (int i = 0; i < 20'000; ++i) {
    const auto nr = std::to_string(i * 7919 % 20'000);
    orders += nr + ";Kunde " + nr + ";versandt;" + std::to_string(i % 28 + 1) +
              ".01.2026 09:15;03.02.2026 14:00\n";
    for (int k = 0; k < i % 4; ++k) items += std::to_string(i) + ";Tee;1;4,50\n";
  }
  write("orders.csv", orders);
  write("items.csv", items);
  auto with = options();
  const auto wide = import(with);
  const auto expected = content(with.out);
  const auto expected_report = content(with.report);
  with.memory = ImportOptions::kMemoryMin;
  const auto narrow = import(with);
  EXPECT_EQ(wide.json(), narrow.json());
  EXPECT_EQ(wide.events, 30'000U);  // a quarter of the orders has no line, so no amount
  EXPECT_EQ(content(with.out), expected);
  EXPECT_EQ(content(with.report), expected_report);
}

TEST_F(ShopImport, several_files_of_one_form_are_one_table) {
  write("orders-2.csv", "Nr;Kunde;Status;Bestellt;Versandt\n2001;Cem;offen;01.01.2026 09:15;\n");
  write("items-2.csv", "Nr;Artikel;Menge;Preis\n2001;Tee;1;1\n1002;Tee;1;1\n");
  write("notes.txt", "nothing\n");
  const auto summary = import();
  EXPECT_EQ(summary.events, 4U);
  EXPECT_EQ(summary.files.size(), 4U);
  ASSERT_EQ(summary.ignored.size(), 1U);
  EXPECT_NE(events()[0].find("2001/placed"), std::string::npos);  // a day earlier
}

TEST_F(ShopImport, stopping_at_any_stage_leaves_no_output_and_no_temporary_file) {
  std::string orders = "Nr;Kunde;Status;Bestellt;Versandt\n";
  std::string items = "Nr;Artikel;Menge;Preis\n";
  for (int i = 0; i < 9'000; ++i) {
    orders += std::to_string(i) + ";Anna;offen;02.01.2026 09:15;\n";
    items += std::to_string(i) + ";Tee;1;4,50\n";
  }
  write("orders.csv", orders);
  write("items.csv", items);
  for (const auto stage : {ImportProgress::Stage::kReading, ImportProgress::Stage::kMaking,
                           ImportProgress::Stage::kWriting}) {
    auto with = options();
    bool reached = false;
    with.progress = [&](const ImportProgress& at) {
      EXPECT_LE(at.bytes, at.bytes_total);
      reached = reached || at.stage == stage;
      return at.stage != stage;
    };
    const auto stopped = run_import(with);
    ASSERT_FALSE(stopped);
    EXPECT_TRUE(reached);
    EXPECT_EQ(stopped.error().code, base::ErrorCode::kCancelled);
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      left.push_back(entry.path().filename());
    }
    std::ranges::sort(left);
    EXPECT_EQ(left, (Lines{"in", "map.toml"}));
  }
}

TEST_F(ShopImport, what_cannot_be_imported_says_what_to_do) {
  auto with = options();
  with.inputs = {folder_ / "nowhere"};
  EXPECT_EQ(run_import(with).error().message, (folder_ / "nowhere").string() + ": no such file");
  with.inputs = {folder_ / "in" / "orders.csv"};
  EXPECT_EQ(
      run_import(with).error().message,
      with.map + ":10: [file.items] has no file (items*.csv); name one, or write optional = true");
  with.inputs = {folder_ / "map.toml"};
  EXPECT_EQ(run_import(with).error().message,
            with.map + ": no [file] of " + with.map +
                " matches this name; it knows orders*.csv, items*.csv");
  write("items.csv", "Nr;Artikel;Menge\n");
  with.inputs = {folder_ / "in"};
  EXPECT_EQ(run_import(with).error().message,
            (folder_ / "in/items.csv").string() +
                ": has no column \"Preis\", which [file.items] of " + with.map +
                ":10 needs; it has Nr, Artikel, Menge");
  EXPECT_FALSE(std::filesystem::exists(with.out));
  with.out = folder_ / "no-such-folder/events.ndjson";
  EXPECT_EQ(run_import(with).error().message,
            with.out + ": cannot be made: No such file or directory");
}

TEST_F(ShopImport, a_report_that_cannot_be_written_leaves_no_events_behind) {
  auto with = options();
  int reads = 0;
  with.progress = [&](const ImportProgress&) { return ++reads > 0; };
  with.report = folder_ / "no-such-folder/rejected.csv";
  EXPECT_EQ(run_import(with).error().message,
            with.report + ": cannot be made: No such file or directory");
  EXPECT_EQ(reads, 0) << "found before any work";
  with.report = "/dev/full";  // opens, but takes nothing
  EXPECT_EQ(run_import(with).error().message,
            "/dev/full: cannot be written: No space left on device");
  EXPECT_FALSE(std::filesystem::exists(with.out));
}

TEST_F(ImportFixture,
       what_describes_a_row_gives_it_columns_and_is_rejected_if_it_describes_nothing) {
  map(R"([import]
source = "shop"
currency = "EUR"
dates = ["%F"]
[file.orders]
match = "o.csv"
[file.people]
match = "p.csv"
describes = "orders"
key = "id"
by = "customer"
[[event]]
type = "order.placed"
from = "orders"
id = "{order}"
time = "{day}"
[event.data]
order_id = "{order}"
customer_id = ["{people.name}", "{customer}"]
region = "{people.region}"
amount = "{amount}"
lines = []
)");
  write("o.csv",
        "order,customer,day,amount\n1,a,2026-01-01,5\n2,b,2026-01-02,6.25\n3,a,2026-01-03,x\n4,e,"
        "2026-01-04,x\n");
  write("p.csv", "id,name,region\na,Anna,N\nc,Cem,S\na,Other,W\ne,Eve,E\n");
  EXPECT_EQ(import().json(), R"({"files":2,"rows":8,"mapped":3,"rejected":5,"events":2})");
  EXPECT_EQ(rejected(), (Lines{
                            "o.csv,4,no number,amount,x",
                            "o.csv,5,no number,amount,x",
                            "p.csv,3,no row of orders has this key,id,c",
                            "p.csv,4,line 2 has the same key,id,a",
                            "p.csv,5,what it describes is rejected,,",
                        }));
  EXPECT_NE(events()[0].find(R"("customer_id":"Anna","region":"N")"), std::string::npos);
  EXPECT_NE(events()[1].find(R"("customer_id":"b","currency":"EUR","amount":6.25,"lines":[])"),
            std::string::npos);
}

TEST_F(ImportFixture, rows_of_one_value_make_one_order_and_repeats_and_declined_rows_are_left_out) {
  map(R"([import]
source = "shop"
currency = "GBP"
dates = ["%m/%d/%y %H:%M"]
zone = "Europe/London"
[file.sales]
match = "*.csv"
group_by = "inv"
distinct = true
[[file.sales.reject]]
when = [{ column = "qty", at_most = 0 }, { column = "inv", starts_not_with = "C" }]
reason = "stock correction"
[[event]]
type = "order.placed"
from = "sales"
id = "{inv}"
time = "{at}"
when = { column = "inv", starts_not_with = "C" }
[event.data]
order_id = "{inv}"
customer_id = ["{who}", "guest-{inv}"]
amount = { sum_of = "sales", add = "{price}", times = "{qty}" }
[event.data.lines]
each = "sales"
sku = "{sku}"
qty = "{qty}"
price = "{price}"
[[event]]
type = "order.returned"
from = "sales"
id = "{inv}"
time = "{at}"
when = { column = "inv", starts_with = "C" }
[event.data]
order_id = "{inv}"
[event.data.lines]
each = "sales"
sku = "{sku}"
qty = { value = "{qty}", negate = true }
)");
  write("s.csv",
        "inv,sku,qty,at,price,who\n"
        "1,a,2,7/1/11 8:26,2.55,w\n"
        "1,b,1,7/1/11 8:27,0.001,w\n"
        "1,a,2,7/1/11 8:26,2.55,w\n"
        "2,c,-5,7/1/11 9:00,0,\n"
        "C3,a,-2,7/2/11 9:00,2.55,w\n"
        "4,a,1,3/27/11 1:30,1,\n"
        "5,a,1,10/30/11 1:30,1,\n");
  EXPECT_EQ(import().json(), R"({"files":1,"rows":7,"mapped":3,"rejected":4,"events":3})");
  EXPECT_EQ(rejected(), (Lines{
                            "s.csv,3,price has more than 2 decimals,price,0.001",
                            "s.csv,4,\"line 2 is the same, cell for cell\",,",
                            "s.csv,5,stock correction,,",
                            "s.csv,7,a time that the clocks of its zone skipped,at,3/27/11 1:30",
                        }));
  EXPECT_NE(
      events()[0].find(
          R"("time":"2011-07-01T07:26:00Z","data":{"order_id":"1","customer_id":"w","currency":"GBP","amount":5.1,"lines":[{"sku":"a","qty":2,"price":2.55}])"),
      std::string::npos)
      << events()[0];
  EXPECT_NE(events()[1].find(R"("type":"order.returned")"), std::string::npos);
  EXPECT_NE(events()[1].find(R"([{"sku":"a","qty":2}])"), std::string::npos);
  EXPECT_NE(events()[2].find(R"("time":"2011-10-30T00:30:00Z")"), std::string::npos);
  EXPECT_NE(events()[2].find("guest-5"), std::string::npos);
}

TEST_F(ImportFixture, of_two_events_with_one_id_the_first_in_time_stays) {
  map(R"([import]
source = "x"
dates = ["%F"]
[file.a]
match = "a.csv"
[[event]]
type = "feedback.rated"
from = "a"
id = "{id}"
time = "{day}"
[event.data]
score = "{score}"
text = { join = ["{t1}", "{t2}"], with = ". " }
)");
  write("a.csv",
        "id,day,score,t1,t2\n"
        "1,2026-01-03,5,late,\n"
        "2,2026-01-02,4,\"say \"\"hi\"\"\nthere\",two\n"
        "1,2026-01-01,3,,early\t\\\n"
        "3,2026-01-01,9,,\n");
  EXPECT_EQ(import().json(), R"({"files":1,"rows":4,"mapped":2,"rejected":2,"events":2})");
  const std::string path = folder_ / "in/a.csv";
  EXPECT_EQ(rejected(),
            (Lines{
                "a.csv,2,\"an event of this id is there already, from " + path + ":5\",,1",
                "a.csv,6,score is above 5,score,9",
            }));
  EXPECT_EQ(
      events()[0],
      R"({"specversion":"1.0","id":"1","source":"/import/x","type":"feedback.rated","time":"2026-01-01T00:00:00Z","data":{"score":3,"text":"early\t\\"}})");
  EXPECT_NE(events()[1].find(R"("text":"say \"hi\"\nthere. two")"), std::string::npos);
}

TEST_F(ImportFixture, fallbacks_of_times_are_marked_inferred_and_words_are_replaced) {
  map(R"([import]
source = "x"
currency = "USD"
dates = ["%d-%b-%y", "%m/%d/%y"]
missing = ["Date Not Captured"]
[file.a]
match = "a.csv"
[[event]]
type = "purchase.ordered"
from = "a"
id = "{id}"
time = ["{po}", "{quote}", { latest = ["{s1}", "{s2}"] }]
[event.data]
po_id = "{id}"
supplier = { value = "{v}", map = { A = "Alpha", B = "Beta" }, else = "other-{v}" }
sku = { value = "{v}", map = { A = "a1", B = "b1" } }
warehouse = "w"
qty = "{q}"
unit_cost = { value = "{value}", divide = "{q}", round = true }
)");
  write("a.csv",
        "id,po,quote,s1,s2,v,q,value\n"
        "1,3-Feb-06,,,,A,3,10\n"
        "2,Date Not Captured,2/1/06,,,B,2,1.25\n"
        "3,Date Not Captured,,1/5/06,7-Jan-06,A,1,1\n"
        "4,Date Not Captured,,,,A,1,1\n"
        "5,1-Jan-06,,,,C,1,1\n"
        "6,1-Jan-06,,,,A,0,1\n");
  import();
  EXPECT_EQ(rejected(), (Lines{
                            "a.csv,5,the time of purchase.ordered is missing,po,Date Not Captured",
                            "a.csv,6,a word that the map does not know,v,C",
                            "a.csv,7,a division by zero,q,0",
                        }));
  ASSERT_EQ(events().size(), 3U);
  EXPECT_NE(
      events()[0].find(
          R"("id":"3","source":"/import/x","type":"purchase.ordered","time":"2006-01-07T00:00:00Z")"),
      std::string::npos);
  EXPECT_NE(events()[0].find(R"("inferred":true)"), std::string::npos);
  EXPECT_NE(
      events()[1].find(R"("supplier":"Beta","sku":"b1","warehouse":"w","qty":2,"unit_cost":0.62)"),
      std::string::npos);  // 0.625, half to even
  EXPECT_EQ(events()[2].find("inferred"), std::string::npos);
  EXPECT_NE(events()[2].find(R"("unit_cost":3.33)"), std::string::npos);
}

TEST_F(ImportFixture, a_word_declared_missing_stands_in_the_report_as_it_stood) {
  map(R"([import]
source = "x"
currency = "USD"
dates = ["%F"]
missing = ["NULL", "-"]
[file.a]
match = "a.csv"
group_by = "id"
[[event]]
type = "order.placed"
from = "a"
id = "{id}/placed"
time = "{day}"
[event.data]
order_id = "{id}"
customer_id = "{who}"
region = "{place}"
amount = { sum_of = "a", add = "{price}", times = "{qty}" }
[event.data.lines]
each = "a"
sku = "{sku}"
qty = "{qty}"
price = "{price}"
)");
  write("a.csv",
        "id,day,who,place,sku,qty,price\n"
        "1,2026-01-02,Anna,NULL,tea,2,4\n"
        "1,2026-01-02,Anna,,cup,NULL,4\n"
        "2,-,Ben,here,tea,1,4\n"
        "3,2026-01-02,NULL,here,tea,1,4\n"
        "NULL,2026-01-02,Cleo,here,tea,1,4\n"
        "4,2026-01-02,,here,tea,1,4\n");
  import();
  EXPECT_EQ(rejected(), (Lines{
                            "a.csv,3,a number to add up is missing,qty,NULL",
                            "a.csv,4,the time of order.placed is missing,day,-",
                            "a.csv,5,customer_id of order.placed is missing,who,NULL",
                            "a.csv,6,no key,id,NULL",
                            "a.csv,7,customer_id of order.placed is missing,who,",
                        }));
  ASSERT_EQ(events().size(), 1U);
  EXPECT_NE(events()[0].find(R"("customer_id":"Anna","currency":"USD","amount":8,)"),
            std::string::npos)
      << events()[0];
}

TEST_F(ImportFixture, one_money_sign_is_taken_off_where_the_map_names_it) {
  map(R"([import]
source = "x"
dates = ["%F"]
thousands = ","
currency_sign = "$"
[file.a]
match = "a.csv"
[[event]]
type = "metric.sample"
from = "a"
id = "{n}"
time = "2026-01-01T00:00:00Z"
when = { column = "v", above = 5 }
[event.data]
name = "x"
value = "{v}"
)");
  write("a.csv", "n,v\n1,\"$1,200.00\"\n2,$5\n3,1200\n4,€7\n");
  import();
  EXPECT_EQ(rejected(), (Lines{"a.csv,3,no event of the map takes it,,",
                               "a.csv,5,no event of the map takes it,,"}));
  ASSERT_EQ(events().size(), 2U);
  EXPECT_NE(events()[0].find(R"("value":1200)"), std::string::npos) << events()[0];
}

TEST_F(ImportFixture, bad_rows_of_any_kind_are_counted_and_the_rest_goes_on) {
  using namespace std::string_literals;
  map(R"([import]
source = "x"
dates = ["%F"]
[file.a]
match = "a.csv"
encoding = "utf-8"
[[event]]
type = "metric.sample"
from = "a"
id = "{n}/{day}"
time = "{day}"
[event.data]
name = "{n}"
value = "{v}"
labels = { place = "{p}", kind = "k" }
)");
  write("a.csv",
        "n,day,v,p\r\nx,2026-01-01,1e3,\r\n,,,\r\n\r\nx,2026-01-02\r\nx,2026-01-03,2,caf\xE9\r\n"
        "x,2026-01-04,2,a\0b\r\nx,2026-01-05,2,\"q\"q\r\n"s +
            "x,2026-01-06,2," + std::string(300, 'p') + "\r\nx,2026-01-07,NaN,\r\n" +
            "x,2026-01-08,-2.50,Köln\r\nx,2026-01-09,2,\"open\r\n");
  EXPECT_EQ(import().json(), R"({"files":1,"rows":11,"mapped":2,"rejected":9,"events":2})");
  EXPECT_EQ(rejected(),
            (Lines{
                "a.csv,3,blank row,,",
                "a.csv,4,blank row,,",
                "a.csv,5,2 cells where the header has 4,,",
                "a.csv,6,bytes that are no text in utf-8,p,",
                "a.csv,7,a zero byte,p,",
                "a.csv,8,text behind a closing quote (a quote inside quotes must be doubled),p,",
                "a.csv,9,longer than 256 bytes,p," + std::string(200, 'p'),
                "a.csv,10,no number,v,NaN",
                "a.csv,12,a quote that is never closed,p,",
            }));
  EXPECT_NE(events()[0].find(R"("data":{"name":"x","value":1000,"labels":{"kind":"k"}})"),
            std::string::npos);
  EXPECT_NE(events()[1].find(R"("value":-2.5,"labels":{"kind":"k","place":"Köln"})"),
            std::string::npos);
}

}  // namespace
}  // namespace purvey::flow
