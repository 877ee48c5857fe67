#include "serve/http_server.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>

#include "base/steady_time.h"
#include "serve/internal/connection.h"
#include "serve/internal/refusals.h"
#include "serve/internal/response_head.h"
#include "serve/internal/server_core.h"
#include "serve/internal/tls_context.h"

// Asio and Beast are compiled here and nowhere else.
//
// Asio tells an error twice, in its last argument and as a value; the argument is looked at.
// NOLINTBEGIN(bugprone-unused-return-value)

namespace purvey::serve {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;

constexpr size_t kSmallRead = 4 * 1024;
/// Posts of some hundred events come in with one read, and the buffer holds what follows them.
constexpr size_t kLargeRead = 128 * 1024;
constexpr size_t kLargeBuffersMax = 256;  // 64 MiB in all; further connections read in small pieces
constexpr milliseconds kSweepEach{100};
constexpr milliseconds kAcceptPause{100};
constexpr milliseconds kLingerTime{2'000};
constexpr uint64_t kLingerBytesMax = 64 << 20;
constexpr size_t kWriteBytesPerSecond = 64 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

HeadLimits head_limits(const HttpLimits& limits) {
  return {.bytes = limits.head_bytes,
          .lines = limits.header_lines,
          .target_bytes = limits.target_bytes};
}

std::string shown_peer(const tcp::socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "";
  const std::string address = endpoint.address().to_string();
  return fmt::format(fmt::runtime(endpoint.address().is_v6() ? "[{}]:{}" : "{}:{}"), address,
                     endpoint.port());
}

}  // namespace

// --- one connection -----------------------------------------------------------------------------

Connection::Connection(ServerCore& core, tcp::socket socket)
    : core_(core), socket_(std::move(socket)), peer_(shown_peer(socket_)), read_size_(kSmallRead) {
  if (core_.tls() != nullptr) tls_.emplace(socket_, *core_.tls());
  enter(tls_ ? Phase::kHandshake : Phase::kIdle, core_.limits().head_time);
}

Connection::~Connection() {
  if (has_large_buffer_) core_.give_large_buffer();
}

void Connection::start() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    boost::system::error_code ignored;
    self->socket_.set_option(tcp::no_delay(true), ignored);
    if (self->phase_ == Phase::kHandshake) return self->shake_hands();
    if (self->phase_ != Phase::kClosed) self->read();
  });
}

void Connection::close_if_idle() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    const bool is_needed = self->phase_ == Phase::kHead || self->phase_ == Phase::kBody ||
                           self->phase_ == Phase::kWorking || self->phase_ == Phase::kWriting;
    if (!is_needed) self->close();
  });
}

void Connection::make_room() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->phase_ == Phase::kIdle && self->request_number_ > 0) self->close();
  });
}

void Connection::abort() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->close(); });
}

void Connection::check_deadline(base::SteadyTime now) {
  if (now.time_since_epoch().count() < deadline_.load(std::memory_order_relaxed)) return;
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->on_deadline(); });
}

void Connection::answer_request(uint64_t number, Response response) {
  asio::dispatch(socket_.get_executor(),
                 [self = shared_from_this(), number, response = std::move(response)]() mutable {
                   if (self->phase_ != Phase::kWorking || self->request_number_ != number) return;
                   self->answer(std::move(response));
                 });
}

void Connection::enter(Phase phase, base::SteadyTime::duration time) {
  phase_ = phase;
  deadline_.store((base::steady_now() + time).time_since_epoch().count(),
                  std::memory_order_relaxed);
}

std::string_view Connection::bytes() const {
  return {static_cast<const char*>(buffer_.cdata().data()), buffer_.size()};
}

void Connection::shake_hands() {
  tls_->async_handshake(asio::ssl::stream_base::server,
                        [self = shared_from_this()](ErrorCode error) {
                          if (self->phase_ != Phase::kHandshake) return;
                          if (error) return self->close();
                          self->enter(Phase::kIdle, self->core_.limits().head_time);
                          self->read();
                        });
}

