#include "serve/internal/head.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/shown_text.h"
#include "serve/internal/ascii.h"

namespace purvey::serve {
namespace {

constexpr size_t kShownBytes = 80;

/// A character of a token (RFC 9110, 5.6.2): names of methods and header lines.
bool is_token_char(char c) {
  return is_ascii_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

tl::unexpected<Response> bad(std::string_view message) {
  return refuse(400, "bad_request", message);
}

/// The text before the next CR LF, taken off the front of `text` with it.
std::string_view take_line(std::string_view& text) {
  const size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  return line;
}

Judged<void> read_request_line(Head& head, std::string_view line, const HeadLimits& limits) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return bad("request line: three parts with one blank between them: GET /path HTTP/1.1");
  }
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(head.method)) return bad("request line: the method is no name");
  if (!version.starts_with("HTTP/")) return bad("request line: it ends in HTTP/1.1");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return refuse(505, "version_not_supported", "this server speaks HTTP/1.1 and HTTP/1.0");
  }
  head.is_http_1_0 = version == "HTTP/1.0";
  if (head.target.empty() || head.target.find_first_of(" \t") != std::string_view::npos) {
    return bad("request line: one target without blanks; write a blank as %20");
  }
  if (head.target.size() > limits.target_bytes) {
    return refuse(414, "target_too_long",
                  fmt::format("the path with its query has {} bytes, at most {} are read",
                              head.target.size(), limits.target_bytes));
  }
  return {};
}

/// Sets a value that may stand once.
Judged<void> set_once(std::string_view& into, std::string_view name, std::string_view value) {
  if (into.data() != nullptr) return bad(fmt::format("header {}: it stands twice", name));
  into = value;
  return {};
}

Judged<void> read_content_length(Head& head, std::string_view value) {
  if (head.content_length) return bad("header Content-Length: it stands twice");
  uint64_t length = 0;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (value.empty() || fault != std::errc{} || end != value.data() + value.size() ||
      length > INT64_MAX) {
    return bad("header Content-Length: one number of bytes in digits");
  }
  head.content_length = length;
  return {};
}

Judged<void> read_transfer_encoding(Head& head, std::string_view value) {
  if (head.is_chunked) return bad("header Transfer-Encoding: it stands twice");
  if (head.is_http_1_0) return bad("header Transfer-Encoding: HTTP/1.0 has none");
  if (!is_same_word(value, "chunked")) {
    return refuse(501, "not_implemented", "header Transfer-Encoding: only chunked is read");
  }
  head.is_chunked = true;
  return {};
}

Judged<void> read_expect(Head& head, std::string_view value) {
  if (!is_same_word(value, "100-continue")) {
    return refuse(417, "expectation_failed", "header Expect: only 100-continue is met");
  }
  head.expects_continue = !head.is_http_1_0;
  return {};
}

Judged<void> read_connection(Head& head, std::string_view value) {
  for (const std::string_view word : split(value, ',')) {
    if (!is_token(trimmed(word))) return bad("header Connection: names, divided by commas");
    if (is_same_word(trimmed(word), "close")) head.wants_close = true;
  }
  return {};
}

Judged<void> take_field(Head& head, std::string_view name, std::string_view value) {
  const auto is = [name](std::string_view other) { return is_same_word(name, other); };
  if (is("host")) return set_once(head.host, name, value);
  if (is("content-type")) return set_once(head.content_type, name, value);
  if (is("content-encoding")) return set_once(head.content_encoding, name, value);
  if (is("authorization")) return set_once(head.authorization, name, value);
  if (is("content-length")) return read_content_length(head, value);
  if (is("transfer-encoding")) return read_transfer_encoding(head, value);
  if (is("expect")) return read_expect(head, value);
  if (is("connection") || is("proxy-connection")) return read_connection(head, value);
  return {};
}

Judged<void> read_field(Head& head, std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') {
    return bad("header: a line begins with a blank; write each header in one line");
  }
  const size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || !is_token(name)) {
    return bad(fmt::format("header line '{}': a name, a colon at once, a value",
                           base::shown_text(line, kShownBytes)));
  }
  return take_field(head, name, trimmed(line.substr(colon + 1)));
}

}  // namespace

HeadScan scan_head(std::string_view bytes, size_t seen) {
  for (size_t i = seen; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const bool follows_cr = i > 0 && bytes[i - 1] == '\r';
    const bool is_line_end = byte == '\n';
    if (follows_cr != is_line_end) return {HeadScan::State::kBad, 0};
    if ((byte < 0x20 && byte != '\t' && byte != '\r' && byte != '\n') || byte == 0x7F) {
      return {HeadScan::State::kBad, 0};
    }
    if (is_line_end && i == 1) return {HeadScan::State::kBad, 0};  // an empty line before all
    if (is_line_end && i >= 3 && bytes[i - 2] == '\n') return {HeadScan::State::kWhole, i + 1};
  }
  return {HeadScan::State::kOpen, 0};
}

Judged<Head> read_head(std::string_view text, const HeadLimits& limits) {
  Head head;
  std::string_view left = text.substr(0, text.size() - 2);  // without the empty line
  if (auto read = read_request_line(head, take_line(left), limits); !read) {
    return tl::unexpected(std::move(read).error());
  }
  head.lines = left;
  for (size_t count = 1; !left.empty(); ++count) {
    if (count > limits.lines) {
      return refuse(431, "header_too_large",
                    fmt::format("more than {} header lines", limits.lines));
    }
    if (auto read = read_field(head, take_line(left)); !read) {
      return tl::unexpected(std::move(read).error());
    }
  }
  if (head.is_chunked && head.content_length) {
    return bad("headers Content-Length and Transfer-Encoding: one of them");
  }
  if (head.host.data() == nullptr) return bad("header Host: it is missing");
  return head;
}

}  // namespace purvey::serve
