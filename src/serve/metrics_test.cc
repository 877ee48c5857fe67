#include "serve/metrics.h"

#include <gtest/gtest.h>
#include <prometheus/counter.h>

#include "serve/http_client_fixture.h"
#include "serve/http_server.h"

namespace purvey::serve {
namespace {

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() {
    Router router;
    router.add(metrics_route(metrics_));
    router.add(
        {.method = Method::kPost,
         .pattern = "/events/{kind}",
         .access = Access::kPublic,
         .summary = "throws away",
         .body_types = {"text/plain"},
         .handler = [](const Request&, Respond respond) { respond(json_response(202, "{}")); }});
    server_ = HttpServer::start({.port = 0}, std::move(router), metrics_).value();
  }

  /// The page, once it has a line that begins so; the server may count after it has answered.
  std::string page_with(std::string_view line) const {
    std::string page;
    for (int i = 0; i < 100 && page.find("\n" + std::string(line)) == std::string::npos; ++i) {
      HttpClient client(server_->port());
      client.get("/metrics");
      page = client.answer().value_or(Answer{}).body;
    }
    return page;
  }

  void expect_line(std::string_view line) const {
    const std::string page = page_with(line);
    EXPECT_NE(page.find("\n" + std::string(line) + "\n"), std::string::npos) << line << "\n"
                                                                             << page;
  }

  const std::shared_ptr<Metrics> metrics_ = std::make_shared<Metrics>();
  std::unique_ptr<HttpServer> server_;
};

TEST_F(MetricsTest, what_others_register_stands_on_the_page) {
  prometheus::BuildCounter()
      .Name("purvey_events_received_total")
      .Help("events received")
      .Register(metrics_->registry())
      .Add({{"source", "a \"shop\""}})
      .Increment(3);
  HttpClient client(server_->port());
  client.get("/metrics");
  const auto answer = client.answer();
  EXPECT_EQ(answer->headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(answer->body.find("# TYPE purvey_events_received_total counter\n"), std::string::npos);
  EXPECT_NE(answer->body.find("\npurvey_events_received_total{source=\"a \\\"shop\\\"\"} 3"),
            std::string::npos)
      << answer->body;
}

TEST_F(MetricsTest, the_server_counts_requests_by_route_and_status) {
  HttpClient client(server_->port());
  for (int i = 0; i < 3; ++i) {
    client.post("/events/" + std::to_string(i), "text");
    ASSERT_EQ(client.answer()->status, 202);
  }
  client.get("/nowhere");
  ASSERT_EQ(client.answer()->status, 404);
  client.get("/events/1");
  ASSERT_EQ(client.answer()->status, 405);
  client.post("/events/1", "text", "");
  ASSERT_EQ(client.answer()->status, 415);
  const std::string route = "purvey_http_requests_total{method=\"POST\",route=\"/events/{kind}\"";
  expect_line(route + ",status=\"202\"} 3");
  expect_line(route + ",status=\"415\"} 1");
  expect_line("purvey_http_requests_total{method=\"\",route=\"\",status=\"404\"} 1");
  expect_line("purvey_http_requests_total{method=\"\",route=\"\",status=\"405\"} 1");
  expect_line("purvey_http_request_seconds_count{method=\"POST\",route=\"/events/{kind}\"} 4");
}

TEST_F(MetricsTest, the_server_counts_bytes_and_connections) {
  HttpClient client(server_->port());
  client.post("/events/1", std::string(10'000, 'x'));
  ASSERT_EQ(client.answer()->status, 202);
  expect_line("purvey_http_connections 2");
  const std::string page = page_with("purvey_http_received_bytes_total ");
  const size_t received = page.find("\npurvey_http_received_bytes_total ");
  ASSERT_NE(received, std::string::npos);
  EXPECT_GT(std::stod(page.substr(page.find(' ', received))), 10'000);
}

}  // namespace
}  // namespace purvey::serve