template <class Buffers, class Handler>
void Connection::write(const Buffers& buffers, Handler handler) {
  if (tls_) {
    asio::async_write(*tls_, buffers, std::move(handler));
  } else {
    asio::async_write(socket_, buffers, std::move(handler));
  }
}

void Connection::next_request() {
  if (core_.is_stopping()) return close();
  ++request_number_;
  scanned_ = 0;
  admission_ = {};
  head_time_ = base::steady_now();  // if its head is never whole
  if (buffer_.size() > 0) {
    enter(Phase::kHead, core_.limits().head_time);
    return scan();
  }
  enter(Phase::kIdle, core_.limits().idle_time);
  read();
}

void Connection::read() {
  is_reading_ = true;
  const auto space = buffer_.prepare(read_size_);
  auto handler = [self = shared_from_this()](ErrorCode error, size_t size) {
    self->on_read(error, size);
  };
  if (tls_) {
    tls_->async_read_some(space, std::move(handler));
  } else {
    socket_.async_read_some(space, std::move(handler));
  }
}

void Connection::on_read(ErrorCode error, size_t size) {
  is_reading_ = false;
  if (phase_ == Phase::kClosed || phase_ == Phase::kWriting) return;
  if (error) return close();
  buffer_.commit(size);
  core_.metrics().received(size);
  switch (phase_) {
    case Phase::kIdle:
      enter(Phase::kHead, core_.limits().head_time);
      return scan();
    case Phase::kHead:
      return scan();
    case Phase::kBody:
      return feed_body();
    case Phase::kLingering:
      discarded_ += size;
      buffer_.clear();
      return discarded_ > kLingerBytesMax ? close() : read();
    case Phase::kHandshake:
    case Phase::kWorking:
    case Phase::kWriting:
    case Phase::kClosed:
      return;
  }
}

void Connection::scan() {
  const size_t most = core_.limits().head_bytes;
  const HeadScan found = scan_head(bytes().substr(0, most), scanned_);
  switch (found.state) {
    case HeadScan::State::kWhole:
      return take_head(bytes().substr(0, found.size));
    case HeadScan::State::kBad:
      return refuse(
          bad_head("a control character, or a line that does not end in CR "
                   "LF; this port speaks HTTP/1.1"));
    case HeadScan::State::kOpen:
      break;
  }
  if (buffer_.size() >= most) return refuse(head_too_large(most));
  scanned_ = buffer_.size();
  read();
}

void Connection::take_head(std::string_view text) {
  head_time_ = base::steady_now();
  auto head = read_head(text, head_limits(core_.limits()));
  if (!head) return refuse(std::move(head).error());
  parser_.emplace(head_limits(core_.limits()));
  ErrorCode error;
  const size_t used = parser_->put(asio::buffer(text.data(), text.size()), error);
  if (error || used != text.size() || parser_->chunked() != head->is_chunked) {
    return refuse(bad_head(error.message()));
  }
  closes_ = head->wants_close || head->is_http_1_0;
  is_head_only_ = head->method == method_name(Method::kHead);
  admission_ = core_.gate().admit(*head, peer_);
  if (admission_.answer && head->has_body()) return refuse(std::move(*admission_.answer));
  if (admission_.answer) {
    buffer_.consume(text.size());
    return answer(std::move(*admission_.answer));
  }
  begin_body(*head, text.size());
}

void Connection::begin_body(const Head& head, size_t head_bytes) {
  const uint64_t announced = head.content_length.value_or(0);
  const bool waits = head.expects_continue && head.has_body();
  body_.emplace(admission_.packing, announced, core_.limits(), core_.budget());
  buffer_.consume(head_bytes);  // from here on the views of `head` mean nothing
  if (parser_->is_done()) return handle();

  if (!core_.budget()->has_room(announced)) return refuse(overloaded());
  parser_->set_body(&*body_);
  parser_->eager(true);
  window_start_ = 0;
  enter(Phase::kBody, core_.limits().body_window);
  if (!waits || buffer_.size() > 0) return feed_body();
  writes_continue_ = true;
  write(asio::buffer(kContinue), [self = shared_from_this()](ErrorCode error, size_t) {
    self->writes_continue_ = false;
    if (self->phase_ != Phase::kBody) return;
    error ? self->close() : self->feed_body();
  });
}

