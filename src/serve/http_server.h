#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "serve/router.h"
#include "serve/token.h"

namespace purvey::serve {

/// What one client may cost. Each limit that is passed gives its own answer.
struct HttpLimits {
  size_t head_bytes = 16 * 1024;     ///< request line and header lines: 431
  size_t header_lines = 100;         ///< 431
  size_t target_bytes = 8 * 1024;    ///< path and query: 414
  size_t body_bytes = 8 << 20;       ///< as sent: 413
  size_t unpacked_bytes = 64 << 20;  ///< once decompressed: 413
  size_t unpacked_ratio = 200;  ///< unpacked bytes for one sent, beyond `ratio_free_bytes`: 413
  size_t ratio_free_bytes = 1 << 20;  ///< what may be unpacked whatever the ratio
  size_t bodies_bytes = 256 << 20;    ///< of all requests that are not answered yet: 503
  size_t connections = 4096;          ///< at once: 503 and closed
  /// A head that is not whole by then: 408.
  std::chrono::milliseconds head_time{10'000};
  /// A body of which fewer than `body_window_bytes` come within this time: 408.
  std::chrono::milliseconds body_window{10'000};
  size_t body_window_bytes = 40 * 1024;
  /// Between two requests of a connection; then it is closed.
  std::chrono::milliseconds idle_time{60'000};
  /// A handler that has not answered by then: 504.
  std::chrono::milliseconds answer_time{60'000};
  /// For a client to take an answer, and a second more for each 64 KiB; then it is cut off.
  std::chrono::milliseconds write_time{30'000};
};

/// PEM files; both are needed. The key is readable by its owner alone.
struct TlsFiles {
  std::string certificate;  ///< with those that it depends on, its own first
  std::string key;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";  ///< an address, not a name
  uint16_t port = 8080;               ///< 0: any free one
  /// A socket that listens there already: the server accepts from it, and leaves it open.
  int listener = -1;
  unsigned threads = 2;
  HttpLimits limits = {};
  /// Names beside loopback's and the address itself by which clients may call the server, without
  /// port: what another name leads here by is refused (421), so that no page of another site can
  /// pass for ours (DNS rebinding).
  std::vector<std::string> hosts = {};
  std::vector<Token> tokens = {};  ///< the administrator's among them
  bool needs_token = false;        ///< also for reading and sending events
  TlsFiles tls = {};               ///< empty: none, and loopback alone
};

class Metrics;
class ServerCore;

/// Speaks HTTP/1.1 on one address, on threads of its own.
///
/// Created by `app`. Requests that fit their route go to its handler; all others are answered here.
/// Each connection has one request at a time in work and answers in order. Thread-safe.
/// Not here: HTTP/2, names of routes, what a handler does.
class HttpServer {
 public:
  /// Listens and serves until stop(). Errors: kInvalidInput for an address that is none or that is
  /// refused (beyond loopback it takes TLS and tokens), kConflict if the port is in use,
  /// kUnavailable. What the server counts of itself is added to `metrics`, if that is given.
  static base::Result<std::unique_ptr<HttpServer>> start(
      HttpServerOptions options, Router router, std::shared_ptr<Metrics> metrics = nullptr);

  /// Stops at once.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const { return port_; }

  /// "http://127.0.0.1:8080"
  std::string url() const;

  size_t connections() const;

  /// A descriptor of the listening socket that outlives the server: clients who come between its
  /// stop() and the start of the next on `listener` wait, and are not refused. -1 if there is none.
  int keep_listening() const;

  /// Accepts no more, lets what is in work be answered for at most `grace`, then closes all. May be
  /// called again. Handlers may answer later still, without effect.
  void stop(std::chrono::milliseconds grace);

 private:
  HttpServer(std::shared_ptr<ServerCore> core, std::string address, uint16_t port);

  const std::shared_ptr<ServerCore> core_;
  const std::string address_;
  std::vector<std::thread> threads_;
  const uint16_t port_;
};

}  // namespace purvey::serve
