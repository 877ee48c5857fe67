#pragma once

// Takes Asio and Beast in: for http_server.cc alone, which compiles it once.

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/steady_time.h"
#include "serve/internal/message_parser.h"
#include "serve/internal/server_core.h"

namespace purvey::serve {

/// One client's connection: reads a request, has it answered, writes the answer, reads the next.
///
/// Owned by the core until it closes itself. All work is done on the strand of its socket, so its
/// members need no locks; the functions under "from any thread" only ask for work there.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(ServerCore& core, boost::asio::ip::tcp::socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // From any thread.

  void start();
  /// Closes it if it waits for a request.
  void close_if_idle();
  /// Closes it if it was answered before and waits for another request.
  void make_room();
  /// Closes it whatever it does.
  void abort();
  /// Sees to what was not done in time, if that is so.
  void check_deadline(base::SteadyTime now);
  /// The answer of a handler to the request of this number; without effect if it comes too late.
  void answer_request(uint64_t number, Response response);

 private:
  using ErrorCode = boost::system::error_code;

  enum class Phase : uint8_t {
    kHandshake,  ///< TLS is not agreed on yet
    kIdle,       ///< no byte of the next request has come
    kHead,       ///< in the middle of its head
    kBody,       ///< in the middle of its body
    kWorking,    ///< with its handler
    kWriting,    ///< its answer is on its way
    kLingering,  ///< answered; what the client still sends is thrown away
    kClosed,
  };

  void enter(Phase phase, base::SteadyTime::duration time);
  std::string_view bytes() const;
  void shake_hands();
  template <class Buffers, class Handler>
  void write(const Buffers& buffers, Handler handler);

  // Reading, in this order.
  void next_request();
  void read();
  void on_read(ErrorCode error, size_t size);
  void scan();
  void take_head(std::string_view text);
  void begin_body(const Head& head, size_t head_bytes);
  void feed_body();
  void finish_body();
  void handle();

  // Answering.
  void refuse(Response response);
  void answer(Response response);
  void on_written(ErrorCode error, size_t size);
  void linger();
  void end_tls();
  void on_deadline();
  void close();

  ServerCore& core_;
  boost::asio::ip::tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;  ///< over socket_
  std::string peer_;
  std::atomic<base::SteadyTime::rep> deadline_ = 0;
  Phase phase_ = Phase::kIdle;

  boost::beast::flat_buffer buffer_;
  size_t read_size_;  ///< how much is read at once
  bool has_large_buffer_ = false;
  bool is_reading_ = false;
  size_t scanned_ = 0;      ///< bytes of the buffer in which no head ends
  uint64_t discarded_ = 0;  ///< while lingering

  // Of the request in work.
  uint64_t request_number_ = 0;
  Admission admission_;
  std::optional<MessageParser> parser_;
  std::optional<BodyReader> body_;
  uint64_t window_start_ = 0;        ///< bytes of the body when its time began
  base::SteadyTime head_time_ = {};  ///< when its head was whole
  int status_ = 0;                   ///< of its answer
  bool is_head_only_ = false;        ///< the answer has no body, as HEAD asks
  bool closes_ = false;              ///< after the answer
  bool is_unread_ = false;           ///< bytes of the request may still come
  bool writes_continue_ = false;
  std::string out_head_;
  std::string out_body_;
};

}  // namespace purvey::serve
