#include "serve/router.h"

#include <gtest/gtest.h>

namespace purvey::serve {
namespace {

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    add(Method::kGet, "/");
    add(Method::kGet, "/api/orders/{id}");
    add(Method::kDelete, "/api/orders/{id}");
    add(Method::kGet, "/api/orders/latest");
    add(Method::kPost, "/api/{kind}/{id}/note/{number}");
  }

  void add(Method method, std::string pattern) {
    router_.add({.method = method,
                 .pattern = std::move(pattern),
                 .summary = "",
                 .handler = [](const Request&, const Respond&) {}});
  }

  Router::Match match(Method method, std::string_view path) const {
    return router_.match(method, segments_of(path));
  }

  std::string pattern(Method method, std::string_view path) const {
    const auto found = match(method, path);
    return found.route == nullptr ? "none" : found.route->pattern;
  }

  Router router_;
};

TEST_F(RouterTest, a_path_leads_to_its_route_with_its_parameters) {
  EXPECT_EQ(pattern(Method::kGet, "/"), "/");
  EXPECT_EQ(pattern(Method::kGet, "/api/orders/A-1"), "/api/orders/{id}");
  const auto found = match(Method::kPost, "/api/orders/A-1/note/2");
  ASSERT_NE(found.route, nullptr);
  const std::vector<NamedText> expected = {{"kind", "orders"}, {"id", "A-1"}, {"number", "2"}};
  EXPECT_EQ(found.parameters, expected);
}

TEST_F(RouterTest, a_word_goes_before_a_parameter) {
  EXPECT_EQ(pattern(Method::kGet, "/api/orders/latest"), "/api/orders/latest");
  // ... and with it its methods: the wider pattern would take DELETE.
  EXPECT_EQ(match(Method::kDelete, "/api/orders/latest").allow, "GET, HEAD, OPTIONS");
}

TEST_F(RouterTest, other_paths_lead_nowhere) {
  for (const char* path :
       {"/api", "/api/orders", "/api/orders/", "/api/orders/1/2", "//", "/API"}) {
    const auto found = match(Method::kGet, path);
    EXPECT_EQ(found.route, nullptr) << path;
    EXPECT_EQ(found.allow, "") << path;
  }
}

TEST_F(RouterTest, head_is_answered_as_get_and_other_methods_are_told_what_there_is) {
  EXPECT_EQ(pattern(Method::kHead, "/api/orders/1"), "/api/orders/{id}");
  EXPECT_EQ(match(Method::kPut, "/api/orders/1").allow, "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(match(Method::kOptions, "/api/orders/1").allow, "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(match(Method::kHead, "/api/a/b/note/1").allow, "POST, OPTIONS");
}

TEST_F(RouterTest, a_table_that_contradicts_itself_is_a_bug) {
  EXPECT_DEATH(add(Method::kGet, "/api/orders/{id}"), "stands twice");
  EXPECT_DEATH(add(Method::kPut, "/api/orders/{number}"), "differently");
  EXPECT_DEATH(add(Method::kGet, "api"), "begins with");
  EXPECT_DEATH(add(Method::kGet, "/a{b}"), "whole segment");
  EXPECT_DEATH(add(Method::kGet, "/{a}/{a}"), "stands once");
  EXPECT_DEATH(add(Method::kHead, "/a"), "the server's");
}

}  // namespace
}  // namespace purvey::serve
