#include "serve/http_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "serve/http_client_fixture.h"

namespace purvey::serve {
namespace {

using std::chrono::milliseconds;

/// Requests that wait for the test to answer them.
class Waiting {
 public:
  void add(Request request, Respond respond) {
    const std::lock_guard lock(mutex_);
    requests_.push_back({std::move(request), std::move(respond)});
    arrived_.notify_all();
  }

  /// The answer to the oldest request, once `count` have come; dropped if they do not.
  Respond take(size_t count = 1) {
    std::unique_lock lock(mutex_);
    const bool came =
        arrived_.wait_for(lock, milliseconds(10'000), [&] { return requests_.size() >= count; });
    EXPECT_TRUE(came) << requests_.size() << " of " << count;
    if (requests_.empty()) return Respond([](const Response&) {});
    Respond respond = std::move(requests_.front().second);
    requests_.pop_front();
    return respond;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::pair<Request, Respond>> requests_;
};

/// A server with a few routes: /hello, /echo (POST), /later (answered by the test), /admin.
class HttpServerTest : public testing::Test {
 protected:
  void start(const HttpLimits& limits = {}) {
    options_.limits = limits;
    start_with_options();
  }

  void start_with_options() {
    options_.port = 0;
    auto started = HttpServer::start(options_, routes());
    ASSERT_TRUE(started.has_value()) << started.error().message;
    server_ = std::move(*started);
  }

  HttpClient client() const { return HttpClient(server_->port()); }

  Answer get(std::string_view path, std::string_view headers = "") {
    HttpClient one = client();
    one.get(path, headers);
    return one.answer().value_or(Answer{});
  }

  void expect_alive() { EXPECT_EQ(get("/hello").body, "hello"); }

  Router routes() {
    Router router;
    router.add({.method = Method::kGet,
                .pattern = "/hello",
                .access = Access::kRead,
                .summary = "says hello",
                .query = {{.name = "name", .summary = "who"}},
                .handler = [](const Request& request, Respond respond) {
                  respond({.content_type = "text/plain",
                           .body = std::string(request.query_value("name").value_or("hello"))});
                }});
    router.add({.method = Method::kPost,
                .pattern = "/echo",
                .access = Access::kIngest,
                .summary = "gives back the body",
                .body_types = {"text/plain"},
                .handler = [](Request request, Respond respond) {
                  respond({.content_type = request.content_type, .body = std::move(request.body)});
                }});
    router.add({.method = Method::kGet,
                .pattern = "/later/{number}",
                .access = Access::kRead,
                .summary = "answered by the test",
                .handler = [this](Request request, Respond respond) {
                  waiting_.add(std::move(request), std::move(respond));
                }});
    router.add({.method = Method::kGet,
                .pattern = "/lost",
                .access = Access::kRead,
                .summary = "never answers",
                .handler = [](const Request&, const Respond&) {}});
    router.add({.method = Method::kGet,
                .pattern = "/admin",
                .access = Access::kAdmin,
                .summary = "for the administrator",
                .handler = [](const Request&, Respond respond) {
                  respond({.content_type = "text/plain", .body = "secret"});
                }});
    return router;
  }

  HttpServerOptions options_ = {};
  Waiting waiting_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, get_and_head_answer_with_the_lines_of_safety) {
  start();
  const Answer answer = get("/hello");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.headers.at("x-frame-options"), "DENY");
  EXPECT_EQ(answer.headers.count("server"), 0U);

  HttpClient head = client();
  head.send("HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto short_answer = head.answer(true);
  ASSERT_TRUE(short_answer.has_value());
  EXPECT_EQ(short_answer->headers.at("content-length"), "5");
  head.get("/hello");  // the connection goes on, so no body came
  EXPECT_EQ(head.answer()->body, "hello");
}

TEST_F(HttpServerTest, a_connection_takes_one_request_after_the_other) {
  start();
  HttpClient one = client();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(one.get("/hello?name=" + std::to_string(i)));
    ASSERT_EQ(one.answer()->body, std::to_string(i));
  }
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(HttpServerTest, pipelined_requests_are_answered_in_order) {
  start();
  std::string requests;
  for (int i = 0; i < 500; ++i) {
    const std::string body = "body " + std::to_string(i);
    requests += "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n";
    requests += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  HttpClient one = client();
  ASSERT_TRUE(one.send(requests));
  for (int i = 0; i < 500; ++i) ASSERT_EQ(one.answer()->body, "body " + std::to_string(i));
}

TEST_F(HttpServerTest, a_request_may_come_byte_by_byte) {
  start();
  HttpClient one = client();
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: z\r\n\r\n";
  for (const char byte : request) ASSERT_TRUE(one.send({&byte, 1}));
  EXPECT_EQ(one.answer()->body, "abcde");
}

TEST_F(HttpServerTest, large_bodies_come_back_whole) {
  start();
  std::string body;
  for (int i = 0; body.size() < (3U << 20); ++i) body += std::to_string(i) + " ";
  HttpClient one = client();
  std::thread sender([&] { one.post("/echo", body); });
  const auto answer = one.answer();
  sender.join();
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->body == body);
}

TEST_F(HttpServerTest, the_client_that_waits_is_told_to_go_on) {
  start();
  HttpClient one = client();
  one.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(one.answer()->status, 100);
  one.send("ab");
  EXPECT_EQ(one.answer()->body, "ab");
}

TEST_F(HttpServerTest, a_body_that_is_too_large_is_refused_before_it_is_sent) {
  start({.body_bytes = 1000});
  HttpClient one = client();
  one.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(one.answer()->status, 413);
  EXPECT_TRUE(one.is_closed());

  HttpClient eager = client();
  eager.post("/echo", std::string(5'000'000, 'x'));
  EXPECT_EQ(eager.answer()->status, 413);
}

TEST_F(HttpServerTest, handlers_answer_later_and_from_other_threads) {
  start();
  HttpClient one = client();
  one.get("/later/1");
  std::thread([respond = waiting_.take()]() mutable {
    respond({.content_type = "text/plain", .body = "at last"});
  }).join();
  EXPECT_EQ(one.answer()->body, "at last");
}

TEST_F(HttpServerTest, a_handler_that_gives_up_answers_500) {
  start();
  EXPECT_EQ(get("/lost").status, 500);
}

TEST_F(HttpServerTest, an_answer_after_the_client_has_gone_does_no_harm) {
  start();
  HttpClient one = client();
  one.get("/later/1");
  Respond respond = waiting_.take();
  one.vanish();
  respond({.content_type = "text/plain", .body = std::string(1 << 20, 'x')});
  expect_alive();
}

TEST_F(HttpServerTest, an_answer_that_does_not_come_in_time_is_504) {
  start({.answer_time = milliseconds(200)});
  HttpClient one = client();
  one.get("/later/1");
  Respond respond = waiting_.take();
  EXPECT_EQ(one.answer()->status, 504);
  respond({});
  expect_alive();
}

TEST_F(HttpServerTest, bodies_in_work_have_a_limit_together) {
  start({.bodies_bytes = 1000});
  HttpClient one = client();
  one.post("/echo", std::string(900, 'x'));
  EXPECT_EQ(one.answer()->status, 200);

  // The body is never whole, and holds what it announced once it has begun.
  HttpClient holder = client();
  holder.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Content-Length: 900\r\n\r\nthe beginning of a long text");
  Answer refused;
  for (int i = 0; i < 100 && refused.status != 503; ++i) {
    HttpClient other = client();
    other.post("/echo", std::string(200, 'x'));
    refused = other.answer().value_or(Answer{});
  }
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  holder.vanish();
  bool is_free = false;
  for (int i = 0; i < 100 && !is_free; ++i) {
    HttpClient other = client();
    other.post("/echo", std::string(200, 'x'));
    is_free = other.answer().value_or(Answer{}).status == 200;
  }
  EXPECT_TRUE(is_free);
}

TEST_F(HttpServerTest, slow_heads_and_bodies_are_cut_off) {
  start(
      {.head_time = milliseconds(300), .body_window = milliseconds(300), .body_window_bytes = 100});
  HttpClient head = client();
  head.send("GET /hello HTTP/1.1\r\nHost: loc");
  HttpClient body = client();
  body.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Content-Length: 1000\r\n\r\n");
  HttpClient silent = client();
  EXPECT_EQ(head.answer()->status, 408);
  EXPECT_TRUE(head.is_closed());
  EXPECT_EQ(body.answer()->status, 408);
  EXPECT_TRUE(body.is_closed());
  EXPECT_TRUE(silent.is_closed());
  expect_alive();
}

TEST_F(HttpServerTest, a_body_that_drips_is_cut_off) {
  start({.body_window = milliseconds(300), .body_window_bytes = 1000});
  HttpClient one = client();
  one.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Content-Length: 100000\r\n\r\n");
  int sent = 0;
  while (!one.receive(20) && sent < 500) {
    if (!one.send("x")) break;
    ++sent;
  }
  EXPECT_EQ(one.answer()->status, 408);
  EXPECT_LT(sent, 500);
}

TEST_F(HttpServerTest, connections_beyond_the_limit_are_turned_away) {
  start({.connections = 3});
  std::vector<HttpClient> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(client());
    held.back().get("/hello");
    ASSERT_EQ(held.back().answer()->status, 200);
  }
  HttpClient other = client();
  const auto refused = other.answer();
  if (refused) {
    EXPECT_EQ(refused->status, 503);
  }
  EXPECT_TRUE(other.is_closed());
  held.pop_back();
  bool is_free = false;
  for (int i = 0; i < 100 && !is_free; ++i) is_free = get("/hello").status == 200;
  EXPECT_TRUE(is_free);
}

TEST_F(HttpServerTest, a_stop_lets_what_is_in_work_be_answered) {
  start();
  std::vector<HttpClient> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(client());
    clients.back().get("/later/" + std::to_string(i));
  }
  HttpClient idle = client();
  idle.get("/hello");
  ASSERT_EQ(idle.answer()->status, 200);
  std::vector<Respond> responds;
  for (size_t i = 0; i < 100; ++i) responds.push_back(waiting_.take(i == 0 ? 100 : 1));

  auto stopped = std::async(std::launch::async, [&] { server_->stop(milliseconds(10'000)); });
  EXPECT_TRUE(idle.is_closed());
  for (Respond& respond : responds) respond({.content_type = "text/plain", .body = "done"});
  for (HttpClient& one : clients) {
    const auto answer = one.answer();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "done");
    EXPECT_EQ(answer->headers.at("connection"), "close");
  }
  stopped.get();
  EXPECT_EQ(server_->connections(), 0U);
  EXPECT_FALSE(client().get("/hello") && client().answer());
}

TEST_F(HttpServerTest, handlers_may_answer_after_the_stop_and_after_the_end) {
  start();
  std::vector<HttpClient> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(client());
    clients.back().get("/later/" + std::to_string(i));
  }
  std::vector<Respond> responds;
  for (size_t i = 0; i < 10; ++i) responds.push_back(waiting_.take(i == 0 ? 10 : 1));
  server_->stop(milliseconds(50));
  for (HttpClient& one : clients) EXPECT_TRUE(one.is_closed());
  for (size_t i = 0; i < 5; ++i) responds[i]({.body = "too late"});
  server_.reset();
  for (size_t i = 5; i < 10; ++i) responds[i]({.body = "far too late"});
}

TEST_F(HttpServerTest, answers_race_with_the_end_without_harm) {
  for (int round = 0; round < 20; ++round) {
    start();
    std::vector<HttpClient> clients;
    for (int i = 0; i < 8; ++i) {
      clients.push_back(client());
      clients.back().get("/later/" + std::to_string(i));
    }
    std::vector<Respond> responds;
    for (size_t i = 0; i < 8; ++i) responds.push_back(waiting_.take(i == 0 ? 8 : 1));
    std::thread answering([&] {
      for (Respond& respond : responds) respond({.body = "x"});
    });
    server_.reset();
    answering.join();
  }
}

TEST_F(HttpServerTest, a_thousand_connections_at_once_are_answered) {
  start();
  std::vector<HttpClient> clients;
  for (int i = 0; i < 1000; ++i) {
    clients.push_back(client());
    ASSERT_TRUE(clients.back().is_connected()) << i;
  }
  for (int round = 0; round < 3; ++round) {
    for (HttpClient& one : clients) ASSERT_TRUE(one.post("/echo", "x"));
    for (HttpClient& one : clients) ASSERT_EQ(one.answer()->body, "x");
  }
  EXPECT_EQ(server_->connections(), 1000U);
}

TEST_F(HttpServerTest, the_administrators_routes_need_the_token) {
  const std::string token(64, 'a');
  options_.tokens = {{.secret = token, .access = Access::kAdmin}};
  start_with_options();
  const Answer refused = get("/admin");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.headers.at("www-authenticate"), "Bearer");
  EXPECT_EQ(get("/admin", "Authorization: Bearer " + std::string(64, 'b') + "\r\n").status, 401);
  EXPECT_EQ(get("/admin", "Authorization: Bearer " + token + "\r\n").body, "secret");
  EXPECT_EQ(get("/hello").status, 200);
}

TEST_F(HttpServerTest, addresses_that_others_could_reach_are_refused) {
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1", "localhost", ""}) {
    const auto started = HttpServer::start({.address = address, .port = 0}, routes());
    ASSERT_FALSE(started.has_value()) << address;
    EXPECT_EQ(started.error().code, base::ErrorCode::kInvalidInput) << address;
    EXPECT_NE(started.error().message.find("write 127.0.0.1"), std::string::npos);
  }
}

TEST_F(HttpServerTest, a_port_in_use_is_a_conflict) {
  start();
  const auto second = HttpServer::start({.port = server_->port()}, routes());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, base::ErrorCode::kConflict);
}

}  // namespace
}  // namespace purvey::serve
