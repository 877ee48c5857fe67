#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "serve/internal/judged.h"

namespace purvey::serve {

struct HeadLimits {
  size_t bytes = 16 * 1024;
  size_t lines = 100;
  size_t target_bytes = 8 * 1024;
};

/// How far a request's head has come in.
struct HeadScan {
  enum class State : uint8_t {
    kOpen,  ///< more bytes are needed
    kBad,   ///< this becomes no request, whatever follows
    kWhole,
  };
  State state;
  size_t size;  ///< of the head with its empty line, if it is whole
};

/// Looks for the end of the head in `bytes`, of which the first `seen` were looked at before.
///
/// Lines end in CR LF, both or neither; other control characters, NUL among them, are bad. So
/// neither the parser nor a proxy before it can see other lines than this does.
HeadScan scan_head(std::string_view bytes, size_t seen);

/// The head of a request, in views of its text. Header lines that may stand once do.
struct Head {
  std::string_view method;
  std::string_view target;
  bool is_http_1_0 = false;
  std::string_view lines;  ///< the header lines, each with its CR LF
  std::string_view host = {};
  std::string_view content_type = {};
  std::string_view content_encoding = {};
  std::string_view authorization = {};
  std::optional<uint64_t> content_length = {};
  bool is_chunked = false;
  bool expects_continue = false;
  bool wants_close = false;

  bool has_body() const { return is_chunked || content_length.value_or(0) > 0; }
};

/// Reads a head that scan_head() found whole, strictly: what two readers could understand
/// differently is refused. Gives 400, 414, 417, 431, 501 or 505 in its place.
Judged<Head> read_head(std::string_view text, const HeadLimits& limits);

}  // namespace purvey::serve
