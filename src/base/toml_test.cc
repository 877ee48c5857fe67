#include "base/toml.h"

#include <gtest/gtest.h>

#include <string>

namespace purvey::base {
namespace {

TomlDocument parsed(std::string_view text) {
  auto document = parse_toml(text, "purvey.toml");
  EXPECT_TRUE(document) << (document ? "" : document.error().message);
  return *document;
}

/// The message of the error that parsing `text` gives.
std::string fault(std::string_view text) {
  const auto document = parse_toml(text, "purvey.toml");
  EXPECT_FALSE(document) << text;
  return document ? "" : document.error().message;
}

template <class T>
std::string message(const Result<T>& result) {
  return result ? "no error" : result.error().message;
}

constexpr std::string_view kEveryKind =
    "title = \"夜\"\n"
    "[server]\n"
    "  port = 8080\n"
    "  ratio = 0.5\n"
    "  auth = true\n"
    "  day = 2026-01-02\n"
    "  at = 2026-01-02T03:04:05Z\n"
    "  tags = [\"a\", \"b\"]\n"
    "[[rule]]\n"
    "name = \"x\"\n"
    "[[rule]]\n"
    "above = \"abc\"\n";

TEST(TomlTest, every_kind_is_read_with_its_place) {
  const TomlDocument document = parsed(kEveryKind);
  const TomlNode& root = document.root();
  EXPECT_EQ(*root.find("title")->as_string("\"x\""), "夜");
  const TomlNode* server = root.find("server");
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(server->line(), 2U);
  EXPECT_EQ(*server->find("port")->as_integer("1"), 8080);
  EXPECT_EQ(server->find("port")->line(), 3U);
  EXPECT_EQ(server->find("port")->column(), 3U);
  EXPECT_EQ(server->find("port")->path(), "server.port");
  EXPECT_EQ(*server->find("port")->as_number("1"), 8080.0);
  EXPECT_EQ(*server->find("ratio")->as_number("1"), 0.5);
  EXPECT_TRUE(*server->find("auth")->as_boolean());
  EXPECT_EQ(*server->find("day")->as_time(""), "2026-01-02");
  EXPECT_EQ(*server->find("at")->as_time(""), "2026-01-02T03:04:05Z");
  EXPECT_EQ(*server->find("tags")->as_strings("[]"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(server->find("tags")->items()[1].path(), "server.tags[2]");
  EXPECT_EQ(server->find("absent"), nullptr);
}

TEST(TomlTest, items_stand_in_file_order) {
  const TomlDocument document = parsed("z = 1\na = 2\n[m]\n[b]\n");
  std::string order;
  for (const TomlNode& item : document.root().items()) order += item.key();
  EXPECT_EQ(order, "zamb");
}

TEST(TomlTest, repeated_tables_have_their_own_lines_and_paths) {
  const TomlDocument document = parsed(kEveryKind);
  const auto rules = document.root().find("rule")->as_tables();
  ASSERT_TRUE(rules);
  ASSERT_EQ(rules->size(), 2U);
  EXPECT_EQ((*rules)[0].line(), 9U);
  EXPECT_EQ((*rules)[1].line(), 11U);
  EXPECT_EQ((*rules)[1].path(), "rule[2]");
}

TEST(TomlTest, a_wrong_type_is_told_with_place_and_remedy) {
  const TomlDocument document = parsed(kEveryKind);
  const TomlNode* above = document.root().find("rule")->items()[1].find("above");
  EXPECT_EQ(message(above->as_number("0.2")),
            "purvey.toml:12: rule[2].above: expected a number, found \"abc\"; write above = 0.2");
  const TomlNode* server = document.root().find("server");
  EXPECT_EQ(message(server->find("port")->as_string("\"a\"")),
            "purvey.toml:3: server.port: expected a text in quotes, found 8080; write port = "
            "\"a\"");
  EXPECT_EQ(message(server->find("ratio")->as_integer("3")),
            "purvey.toml:4: server.ratio: expected a whole number, found 0.5; write ratio = 3");
  EXPECT_EQ(message(server->find("auth")->as_number("3")),
            "purvey.toml:5: server.auth: expected a number, found true; write auth = 3");
  EXPECT_EQ(message(server->find("tags")->as_boolean()),
            "purvey.toml:8: server.tags: expected true or false, found an array; write tags = "
            "true");
  EXPECT_EQ(message(server->find("port")->as_time("2026-01-02")),
            "purvey.toml:3: server.port: expected a date or time, found 8080; write port = "
            "2026-01-02");
  EXPECT_EQ(message(server->as_tables()),
            "purvey.toml:2: server: expected tables, found a table; write [[server]]");
  EXPECT_EQ(message(server->find("tags")->as_tables()),
            "purvey.toml:8: server.tags: expected tables, found other values in an array; write "
            "[[server.tags]]");
  EXPECT_EQ(message(server->as_strings("[\"a\"]")),
            "purvey.toml:2: server: expected an array of texts, found a table; write server = "
            "[\"a\"]");
}

TEST(TomlTest, an_array_of_texts_refuses_another_item_at_its_own_line) {
  const TomlDocument document = parsed("tags = [\n  \"a\",\n  7,\n]\n");
  EXPECT_EQ(message(document.root().find("tags")->as_strings("[]")),
            "purvey.toml:3: tags[2]: expected a text in quotes, found 7");
}

TEST(TomlTest, infinite_and_nan_are_no_numbers) {
  const TomlDocument document = parsed("a = inf\nb = nan\nc = -inf\n");
  for (const TomlNode& item : document.root().items()) EXPECT_FALSE(item.as_number("1"));
}

TEST(TomlTest, long_values_are_cut_at_a_character) {
  const TomlDocument document = parsed("a = \"" + std::string(39, 'x') + "供供供\"\n");
  EXPECT_EQ(document.root().find("a")->shown(), "\"" + std::string(39, 'x') + "...\"");
}

TEST(TomlTest, syntax_errors_name_file_and_line) {
  EXPECT_EQ(fault("a = 1\nb = \n").substr(0, 14), "purvey.toml:2:");
  EXPECT_EQ(fault("[server\n").substr(0, 14), "purvey.toml:1:");
  EXPECT_EQ(fault("\n\na = \"open\n").substr(0, 14), "purvey.toml:3:");
  EXPECT_EQ(fault("a = 99999999999999999999\n").substr(0, 14), "purvey.toml:1:");
  EXPECT_EQ(fault("a = \"\xff\xfe\"\n").substr(0, 14), "purvey.toml:1:");
  EXPECT_EQ(fault(std::string_view("a\0 = 1", 6)).substr(0, 14), "purvey.toml:1:");
}

TEST(TomlTest, a_key_given_twice_is_an_error) {
  EXPECT_EQ(fault("a = 1\na = 2\n").substr(0, 14), "purvey.toml:2:");
  EXPECT_EQ(fault("[a]\nx = 1\n[b]\n[a]\n").substr(0, 14), "purvey.toml:4:");
  EXPECT_EQ(fault("[a]\nx = 1\n[[a]]\n").substr(0, 14), "purvey.toml:3:");
}

TEST(TomlTest, files_above_the_limit_are_refused) {
  const std::string most(kTomlBytesMax, '\n');
  EXPECT_TRUE(parse_toml(most, "f"));
  const auto more = parse_toml(most + "\n", "f");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kExhausted);
}

TEST(TomlTest, deep_nesting_is_refused_not_followed) {
  const auto nested = [](size_t depth) {
    return "a = " + std::string(depth, '[') + std::string(depth, ']') + "\n";
  };
  EXPECT_TRUE(parse_toml(nested(kTomlDepthMax - 1), "f"));
  EXPECT_EQ(parse_toml(nested(kTomlDepthMax + 1), "f").error().code, ErrorCode::kInvalidInput);
  EXPECT_FALSE(parse_toml(nested(200'000), "f"));
}

TEST(TomlTest, keys_with_many_dots_are_refused_wherever_they_stand) {
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  EXPECT_EQ(fault("x = 1\n" + key + " = 1\n"),
            "purvey.toml:2: a key with more than 64 dots; write fewer levels");
  EXPECT_FALSE(parse_toml("[" + key + "]\n", "f"));
  EXPECT_FALSE(parse_toml("x = {" + key + " = 1}\n", "f"));
  EXPECT_FALSE(parse_toml("x = \"\"\"\n\"\"\"\n" + key + " = 1\n", "f"));
  EXPECT_FALSE(parse_toml("x = '''a''''\n" + key + " = 1\n", "f"));
}

TEST(TomlTest, dots_in_texts_and_comments_are_no_levels) {
  const std::string dots(200, '.');
  EXPECT_TRUE(parse_toml("# " + dots + "\na = \"\\\"" + dots + "\"\nb = '" + dots + "'\n", "f"));
  EXPECT_TRUE(parse_toml("a = \"\"\"\n\\\n" + dots + "\"\"\"\"\nb = '''" + dots + "\n'''\n", "f"));
  std::string numbers = "a = [";
  for (int i = 0; i < 200; ++i) numbers += "0.5, ";
  EXPECT_TRUE(parse_toml(numbers + "]\n", "f"));
}

TEST(TomlTest, a_missing_file_is_not_found) {
  const auto document = read_toml("/nonexistent/purvey.toml");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, ErrorCode::kNotFound);
}

TEST(TomlTest, a_document_outlives_the_text_it_was_read_from) {
  std::string text = "a = \"kept\"\n";
  const auto document = parse_toml(text, std::string("f.toml"));
  text.assign(text.size(), 'x');
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): the copy is what is tested
  const TomlDocument copy = *document;
  EXPECT_EQ(*copy.root().find("a")->as_string(""), "kept");
  EXPECT_EQ(copy.root().find("a")->file(), "f.toml");
}

TEST(TomlTableReaderTest, absent_keys_take_their_fallback) {
  const TomlDocument document = parsed("b = 2\n");
  TomlTableReader reader(document.root());
  EXPECT_EQ(*reader.string_or("a", "x"), "x");
  EXPECT_EQ(*reader.integer_or("b", 7), 2);
  EXPECT_EQ(*reader.number_or("c", 0.5), 0.5);
  EXPECT_TRUE(*reader.boolean_or("d", true));
  EXPECT_TRUE(reader.strings("e", "[]")->empty());
  EXPECT_TRUE(reader.tables("f")->empty());
  EXPECT_EQ(*reader.table("g"), nullptr);
  EXPECT_TRUE(reader.finish());
}

TEST(TomlTableReaderTest, a_missing_required_key_is_told_with_an_example) {
  const TomlDocument document = parsed("x = 1\n[[rule]]\nabove = 1\n");
  TomlTableReader reader(document.root().find("rule")->items()[0]);
  EXPECT_EQ(message(reader.string("metric", "\"gmv\"")),
            "purvey.toml:2: rule[1]: `metric` is missing; write metric = \"gmv\"");
}

TEST(TomlTableReaderTest, of_a_missing_required_key_one_that_may_be_meant_is_told) {
  const TomlDocument document = parsed("[[rule]]\nmetrc = 1\nabve = 1\n");
  TomlTableReader reader(document.root().find("rule")->items()[0]);
  EXPECT_EQ(message(reader.string("metric", "\"gmv\"")),
            "purvey.toml:1: rule[1]: `metric` is missing (is `metrc` of line 2 meant to be it?); "
            "write metric = \"gmv\"");
}

TEST(TomlTableReaderTest, a_value_of_another_type_is_no_fallback) {
  const TomlDocument document = parsed("a = 1\nt = 2\n");
  TomlTableReader reader(document.root());
  EXPECT_EQ(message(reader.string_or("a", "x")),
            "purvey.toml:1: a: expected a text in quotes, found 1; write a = \"x\"");
  EXPECT_EQ(message(reader.table("t")), "purvey.toml:2: t: expected a table, found 2; write [t]");
}

TEST(TomlTableReaderTest, keys_nobody_asked_for_are_found) {
  const TomlDocument document = parsed("color = 1\n[look]\ncolour = 1\nwhat = 2\n");
  TomlTableReader reader(*document.root().find("look"));
  EXPECT_EQ(*reader.integer_or("color", 3), 3);
  const auto errors = reader.unknown_keys();
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].message, "purvey.toml:3: unknown key `look.colour`; did you mean `color`?");
  EXPECT_EQ(errors[1].message, "purvey.toml:4: unknown key `look.what`");
  EXPECT_EQ(message(reader.finish()), errors[0].message);
}

TEST(TomlTest, a_message_is_one_line_whatever_the_file_has) {
  const auto broken = parse_toml("f = {g = in\n}hfi.]", "t.toml");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().message.find('\n'), std::string::npos);
  const auto document = parse_toml("\"a\\nb\" = \"x\\ny\"", "t.toml");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->root().items()[0].as_integer("1").error().message,
            "t.toml:1: \"a b\": expected a whole number, found \"x y\"; write \"a b\" = 1");
}

}  // namespace
}  // namespace purvey::base
