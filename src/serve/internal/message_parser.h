#pragma once

// Takes Beast in: for http_server.cc alone, which compiles it once.

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

#include "serve/internal/body_reader.h"
#include "serve/internal/head.h"

namespace purvey::serve {

/// Beast's parser of one request. It finds the end of the message, with or without chunks, and
/// gives the bytes of the body on to a BodyReader. What the lines of the head mean was read before
/// (read_head()); here it only has to agree.
class MessageParser final : public boost::beast::http::basic_parser<true> {
 public:
  using ErrorCode = boost::beast::error_code;
  using View = boost::beast::string_view;

  explicit MessageParser(const HeadLimits& limits) {
    header_limit(static_cast<uint32_t>(limits.bytes));
    body_limit(boost::none);  // BodyReader has the limits
  }

  /// Where the body goes; set before its first byte is given.
  void set_body(BodyReader* body) { body_ = body; }

  /// What the body reader answered in place of going on.
  std::optional<Response>& refusal() { return refusal_; }

 private:
  void on_request_impl(boost::beast::http::verb, View, View, int, ErrorCode&) override {}
  void on_response_impl(int, View, int, ErrorCode&) override {}
  void on_field_impl(boost::beast::http::field, View, View, ErrorCode&) override {}
  void on_header_impl(ErrorCode&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&, ErrorCode&) override {}
  void on_finish_impl(ErrorCode&) override {}

  size_t on_body_impl(View piece, ErrorCode& error) override { return take(piece, error); }
  size_t on_chunk_body_impl(uint64_t, View piece, ErrorCode& error) override {
    return take(piece, error);
  }

  void on_chunk_header_impl(uint64_t size, View, ErrorCode& error) override {
    if (auto room = body_->expect(size); !room) stop(std::move(room).error(), error);
  }

  size_t take(View piece, ErrorCode& error) {
    auto taken = body_->take({piece.data(), piece.size()});
    if (taken) return piece.size();
    stop(std::move(taken).error(), error);
    return 0;
  }

  void stop(Response refusal, ErrorCode& error) {
    refusal_ = std::move(refusal);
    error = boost::beast::http::error::body_limit;
  }

  BodyReader* body_ = nullptr;
  std::optional<Response> refusal_;
};

}  // namespace purvey::serve
