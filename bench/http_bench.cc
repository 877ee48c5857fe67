// Posts of 123 KB (about 500 events) to a route that throws them away, and small GETs. `bench_http
// [SECONDS]` for each line; one client thread a connection, on the same machine. The baseline is a
// server of plain sockets, a thread a connection, that takes the same bytes and looks at none.

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "serve/http_server.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kBodyBytes = 123'000;
constexpr std::string_view kAccepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}";

struct Figures {
  double requests_per_second;
  double p50_ms;
  double p99_ms;
};

std::string post_request() {
  return fmt::format(
             "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
             "Content-Length: {}\r\n\r\n",
             kBodyBytes) +
         std::string(kBodyBytes, 'x');
}

std::string get_request() {
  return "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

void fail(const char* what) {
  fmt::print(stderr, "{} failed\n", what);
  std::exit(1);
}

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int connected(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    fail("connect");
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return fd;
}

/// Sends all of it; false once the other side has gone.
bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

/// Asks and waits, over and over, until `end`; the time of each in ms.
std::vector<double> ask_until(Clock::time_point end, uint16_t port, const std::string& request) {
  const int fd = connected(port);
  std::vector<double> times;
  std::vector<char> answer(4096);
  for (auto before = Clock::now(); before < end;) {
    if (!send_all(fd, request) || recv(fd, answer.data(), answer.size(), 0) <= 0) fail("a request");
    const auto after = Clock::now();
    times.push_back(std::chrono::duration<double, std::milli>(after - before).count());
    before = after;
  }
  close(fd);
  return times;
}

Figures measured(uint16_t port, const std::string& request, int connections, double seconds) {
  std::vector<std::vector<double>> times(static_cast<size_t>(connections));
  std::vector<std::thread> clients;
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(seconds));
  for (auto& of_client : times) {
    clients.emplace_back([&] { of_client = ask_until(end, port, request); });
  }
  for (std::thread& client : clients) client.join();
  std::vector<double> all;
  for (const auto& of_client : times) all.insert(all.end(), of_client.begin(), of_client.end());
  std::sort(all.begin(), all.end());
  return {.requests_per_second = static_cast<double>(all.size()) / seconds,
          .p50_ms = all[all.size() / 2],
          .p99_ms = all[all.size() * 99 / 100]};
}

/// The baseline: takes requests of a known size and answers each with the same bytes.
class PlainServer {
 public:
  explicit PlainServer(size_t request_bytes)
      : request_bytes_(request_bytes), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        listen(listener_, 128) != 0) {
      fail("listen");
    }
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
  }
  ~PlainServer() {
    shutdown(listener_, SHUT_RDWR);
    accepting_.join();
    for (std::thread& each : serving_) each.join();
    close(listener_);
  }
  PlainServer(const PlainServer&) = delete;
  PlainServer& operator=(const PlainServer&) = delete;

  uint16_t port() const { return port_; }

 private:
  void accept_all() {
    for (int fd = accept(listener_, nullptr, nullptr); fd >= 0;
         fd = accept(listener_, nullptr, nullptr)) {
      serving_.emplace_back([this, fd] { serve(fd); });
    }
  }

  void serve(int fd) const {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    std::vector<char> buffer(256 * 1024);
    size_t have = 0;
    for (;;) {
      const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      have += static_cast<size_t>(got);
      if (have < request_bytes_) continue;
      have -= request_bytes_;
      if (!send_all(fd, kAccepted)) break;
    }
    close(fd);
  }

  const size_t request_bytes_;
  const int listener_;
  uint16_t port_ = 0;
  std::thread accepting_;
  std::vector<std::thread> serving_;
};

std::unique_ptr<purvey::serve::HttpServer> http_server() {
  using purvey::serve::Method;
  using purvey::serve::Request;
  using purvey::serve::Respond;
  purvey::serve::Router router;
  router.add({.method = Method::kPost,
              .pattern = "/events",
              .access = purvey::serve::Access::kIngest,
              .summary = "throws away",
              .body_types = {"application/x-ndjson"},
              .handler = [](const Request&, Respond respond) {
                respond(purvey::serve::json_response(202, "{}"));
              }});
  router.add({.pattern = "/hello",
              .access = purvey::serve::Access::kRead,
              .summary = "says hello",
              .handler = [](const Request&, Respond respond) {
                respond(purvey::serve::json_response(200, "{}"));
              }});
  auto server = purvey::serve::HttpServer::start({.port = 0}, std::move(router));
  if (!server) fail(server.error().message.c_str());
  return std::move(*server);
}

void print_row(std::string_view what, int connections, const Figures& figures, size_t bytes) {
  fmt::print(
      "{:<28} {:>4} connections {:>9.0f} requests/s {:>7.0f} MB/s  p50 {:>6.2f} ms  p99 {:>6.2f} "
      "ms\n",
      what, connections, figures.requests_per_second,
      figures.requests_per_second * static_cast<double>(bytes) / 1e6, figures.p50_ms,
      figures.p99_ms);
}

void compare(std::string_view what, const std::string& request, double seconds) {
  const auto server = http_server();
  const PlainServer plain(request.size());
  for (const int connections : {4, 16, 64}) {
    const Figures ours = measured(server->port(), request, connections, seconds);
    const Figures base = measured(plain.port(), request, connections, seconds);
    print_row(what, connections, ours, request.size());
    print_row("  plain sockets", connections, base, request.size());
    fmt::print("  {:.0f} % of plain sockets\n",
               100 * ours.requests_per_second / base.requests_per_second);
  }
}

}  // namespace

int main(int count, char** arguments) {
  const double seconds = count > 1 ? std::atof(arguments[1]) : 2;
  compare("posts of 123 KB", post_request(), seconds);
  compare("small GETs", get_request(), seconds);
}
