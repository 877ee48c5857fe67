// Every case of tests/bad_http/*.cases gets its fixed verdict, and a good request is answered after
// it.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "serve/http_server.h"
#include "tests/bad_http/http_cases.h"

namespace purvey::bad_http {
namespace {

using serve::Access;
using serve::Method;
using serve::Request;
using serve::Respond;

serve::Router routes() {
  serve::Router router;
  router.add({.pattern = "/hello",
              .access = Access::kRead,
              .summary = "says hello",
              .query = {{.name = "name", .summary = "to whom"}},
              .handler = [](const Request& request, Respond respond) {
                respond({.content_type = "text/plain",
                         .body = std::string(request.query_value("name").value_or("hello"))});
              }});
  router.add({.pattern = "/item/{id}",
              .access = Access::kRead,
              .summary = "gives back its parameter",
              .handler = [](const Request& request, Respond respond) {
                respond({.content_type = "text/plain", .body = request.parameter("id")});
              }});
  router.add({.pattern = "/admin",
              .access = Access::kAdmin,
              .summary = "for the administrator",
              .handler = [](const Request&, Respond respond) {
                respond({.content_type = "text/plain", .body = "secret"});
              }});
  router.add({.method = Method::kPost,
              .pattern = "/echo",
              .access = Access::kIngest,
              .summary = "gives back the body",
              .body_types = {"text/plain"},
              .handler = [](Request request, Respond respond) {
                respond({.content_type = "text/plain", .body = std::move(request.body)});
              }});
  return router;
}

/// One server for all cases: what one of them spoils, the next ones find.
serve::HttpServer& server() {
  static const std::unique_ptr<serve::HttpServer> running =
      serve::HttpServer::start({.port = 0, .tokens = {{.secret = std::string(64, 'a')}}}, routes())
          .value();
  return *running;
}

class BadHttpTest : public testing::TestWithParam<Case> {};

TEST_P(BadHttpTest, gets_its_verdict_and_the_server_goes_on) {
  const Case& given = GetParam();
  ASSERT_TRUE(given.reader == "bytes" || given.reader == "packed") << "no known reader";
  EXPECT_EQ(verdict_of(server().port(), bytes_of(given)), given.verdict) << given.input;
  EXPECT_EQ(verdict_of(server().port(), "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            "200:hello");
}

INSTANTIATE_TEST_SUITE_P(Cases, BadHttpTest, testing::ValuesIn(all_cases()),
                         [](const auto& each) { return each.param.group + "_" + each.param.name; });

TEST(BadHttpCasesTest, there_are_at_least_250_and_each_is_named_once) {
  std::set<std::string> names;
  for (const Case& each : all_cases()) {
    EXPECT_TRUE(names.insert(each.group + "/" + each.name).second) << each.name;
  }
  EXPECT_GE(names.size(), 250U);
}

TEST(BadHttpCasesTest, none_leaves_a_connection_behind) {
  for (int i = 0; i < 100 && server().connections() > 0; ++i) {
    verdict_of(server().port(), "");  // takes the time of a connection
  }
  EXPECT_LE(server().connections(), 1U);
}

}  // namespace
}  // namespace purvey::bad_http
