#include "serve/internal/gate.h"

#include <gtest/gtest.h>

namespace purvey::serve {
namespace {

class GateTest : public testing::Test {
 protected:
  GateTest() {
    options_.hosts = {"Shop.example"};
    options_.tokens = {{"root", Access::kAdmin}, {"reader", Access::kRead}};
    options_.limits.body_bytes = 1000;
  }

  static Router routes() {
    const Handler handler = [](const Request&, const Respond&) {};
    Router router;
    router.add({.method = Method::kGet,
                .pattern = "/orders/{id}",
                .access = Access::kRead,
                .summary = "",
                .query = {{.name = "from", .summary = "", .required = true},
                          {.name = "limit", .summary = ""}},
                .handler = handler});
    router.add({.method = Method::kPost,
                .pattern = "/events",
                .access = Access::kIngest,
                .summary = "",
                .body_types = {"application/json", "application/x-ndjson"},
                .handler = handler});
    router.add({.method = Method::kPost,
                .pattern = "/hooks/{name}",
                .access = Access::kIngest,
                .access_of =
                    [](const std::vector<NamedText>& parameters) {
                      return parameters[0].value == "signed" ? Access::kPublic : Access::kIngest;
                    },
                .summary = "",
                .body_types = {"application/json"},
                .handler = handler});
    router.add({.method = Method::kPost,
                .pattern = "/stop",
                .access = Access::kAdmin,
                .summary = "",
                .handler = handler});
    return router;
  }

  Admission admit(const std::string& first, const std::string& lines = "Host: localhost|") {
    text_ = "";
    for (const char c : first + " HTTP/1.1|" + lines + "|") c == '|' ? text_ += "\r\n" : text_ += c;
    const auto head = read_head(text_, {});
    EXPECT_TRUE(head.has_value()) << text_;
    const Gate gate(options_, routes());
    Admission admission = gate.admit(*head, "127.0.0.1:9");
    admission.route = nullptr;  // it ends with the gate
    return admission;
  }

  /// 200 where the request would go to its handler.
  int status(const std::string& first, const std::string& lines = "Host: localhost|") {
    const Admission admission = admit(first, lines);
    return admission.answer ? admission.answer->status : 200;
  }

  std::string message(const std::string& first, const std::string& lines = "Host: localhost|") {
    return admit(first, lines).answer.value_or(Response{}).body;
  }