void Connection::feed_body() {
  ErrorCode error;
  while (buffer_.size() > 0 && !parser_->is_done() && !error) {
    buffer_.consume(parser_->put(buffer_.cdata(), error));
  }
  if (parser_->refusal()) return refuse(std::move(*parser_->refusal()));
  if (error && error != boost::beast::http::error::need_more) {
    return refuse(bad_body(error.message()));
  }
  if (parser_->is_done()) return finish_body();
  if (buffer_.size() >= core_.limits().head_bytes) {
    return refuse(
        bad_body("the head of a chunk, or what follows the "
                 "last one, is too long"));
  }
  if (!has_large_buffer_ && core_.take_large_buffer()) {
    has_large_buffer_ = true;
    buffer_.reserve(2 * kLargeRead);
    read_size_ = kLargeRead;
  }
  read();
}

void Connection::finish_body() {
  auto body = body_->finish();
  if (!body) return answer(std::move(body).error());
  admission_.request.body = std::move(*body);
  handle();
}

void Connection::handle() {
  enter(Phase::kWorking, core_.limits().answer_time);
  const Route& route = *admission_.route;
  auto share = body_->share();
  body_.reset();
  // The handler may answer when the server is gone: it holds neither connection nor core.
  Respond respond([core = core_.weak_from_this(), self = weak_from_this(), number = request_number_,
                   share = std::move(share)](Response response) mutable {
    share.reset();  // before the client hears: what it sends next has room
    const auto core_alive = core.lock();
    const auto self_alive = core_alive ? self.lock() : nullptr;
    if (self_alive) self_alive->answer_request(number, std::move(response));
  });
  route.handler(std::move(admission_.request), std::move(respond));
}

/// Answers a request of which bytes may still come, and closes.
void Connection::refuse(Response response) {
  is_unread_ = true;
  closes_ = true;
  answer(std::move(response));
}

void Connection::answer(Response response) {
  const size_t seconds = response.body.size() / kWriteBytesPerSecond;
  status_ = response.status;
  enter(Phase::kWriting, core_.limits().write_time + std::chrono::seconds(seconds));
  body_.reset();
  closes_ |= core_.is_stopping();
  out_head_ = response_head(response, !closes_);
  const bool has_body = may_have_body(response.status) && !is_head_only_;
  out_body_ = has_body ? std::move(response.body) : std::string();
  const std::array<asio::const_buffer, 2> parts = {asio::buffer(out_head_),
                                                   asio::buffer(out_body_)};
  write(parts, [self = shared_from_this()](ErrorCode error, size_t size) {
    self->on_written(error, size);
  });
}

void Connection::on_written(ErrorCode error, size_t size) {
  core_.metrics().sent(size);
  core_.metrics().answered(admission_.route, status_, base::steady_now() - head_time_);
  if (phase_ == Phase::kClosed) return;
  out_body_ = std::string();
  if (error) return close();
  if (!is_reading_ && (is_unread_ || (closes_ && buffer_.size() > 0))) return linger();
  if (!closes_) return next_request();
  tls_ ? end_tls() : close();
}

/// Tells the client that no more comes, so that it knows the end from a cut.
void Connection::end_tls() {
  enter(Phase::kLingering, kLingerTime);
  tls_->async_shutdown([self = shared_from_this()](ErrorCode) { self->close(); });
}

/// A socket that is closed with bytes unread takes the answer from the client with it; so they are
/// read for a while.
void Connection::linger() {
  ErrorCode ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  enter(Phase::kLingering, kLingerTime);
  buffer_.clear();
  read();
}

