#include "serve/http_client.h"

#include <gtest/gtest.h>

#include "serve/http_server.h"

namespace purvey::serve {
namespace {

class HttpClientTest : public testing::Test {
 protected:
  HttpClientTest() {
    Router router;
    router.add({.method = Method::kPost,
                .pattern = "/echo",
                .access = Access::kAdmin,
                .summary = "what was sent",
                .query = {{.name = "q", .summary = "a text"}},
                .body_types = {"text/plain"},
                .handler = [](const Request& request, Respond respond) {
                  auto response = json_response(200, request.body);
                  response.headers.push_back(
                      {"Purvey-Q", std::string(request.query_value("q").value_or(""))});
                  respond(std::move(response));
                }});
    server_ = *HttpServer::start({.port = 0, .tokens = {{.secret = "s3cret"}}}, std::move(router));
  }

  ClientRequest echo(std::string body) const {
    return {.method = Method::kPost,
            .url = server_->url() + "/echo",
            .token = "s3cret",
            .content_type = "text/plain",
            .body = std::move(body)};
  }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpClientTest, a_body_goes_there_and_back) {
  const std::string long_body(3 << 20, 'x');
  for (const std::string& body : {std::string("a"), std::string("\0b\r\n", 4), long_body}) {
    const auto answer = send_request(echo(body));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, body);
    EXPECT_EQ(answer->header("content-type"), "application/json");
  }
}

TEST_F(HttpClientTest, any_text_can_stand_in_a_url) {
  auto request = echo("a");
  request.url += "?q=" + url_encoded("a b&c=d/é%");
  const auto answer = send_request(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->header("purvey-q"), "a b&c=d/é%");
}

TEST_F(HttpClientTest, an_answer_that_is_an_error_is_an_answer) {
  auto request = echo("a");
  request.token = "other";
  EXPECT_EQ(send_request(request)->status, 401);
  request.url = server_->url() + "/nothing";
  EXPECT_EQ(send_request(request)->status, 404);
}

TEST_F(HttpClientTest, what_is_no_address_or_where_nobody_listens_is_an_error) {
  for (const char* url :
       {"", "127.0.0.1:8080", "file:///etc/passwd", "ftp://127.0.0.1/", "http://"}) {
    const auto answer = send_request({.url = url});
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().code, base::ErrorCode::kInvalidInput) << url;
  }
  const std::string gone = server_->url();
  server_.reset();
  const auto answer = send_request({.url = gone});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, base::ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace purvey::serve