  HttpServerOptions options_ = {};
  std::string text_;
};

TEST_F(GateTest, a_fitting_request_has_its_parts_named) {
  const Admission admission = admit("GET /orders/A%201?from=x&limit=2", "Host: localhost:80|A: b|");
  ASSERT_FALSE(admission.answer.has_value());
  EXPECT_EQ(admission.request.parameter("id"), "A 1");
  EXPECT_EQ(admission.request.query_value("limit"), "2");
  EXPECT_EQ(admission.request.path, "/orders/A%201");
  EXPECT_EQ(admission.request.header("a"), "b");
  EXPECT_EQ(admission.request.peer, "127.0.0.1:9");
}

TEST_F(GateTest, only_names_of_this_server_are_served) {
  const auto with_host = [&](const std::string& host) {
    return status("GET /orders/1?from=1", "Host: " + host + "|");
  };
  for (const char* host : {"localhost", "LOCALHOST:8080", "127.0.0.1", "127.1.2.3:1", "[::1]:8080",
                           "[::1]", "shop.example", "SHOP.example:443", "localhost:"}) {
    EXPECT_EQ(with_host(host), 200) << host;
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "128.0.0.1", "127.0.0.1.", "127.0.0", "127.0.0.256", "localhost.",
                           "[::2]", "10.0.0.1", "0.0.0.0", "shop.example.evil"}) {
    EXPECT_EQ(with_host(host), 421) << host;
  }
  for (const char* host : {"", ":80", "a b", "localhost:80a", "localhost:808080", "user@localhost",
                           "localhost/", "[::1]80", "local,host", "localhost:80:80"}) {
    EXPECT_EQ(with_host(host), 400) << host;
  }
}

TEST_F(GateTest, paths_and_methods_that_are_not_there) {
  EXPECT_EQ(status("GET /nothing"), 404);
  EXPECT_EQ(status("BREW /events"), 501);
  EXPECT_EQ(status("get /events"), 501);
  const Admission wrong = admit("DELETE /events");
  EXPECT_EQ(wrong.answer->status, 405);
  EXPECT_EQ(wrong.answer->headers[0].value, "POST, OPTIONS");
  const Admission options = admit("OPTIONS /events");
  EXPECT_EQ(options.answer->status, 204);
  EXPECT_EQ(options.answer->headers, (std::vector<NamedText>{{"Allow", "POST, OPTIONS"}}));
  EXPECT_EQ(status("GET http://localhost/events"), 400);
}

TEST_F(GateTest, parameters_of_the_query_are_those_of_the_route) {
  EXPECT_NE(message("GET /orders/1?form=1").find("did you mean 'from'"), std::string::npos);
  EXPECT_NE(message("GET /orders/1?from=1&zzzzzz=1").find("there is: from, limit"),
            std::string::npos);
  EXPECT_NE(message("GET /orders/1?from=1&from=2").find("stands twice"), std::string::npos);
  EXPECT_NE(message("GET /orders/1").find("'from' is missing"), std::string::npos);
  EXPECT_EQ(status("POST /stop?x=1", "Host: localhost|Authorization: Bearer root|"), 400);
}

TEST_F(GateTest, tokens_open_what_they_are_for) {
  const std::string host = "Host: localhost|";
  EXPECT_EQ(status("POST /stop"), 401);
  EXPECT_EQ(status("POST /stop", host + "Authorization: Bearer reader|"), 403);
  EXPECT_EQ(status("POST /stop", host + "Authorization: Bearer root|"), 200);
  EXPECT_EQ(status("GET /orders/1?from=1"), 200);
  options_.needs_token = true;
  EXPECT_EQ(status("GET /orders/1?from=1"), 401);
  EXPECT_EQ(status("GET /orders/1?from=1", host + "Authorization: Bearer reader|"), 200);
  EXPECT_EQ(status("POST /events", host + "Authorization: Bearer reader|"), 403);
}

TEST_F(GateTest, a_route_can_ask_for_a_token_by_its_parameters) {
  options_.needs_token = true;
  const std::string json = "Host: localhost|Content-Type: application/json|";
  EXPECT_EQ(status("POST /hooks/signed", json), 200);
  EXPECT_EQ(status("POST /hooks/other", json), 401);
  EXPECT_EQ(status("POST /hooks/signe", json), 401);
  EXPECT_EQ(status("POST /hooks/other", json + "Authorization: Bearer root|"), 200);
}

TEST_F(GateTest, bodies_are_of_a_known_type_size_and_packing) {
  const std::string host = "Host: localhost|";
  const std::string json = host + "Content-Type: application/json|";
  EXPECT_EQ(status("POST /events", json + "Content-Length: 1000|"), 200);
  EXPECT_EQ(status("POST /events", json + "Content-Length: 1001|"), 413);
  EXPECT_EQ(status("POST /events", json + "Transfer-Encoding: chunked|"), 200);
  EXPECT_EQ(status("POST /events", host + "Content-Length: 1|"), 415);
  EXPECT_EQ(status("POST /events", host + "Content-Type: text/plain|Content-Length: 1|"), 415);
  EXPECT_EQ(admit("POST /events", host + "Content-Type: Application/JSON ; charset=utf-8|")
                .request.content_type,
            "application/json");
  EXPECT_EQ(admit("POST /events", json + "Content-Encoding: GZIP|").packing, Packing::kGzip);
  EXPECT_EQ(admit("POST /events", json + "Content-Encoding: zstd|").packing, Packing::kZstd);
  for (const char* encoding : {"br", "deflate", "gzip, zstd", "compress"}) {
    const Admission refused = admit("POST /events", json + "Content-Encoding: " + encoding + "|");
    ASSERT_TRUE(refused.answer.has_value());
    EXPECT_EQ(refused.answer->status, 415) << encoding;
  }
  EXPECT_EQ(status("GET /orders/1?from=1", host + "Content-Length: 1|"), 400);
  EXPECT_EQ(status("GET /orders/1?from=1", host + "Content-Length: 0|"), 200);
  EXPECT_EQ(status("GET /orders/1?from=1", host + "Transfer-Encoding: chunked|"), 400);
}

}  // namespace
}  // namespace purvey::serve
