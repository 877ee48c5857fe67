#include "serve/internal/target.h"

#include <gtest/gtest.h>

namespace purvey::serve {
namespace {

TEST(TargetTest, path_and_query_are_decoded) {
  const auto target = read_target("/a%20b/%2F/%E5%BA%93/?x=1&y=%26+z&empty=&bare");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->path, "/a%20b/%2F/%E5%BA%93/");
  EXPECT_EQ(target->segments, (std::vector<std::string>{"a b", "/", "库", ""}));
  const std::vector<NamedText> query = {{"x", "1"}, {"y", "& z"}, {"empty", ""}, {"bare", ""}};
  EXPECT_EQ(target->query, query);
}

TEST(TargetTest, the_shortest_paths) {
  EXPECT_EQ(read_target("/")->segments, std::vector<std::string>{""});
  EXPECT_TRUE(read_target("/?")->query.empty());
  EXPECT_EQ(read_target("/?a=b=c")->query, (std::vector<NamedText>{{"a", "b=c"}}));
}

TEST(TargetTest, other_forms_and_other_characters_are_refused) {
  for (const char* text :
       {"http://h/a", "*", "h:80", "a", "?a=b", "/a#b", "/a b", "/a\\b", "/a\"b", "/<a>", "/a|b",
        "/a^b", "/a`b", "/{a}", "/a[1]", "/\xE5\xBA\x93", "/?a=\xC3\xA9", "/?a=b#c", "/?a={b}"}) {
    EXPECT_FALSE(read_target(text).has_value()) << text;
  }
}

TEST(TargetTest, bad_escapes_are_refused) {
  for (const char* text :
       {"/%", "/%1", "/%g1", "/%1g", "/a%00b", "/%0A", "/%7F", "/%C3", "/%C3%28", "/%ED%A0%80",
        "/%C0%AF", "/%F5%80%80%80", "/?a=%", "/?%=b", "/?a=%00", "/?a=%FF", "/%u0041", "/%C2%80"}) {
    EXPECT_FALSE(read_target(text).has_value()) << text;
  }
}

TEST(TargetTest, no_segment_leads_upwards) {
  for (const char* text : {"/.", "/..", "/a/../b", "/a/%2e%2e/b", "/%2E", "/a/..", "/./a"}) {
    EXPECT_FALSE(read_target(text).has_value()) << text;
  }
  for (const char* text : {"/...", "/.a", "/a..", "/%2e%2e%2e"}) {
    EXPECT_TRUE(read_target(text).has_value()) << text;
  }
}

TEST(TargetTest, a_query_has_names_and_an_end) {
  for (const char* text : {"/?=a", "/?&", "/?a=1&", "/?&a=1", "/?a=1&&b=2"}) {
    EXPECT_FALSE(read_target(text).has_value()) << text;
  }
  std::string many = "/?a=1";
  for (int i = 1; i < 100; ++i) many += "&a=1";
  EXPECT_TRUE(read_target(many).has_value());
  EXPECT_FALSE(read_target(many + "&a=1").has_value());
}

}  // namespace
}  // namespace purvey::serve
