#include "serve/internal/response_head.h"

#include <algorithm>
#include <array>

#include "base/shown_text.h"
#include "serve/internal/ascii.h"

namespace purvey::serve {
namespace {

constexpr size_t kValueBytesMax = 4096;

/// Lines that stand in every answer unless the answer has one of that name itself.
struct FixedLine {
  std::string_view name;
  std::string_view value;
};
constexpr std::array<FixedLine, 5> kFixedLines = {{
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"Cache-Control", "no-store"},
}};

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "-";
  }
}

void append_line(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  head += value;
  head += "\r\n";
}

}  // namespace

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string response_head(const Response& response, bool keeps_alive) {
  std::string head;
  head.reserve(512);
  head += "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += reason_of(response.status);
  head += "\r\n";
  if (may_have_body(response.status)) {
    if (!response.content_type.empty())
      append_line(head, "Content-Type", base::shown_text(response.content_type, kValueBytesMax));
    append_line(head, "Content-Length", std::to_string(response.body.size()));
  }
  if (!keeps_alive) append_line(head, "Connection", "close");
  for (const FixedLine& line : kFixedLines) {
    const bool is_replaced = std::ranges::any_of(
        response.headers, [&](const NamedText& own) { return is_same_word(own.name, line.name); });
    if (!is_replaced) append_line(head, line.name, line.value);
  }
  for (const NamedText& line : response.headers) {
    append_line(head, line.name, base::shown_text(line.value, kValueBytesMax));
  }
  head += "\r\n";
  return head;
}

}  // namespace purvey::serve
