#include <gtest/gtest.h>

#include "flow/import/import_map.h"

namespace purvey::flow {
namespace {

std::string error_of(const std::string& text) {
  const auto map = parse_import_map(text, "m.toml");
  return map ? "loads" : map.error().message;
}

constexpr const char* kHead = "[import]\nsource = \"s\"\n[file.a]\nmatch = \"a.csv\"\n";  // 4 lines

std::string with_event(const std::string& data, const std::string& more = "") {
  return std::string(kHead) + more +
         "[[event]]\ntype = \"order.paid\"\nfrom = \"a\"\nid = \"{x}\"\ntime = "
         "\"{t}\"\n[event.data]\n" +
         data;
}

TEST(ImportMap, a_mistake_is_told_with_its_line_and_what_to_write) {
  struct Case {
    std::string text;
    std::string message;
  };
  const Case cases[] = {
      {with_event("order_id = \"{x}\"\n"), "loads"},
      {with_event("order_idd = \"{x}\"\n"),
       "m.toml:11: event[1].data.order_idd: order.paid has no field \"order_idd\"; did you mean "
       "\"order_id\"?"},
      {with_event("reason = \"x\"\n"),
       "m.toml:10: event[1].data: order.paid needs the field \"order_id\"; write order_id = "
       "\"{column}\""},
      {with_event("order_id = \"{x\"\n"),
       "m.toml:11: event[1].data.order_id: \"{x\": a brace is not closed; write \"{column}\""},
      {with_event("order_id = \"x}\"\n"),
       "m.toml:11: event[1].data.order_id: \"x}\": a single }; write }} for the sign itself"},
      {with_event("order_id = { latest = [\"{x}\"] }\n"),
       "m.toml:11: event[1].data.order_id: latest is for times"},
      {with_event("order_id = { value = \"{x}\", divide = 2 }\n"),
       "m.toml:11: event[1].data.order_id: a quotient has to be rounded; write round = true beside "
       "divide"},
      {with_event("order_id = \"{b.y}\"\n", "[file.b]\nmatch = \"b.csv\"\n"),
       "m.toml:13: event[1].data.order_id: \"b.y\": a row of a has no one row of b; name a table "
       "that "
       "describes it, or sum over it"},
      {with_event("order_id = \"{x}\"\n",
                  "[file.b]\nmatch = \"b.csv\"\nbelongs_to = \"a\"\nby = \"y\"\n"),
       "m.toml:3: file.a: rows of another file belong to it; write key = \"order_id\""},
      {with_event("order_id = \"{x}\"\n",
                  "[file.b]\nmatch = \"b.csv\"\nbelongs_to = \"c\"\nby = \"y\"\n"),
       "m.toml:7: file.b.belongs_to: there is no other [file.c]"},
      {with_event("order_id = \"{x}\"\n", "colour = 1\n"), "m.toml:5: unknown key `file.a.colour`"},
      {with_event("order_id = \"{x}\"\n", "encoding = \"klingon\"\n"),
       "m.toml:5: file.a.encoding: expected one of utf-8, utf-16le, utf-16be, gb18030, "
       "windows-1252, latin-1, "
       "auto, found \"klingon\"; write encoding = \"gb18030\""},
      {with_event("order_id = \"{x}\"\n", "dates = [\"%Q\"]\n"),
       "m.toml:5: file.a.dates: date pattern \"%Q\": %Q is not known; write one of %Y %y %m %d %H "
       "%I %M %S %b "
       "%B %p %f %z %s %F %T"},
      {with_event("order_id = \"{x}\"\n", "zone = \"Mars\"\n"),
       "m.toml:5: file.a.zone: there is no time zone \"Mars\"; write a name such as \"UTC\", "
       "\"Europe/London\" or \"Asia/Shanghai\""},
      {"[import]\nsource = \"s\"\n[file.a]\nmatch = \"a\"\n[[event]]\ntype = \"order.shiped\"\n",
       "m.toml:6: event[1].type: there is no event type \"order.shiped\"; did you mean "
       "\"order.shipped\"?"},
      {"[import]\nsource = \"a b\"\n",
       "m.toml:2: import.source: a source is made of letters, digits and - _ . /; write source = "
       "\"shop\""},
      {"[import]\nsource = \"s\"\ncurrency = \"XXX\"\n",
       "m.toml:3: import.currency: \"XXX\" is no currency of ISO 4217; write currency = \"EUR\""},
  };
  for (const Case& one : cases) EXPECT_EQ(error_of(one.text), one.message) << one.text;
}

TEST(ImportMap, money_needs_a_currency) {
  const std::string event =
      "[[event]]\ntype = \"payment.authorized\"\nfrom = \"a\"\nid = \"{x}\"\ntime = "
      "\"{t}\"\n[event.data]\n"
      "order_id = \"{x}\"\namount = \"{v}\"\nmethod = \"card\"\n";
  EXPECT_EQ(error_of(kHead + event),
            "m.toml:10: event[1].data: money needs a currency; write currency = \"EUR\" here or in "
            "[import]");
  EXPECT_EQ(error_of(kHead + event + "currency = \"{c}\"\n"), "loads");
}

TEST(ImportMap, a_condition_tests_exactly_one_thing) {
  const auto with_when = [](const std::string& when) {
    return with_event("order_id = \"{x}\"\n") +
           "[[event]]\ntype = \"order.paid\"\nfrom = \"a\"\nid = \"{x}\"\n" +
           "time = \"{t}\"\nwhen = " + when + "\n[event.data]\norder_id = \"{x}\"\n";
  };
  EXPECT_EQ(error_of(with_when("{ column = \"c\", is = [\"a\", \"b\"] }")), "loads");
  EXPECT_EQ(
      error_of(with_when("[{ column = \"c\", above = 1.5 }, { column = \"d\", missing = true }]")),
      "loads");
  const std::string wrong =
      "m.toml:17: event[2].when: a condition needs exactly one of is, is_not, starts_with, "
      "starts_not_with, "
      "missing, below, at_most, above, at_least";
  EXPECT_EQ(error_of(with_when("{ column = \"c\" }")), wrong);
  EXPECT_EQ(error_of(with_when("{ column = \"c\", is = \"a\", above = 1 }")), wrong);
}

TEST(ImportMap, columns_of_a_lookup_stand_behind_those_of_its_row_however_late_they_are_named) {
  const auto map = parse_import_map(
      std::string(kHead) +
          "[file.p]\nmatch = \"p.csv\"\ndescribes = \"a\"\nkey = \"k\"\nby = \"pk\"\n"
          "[[event]]\ntype = \"order.paid\"\nfrom = \"a\"\nid = \"{p.name}\"\ntime = "
          "\"{t}\"\n[event.data]\n"
          "order_id = \"{x}\"\n",
      "m.toml");
  ASSERT_TRUE(map) << map.error().message;
  const TableSpec& table = map->tables[0];
  EXPECT_EQ(table.columns, (std::vector<std::string>{"pk", "t", "x"}));
  ASSERT_EQ(table.lookups.size(), 1U);
  EXPECT_EQ(table.lookups[0].first_slot, 3U);
  EXPECT_EQ(table.slots, 5U);  // and k, name
  EXPECT_EQ(map->rules[0].id.single_cell()->slot, 4U);
}

}  // namespace
}  // namespace purvey::flow