void Connection::on_deadline() {
  if (base::steady_now().time_since_epoch().count() < deadline_.load()) return;
  switch (phase_) {
    case Phase::kHead:
      closes_ = true;
      return answer(too_slow("the head of the request"));
    case Phase::kBody:
      if (writes_continue_) return close();
      if (body_->taken() - window_start_ >= core_.limits().body_window_bytes) {
        window_start_ = body_->taken();
        return enter(Phase::kBody, core_.limits().body_window);
      }
      closes_ = true;
      return answer(too_slow("the body"));
    case Phase::kWorking:
      ++request_number_;
      closes_ = true;
      return answer(not_answered());
    case Phase::kHandshake:
    case Phase::kIdle:
    case Phase::kWriting:
    case Phase::kLingering:
      return close();
    case Phase::kClosed:
      return;
  }
}

void Connection::close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  ErrorCode ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  body_.reset();
  core_.forget(*this);
}

// --- what they share ----------------------------------------------------------------------------

ServerCore::ServerCore(HttpServerOptions options, Router router, std::shared_ptr<Metrics> metrics)
    : options_(std::move(options)),
      gate_(options_, std::move(router)),
      metrics_(metrics ? std::move(metrics) : std::make_shared<Metrics>(), gate_.router()),
      budget_(std::make_shared<BodyBudget>(options_.limits.bodies_bytes)),
      io_(static_cast<int>(options_.threads)),
      work_(io_.get_executor()),
      acceptor_(asio::make_strand(io_)),
      sweep_timer_(acceptor_.get_executor()),
      accept_timer_(acceptor_.get_executor()) {}

ServerCore::~ServerCore() = default;

base::Result<uint16_t> ServerCore::listen() {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options_.address, error);
  if (error) {
    return base::invalid_input(
        fmt::format("'{}': no address to listen on; write 127.0.0.1 or [::1]", options_.address));
  }
  PURVEY_TRY(check_address(address));
  tls_ = PURVEY_TRY(make_tls_context(options_.tls));
  const tcp::endpoint endpoint(address, options_.port);
  if (options_.listener >= 0) {
    acceptor_.assign(endpoint.protocol(), dup(options_.listener), error);
  } else {
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  }
  if (error) {
    auto message =
        fmt::format("{}:{}: cannot listen: {}", options_.address, options_.port, error.message());
    return error == asio::error::address_in_use ? base::conflict(std::move(message))
                                                : base::unavailable(std::move(message));
  }
  accept();
  sweep();
  return acceptor_.local_endpoint(error).port();
}

base::Result<void> ServerCore::check_address(const asio::ip::address& address) const {
  if (address.is_loopback()) return {};
  if (!options_.tls.certificate.empty() && options_.needs_token && !options_.tokens.empty())
    return {};
  return base::invalid_input(fmt::format(
      "{}: other machines could reach it; write 127.0.0.1, or name a certificate and its key for "
      "TLS and demand tokens: `certificate`, `key` and `auth = true` of [server]",
      options_.address));
}

void ServerCore::run() {
  for (;;) {
    try {
      io_.run();
      return;
    } catch (const std::exception&) {
      // A handler threw, or memory ran out: its request was answered 500 when Respond was dropped.
      metrics_.fault();
    }
  }
}

void ServerCore::stop(milliseconds grace) {
  is_stopping_ = true;
  asio::post(acceptor_.get_executor(), [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    accept_timer_.cancel();
  });
  for (const auto& connection : all_connections()) connection->close_if_idle();
  {
    std::unique_lock lock(mutex_);
    emptied_.wait_for(lock, grace, [this] { return connections_.empty(); });
  }
  for (const auto& connection : all_connections()) connection->abort();
  asio::post(acceptor_.get_executor(), [this] {
    is_ended_ = true;
    sweep_timer_.cancel();
  });
  work_.reset();
}

size_t ServerCore::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

