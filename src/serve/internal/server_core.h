#pragma once

// Takes Asio in: for http_server.cc alone, which compiles it once.

#include <unistd.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "base/result.h"
#include "serve/http_server.h"
#include "serve/internal/body_budget.h"
#include "serve/internal/gate.h"
#include "serve/internal/server_metrics.h"

namespace purvey::serve {

class Connection;

/// What the connections of a server share: the threads' queue of work, the rules, the limits that
/// count over all of them. Outlives the server while an answer is on its way. Thread-safe.
class ServerCore : public std::enable_shared_from_this<ServerCore> {
 public:
  ServerCore(HttpServerOptions options, Router router, std::shared_ptr<Metrics> metrics);
  ~ServerCore();
  ServerCore(const ServerCore&) = delete;
  ServerCore& operator=(const ServerCore&) = delete;

  /// Opens the socket and begins to accept once run() is called; gives the port. Errors: as
  /// HttpServer::start().
  base::Result<uint16_t> listen();
  int keep_listening() { return dup(acceptor_.native_handle()); }

  /// Null without TLS.
  boost::asio::ssl::context* tls() const { return tls_.get(); }

  /// Works until stop() has closed everything; called by each thread of the server.
  void run();

  /// As HttpServer::stop(), but for the threads.
  void stop(std::chrono::milliseconds grace);

  const HttpLimits& limits() const { return options_.limits; }
  const Gate& gate() const { return gate_; }
  ServerMetrics& metrics() { return metrics_; }
  std::shared_ptr<BodyBudget> budget() const { return budget_; }
  bool is_stopping() const { return is_stopping_; }
  size_t connections() const;

  /// Called by a connection that has closed itself.
  void forget(Connection& connection);

  /// Whether one more connection may hold a large read buffer; it gives it back at its end.
  bool take_large_buffer();
  void give_large_buffer() { --large_buffers_; }

 private:
  base::Result<void> check_address(const boost::asio::ip::address& address) const;
  void accept();
  void on_accept(boost::system::error_code error, boost::asio::ip::tcp::socket socket);
  void accept_after_pause();
  void welcome(boost::asio::ip::tcp::socket socket);
  void turn_away(boost::asio::ip::tcp::socket socket);
  void sweep();
  std::vector<std::shared_ptr<Connection>> all_connections() const;

  const HttpServerOptions options_;
  const Gate gate_;
  ServerMetrics metrics_;
  std::unique_ptr<boost::asio::ssl::context> tls_;  ///< constant once it listens
  const std::shared_ptr<BodyBudget> budget_;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<size_t> large_buffers_ = 0;
  // What lies in the queue when it ends may still use all that stands before it.
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer sweep_timer_;
  boost::asio::steady_timer accept_timer_;
  bool is_ended_ = false;  ///< the last sweep was; owned by the acceptor's strand

  mutable std::mutex mutex_;
  std::condition_variable emptied_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;  ///< guarded by mutex_
};

}  // namespace purvey::serve
