// A server whose process runs out of descriptors, in a process of its own. UBSan needs a pipe to
// look at the type of an object; there it gets none, and reports an "invalid vptr" that is none.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "serve/http_client_fixture.h"
#include "serve/http_server.h"

namespace purvey::serve {
namespace {

constexpr rlim_t kDescriptors = 40;

/// Serves until the other end of `ends` is closed; never returns.
[[noreturn]] void serve_in_child(int tells, int ends) {
  const rlimit few{.rlim_cur = kDescriptors, .rlim_max = kDescriptors};
  setrlimit(RLIMIT_NOFILE, &few);
  Router router;
  router.add({.pattern = "/hello",
              .access = Access::kPublic,
              .summary = "says hello",
              .handler = [](const Request&, Respond respond) {
                respond({.content_type = "text/plain", .body = "hello"});
              }});
  const auto server = HttpServer::start({.port = 0}, std::move(router));
  const uint16_t port = server ? (*server)->port() : 0;
  char end = 0;
  if (write(tells, &port, sizeof(port)) == sizeof(port)) {
    [[maybe_unused]] const ssize_t ended = read(ends, &end, 1);
  }
  _exit(0);
}

class DescriptorLimitTest : public testing::Test {
 protected:
  DescriptorLimitTest() {
    int told[2];
    int ended[2];
    EXPECT_EQ(pipe(told) + pipe(ended), 0);
    child_ = fork();
    if (child_ == 0) {
      close(ended[1]);
      serve_in_child(told[1], ended[0]);
    }
    EXPECT_EQ(read(told[0], &port_, sizeof(port_)), static_cast<ssize_t>(sizeof(port_)));
    for (const int end : {told[0], told[1], ended[0]}) close(end);
    end_ = ended[1];
  }
  ~DescriptorLimitTest() override {
    close(end_);
    waitpid(child_, nullptr, 0);
  }

  /// Within the 10 s that a client waits.
  bool is_answered() const {
    HttpClient one(port_);
    one.get("/hello");
    return one.answer().value_or(Answer{}).body == "hello";
  }

  uint16_t port_ = 0;
  pid_t child_ = 0;
  int end_ = -1;
};

TEST_F(DescriptorLimitTest, connections_that_only_wait_give_way) {
  std::vector<HttpClient> clients;
  for (int i = 0; i < 100; ++i) {
    clients.emplace_back(port_);
    ASSERT_TRUE(clients.back().get("/hello"));
    ASSERT_TRUE(clients.back().answer().has_value()) << i;
  }
  EXPECT_TRUE(is_answered());
}

TEST_F(DescriptorLimitTest, it_goes_on_once_descriptors_are_free) {
  {
    std::vector<HttpClient> clients;
    for (int i = 0; i < 100; ++i) {
      clients.emplace_back(port_);
      ASSERT_TRUE(clients.back().send("GET /hello HTTP/1.1\r\nHost: loc"));
    }
    HttpClient one(port_);
    one.get("/hello");
    EXPECT_FALSE(one.answer(false, 300).has_value());
  }
  EXPECT_TRUE(is_answered());
}

}  // namespace
}  // namespace purvey::serve