void ServerCore::forget(Connection& connection) {
  std::shared_ptr<Connection> last;  // its end comes after the lock's
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(connection.shared_from_this());
  if (found == connections_.end()) return;
  last = std::move(connections_.extract(found).value());
  metrics_.connections(connections_.size());
  if (connections_.empty()) emptied_.notify_all();
}

bool ServerCore::take_large_buffer() {
  if (++large_buffers_ <= kLargeBuffersMax) return true;
  --large_buffers_;
  return false;
}

void ServerCore::accept() {
  acceptor_.async_accept(asio::make_strand(io_),
                         [this](boost::system::error_code error, auto socket) {
                           on_accept(error, tcp::socket(std::move(socket)));
                         });
}

void ServerCore::on_accept(boost::system::error_code error, tcp::socket socket) {
  if (is_stopping_) return;
  if (!error) {
    welcome(std::move(socket));
    return accept();
  }
  if (error.value() == asio::error::connection_aborted) return accept();
  // Out of descriptors, or of memory: who was answered and only waits gives way.
  for (const auto& connection : all_connections()) connection->make_room();
  accept_after_pause();
}

void ServerCore::accept_after_pause() {
  accept_timer_.expires_after(kAcceptPause);
  accept_timer_.async_wait([this](boost::system::error_code) {
    if (!is_stopping_) accept();
  });
}

void ServerCore::welcome(tcp::socket socket) {
  if (connections() >= options_.limits.connections) return turn_away(std::move(socket));
  const auto connection = std::make_shared<Connection>(*this, std::move(socket));
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    connections_.insert(connection);
    metrics_.connections(connections_.size());
  }
  connection->start();
}

/// Tells a client that there are too many, as far as that goes without waiting for it.
void ServerCore::turn_away(tcp::socket socket) {
  metrics_.turned_away();
  if (tls_) return;  // nothing can be said before hands were shaken
  const Response response = too_many_connections();
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(response_head(response, false) + response.body), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void ServerCore::sweep() {
  const auto now = base::steady_now();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& connection : connections_) connection->check_deadline(now);
    metrics_.bodies(budget_->held());
  }
  sweep_timer_.expires_after(kSweepEach);
  sweep_timer_.async_wait([this](boost::system::error_code) {
    if (!is_ended_) sweep();
  });
}

std::vector<std::shared_ptr<Connection>> ServerCore::all_connections() const {
  const std::lock_guard lock(mutex_);
  return {connections_.begin(), connections_.end()};
}

// --- the server ---------------------------------------------------------------------------------

base::Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options,
                                                            Router router,
                                                            std::shared_ptr<Metrics> metrics) try {
  const unsigned threads = std::max(1U, options.threads);
  const std::string address = options.address;
  const auto core =
      std::make_shared<ServerCore>(std::move(options), std::move(router), std::move(metrics));
  const uint16_t port = PURVEY_TRY(core->listen());
  std::unique_ptr<HttpServer> server(new HttpServer(core, address, port));
  for (unsigned i = 0; i < threads; ++i) {
    server->threads_.emplace_back([core = core.get()] { core->run(); });
  }
  return server;
} catch (const std::exception& error) {
  // Asio's own set-up throws: no descriptor for its queue, no thread.
  return base::unavailable(fmt::format("the server cannot be set up: {}", error.what()));
}

HttpServer::HttpServer(std::shared_ptr<ServerCore> core, std::string address, uint16_t port)
    : core_(std::move(core)), address_(std::move(address)), port_(port) {}

HttpServer::~HttpServer() {
  stop(milliseconds(0));
}

std::string HttpServer::url() const {
  const bool is_v6 = address_.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", core_->tls() != nullptr ? "https" : "http",
                     is_v6 ? "[" + address_ + "]" : address_, port_);
}

int HttpServer::keep_listening() const {
  return core_->keep_listening();
}

size_t HttpServer::connections() const {
  return core_->connections();
}

void HttpServer::stop(milliseconds grace) {
  core_->stop(grace);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace purvey::serve

// NOLINTEND(bugprone-unused-return-value)
