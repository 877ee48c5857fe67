#include "watch/title.h"

#include <gtest/gtest.h>

namespace purvey::watch {
namespace {

TEST(TitleTest, placeholders_are_replaced_and_nothing_else) {
  Rule rule;
  rule.metric = "late_orders";
  rule.title = "{metric}: {value} at {dimensions}, 100 % } of {value}";
  const Labels labels = {{"warehouse", "{value}"}};
  EXPECT_EQ(render_title(rule, 12, labels), "late_orders: 12 at warehouse {value}, 100 % } of 12");
}

TEST(TitleTest, unknown_and_open_placeholders_are_refused_with_the_remedy) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "is empty; write what is the matter"},
      {"{name} fails", "no placeholder {name}; write {metric}, {value} or {dimensions}"},
      {"a {value", "has a { without its }; write {value}"},
      {"{}", "no placeholder {}; write {metric}, {value} or {dimensions}"},
  };
  for (const auto& [title, message] : cases) {
    const auto checked = check_title(title);
    ASSERT_FALSE(checked) << title;
    EXPECT_EQ(checked.error().message, message);
  }
  EXPECT_TRUE(check_title("no placeholder at all }"));
  EXPECT_TRUE(check_title("{metric}{value}{dimensions}"));
  EXPECT_FALSE(check_title(std::string(301, 'x')));
}

TEST(TitleTest, values_are_for_people) {
  EXPECT_EQ(value_in_words(0.2345, "ratio"), "23.4 %");
  EXPECT_EQ(value_in_words(12, ""), "12");
  EXPECT_EQ(value_in_words(12.34567, "min"), "12.35 min");
  EXPECT_EQ(value_in_words(1'234'567.8, "money"), "1234568");
  EXPECT_EQ(value_in_words(-1'500, ""), "-1500");
}

TEST(TitleTest, labels_are_read_as_the_board_writes_them) {
  EXPECT_EQ(parse_labels(R"({"carrier":"a\"b\\","warehouse":"仓 1"})"),
            (Labels{{"carrier", "a\"b\\"}, {"warehouse", "仓 1"}}));
  EXPECT_EQ(parse_labels("{}"), Labels{});
  EXPECT_EQ(parse_labels(R"({"carrier":"cut)"), Labels{});
  EXPECT_EQ(labels_in_words({}), "total");
  EXPECT_EQ(labels_in_words({{"carrier", "C"}, {"warehouse", "W"}}), "carrier C, warehouse W");
}

}  // namespace
}  // namespace purvey::watch
