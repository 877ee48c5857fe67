#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace purvey::serve {

/// An answer as a client sees it.
struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers = {};  ///< names in lower case
  std::string body = {};
};

/// A client for tests: a plain socket that sends any bytes and reads answers, with a time limit on
/// each wait.
class HttpClient {
 public:
  explicit HttpClient(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~HttpClient() {
    if (fd_ >= 0) close(fd_);
  }
  HttpClient(HttpClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        is_connected_(other.is_connected_),
        received_(std::move(other.received_)) {}
  HttpClient& operator=(HttpClient&&) = delete;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool is_connected() const { return is_connected_; }

  /// Whether all of it could be given to the system.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  bool get(std::string_view path, std::string_view headers = "") {
    return send("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" +
                std::string(headers) + "\r\n");
  }

  bool post(std::string_view path, std::string_view body,
            std::string_view headers = "Content-Type: text/plain\r\n") {
    return send("POST " + std::string(path) +
                " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n" + std::string(headers) + "\r\n" + std::string(body));
  }

  void end_sending() { shutdown(fd_, SHUT_WR); }

  /// Closes with a reset, as a client that crashed.
  void vanish() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(std::exchange(fd_, -1));
  }

  /// The next answer; nothing if the connection ends first or `wait_ms` pass.
  std::optional<Answer> answer(bool is_to_head = false, int wait_ms = 10'000) {
    for (;;) {
      if (auto whole = take_answer(is_to_head)) return whole;
      if (!receive(wait_ms)) return std::nullopt;
    }
  }

  /// Whether the server ends the connection within the time; what it sends before is dropped.
  bool is_closed(int wait_ms = 10'000) {
    for (;;) {
      pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
      if (poll(&wait, 1, wait_ms) <= 0) return false;
      char block[4096];
      if (recv(fd_, block, sizeof(block), 0) <= 0) return true;
    }
  }

  /// Takes in what comes; false at the end or after the time.
  bool receive(int wait_ms) {
    pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, wait_ms) <= 0) return false;
    char block[65536];
    const ssize_t got = recv(fd_, block, sizeof(block), 0);
    if (got <= 0) return false;
    received_.append(block, static_cast<size_t>(got));
    return true;
  }

  /// What came and was not taken as an answer.
  const std::string& received() const { return received_; }

 private:
  std::optional<Answer> take_answer(bool is_to_head) {
    const size_t end = received_.find("\r\n\r\n");
    if (end == std::string::npos || received_.size() < 12) return std::nullopt;
    Answer answer;
    std::from_chars(received_.data() + 9, received_.data() + 12, answer.status);
    read_headers(answer, received_.substr(0, end + 2));
    const auto length = answer.headers.find("content-length");
    const size_t size =
        is_to_head || length == answer.headers.end() ? 0 : std::stoull(length->second);
    if (received_.size() < end + 4 + size) return std::nullopt;
    answer.body = received_.substr(end + 4, size);
    received_.erase(0, end + 4 + size);
    return answer;
  }

  static void read_headers(Answer& answer, std::string_view lines) {
    lines.remove_prefix(lines.find("\r\n") + 2);
    while (!lines.empty()) {
      const size_t end = lines.find("\r\n");
      const size_t colon = lines.find(':');
      std::string name(lines.substr(0, colon));
      for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      answer.headers[name] = lines.substr(colon + 2, end - colon - 2);
      lines.remove_prefix(end + 2);
    }
  }

  int fd_;
  bool is_connected_ = false;
  std::string received_;
};

}  // namespace purvey::serve
