#include "flow/hook/cell_tree.h"

#include <gtest/gtest.h>

namespace purvey::flow {
namespace {

class CellTreeTest : public ::testing::Test {
 protected:
  /// The cells between `|`, or the fault as `column: reason`.
  std::string read(const std::vector<std::string>& columns, const std::string& json,
                   char decimal = '.') {
    simdjson::dom::element root = parser_.parse(json);
    std::vector<std::string> cells;
    const auto fault = CellTree(columns, decimal).read(root, cells);
    if (fault) return fault->column + ": " + fault->reason;
    std::string out;
    for (const auto& cell : cells) out += (out.empty() ? "" : "|") + cell;
    return out;
  }

  simdjson::dom::parser parser_;
};

TEST_F(CellTreeTest, columns_with_dots_lead_into_objects) {
  EXPECT_EQ(read({"id", "to.city", "to.street.no"},
                 R"({"to":{"street":{"no":7},"city":"Bonn"},"id":"A 1","other":[1]})"),
            "A 1|Bonn|7");
}

TEST_F(CellTreeTest, every_kind_of_value_has_its_text) {
  EXPECT_EQ(read({"a"}, R"({"a":" x "})"), " x ");
  EXPECT_EQ(read({"a"}, R"({"a":-5})"), "-5");
  EXPECT_EQ(read({"a"}, R"({"a":18446744073709551615})"), "18446744073709551615");
  EXPECT_EQ(read({"a"}, R"({"a":19.99})"), "19.99");
  EXPECT_EQ(read({"a"}, R"({"a":12.0})"), "12");
  EXPECT_EQ(read({"a"}, R"({"a":1.125})", ','), "1,125");
  EXPECT_EQ(read({"a"}, R"({"a":true})"), "true");
}

TEST_F(CellTreeTest, what_is_not_there_is_missing) {
  for (const char* json : {R"({})", R"({"a":null})", R"({"a":{}})", R"({"a":[]})",
                           R"({"a":{"b":null}})", R"({"a":{"b":""}})", R"({"a":{"b":[]}})"}) {
    EXPECT_EQ(read({"a.b"}, json), "") << json;
  }
}

TEST_F(CellTreeTest, what_is_no_cell_is_a_fault) {
  EXPECT_EQ(read({"a.b"}, R"({"a":{"b":{"c":1}}})"),
            "a.b: expected a text or a number, found an object");
  EXPECT_EQ(read({"a.b"}, R"({"a":{"b":[1]}})"),
            "a.b: expected a text or a number, found an array");
  EXPECT_EQ(read({"a.b"}, R"({"a":"x"})"), "a: expected an object, found a string");
  EXPECT_EQ(read({"a.b"}, R"({"a":{"b":1,"b":1}})"), "a.b: a key that stands twice");
  EXPECT_EQ(read({"a"}, R"({"a":1,"b":1,"b":1})"), "1");
}

TEST_F(CellTreeTest, a_key_of_another_object_is_not_its_twin) {
  EXPECT_EQ(read({"a.id", "b.id", "id"}, R"({"a":{"id":1},"b":{"id":2},"id":3})"), "1|2|3");
}

}  // namespace
}  // namespace purvey::flow
