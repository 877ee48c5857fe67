#include "serve/internal/head.h"

#include <gtest/gtest.h>

namespace purvey::serve {
namespace {

/// A head with `lines` after a Host line; `|` stands for a line end.
std::string head_of(std::string_view lines, std::string_view first = "POST /a HTTP/1.1") {
  std::string text;
  for (const char c : std::string(first) + "|Host: h|" + std::string(lines) + "|") {
    c == '|' ? text += "\r\n" : text += c;
  }
  return text;
}

int status_of(const std::string& text, const HeadLimits& limits = {}) {
  EXPECT_EQ(scan_head(text, 0).state, HeadScan::State::kWhole) << text;
  const auto head = read_head(text, limits);
  return head ? 200 : head.error().status;
}

TEST(HeadTest, the_end_is_found_wherever_the_pieces_are_cut) {
  const std::string text = head_of("a: b|");
  for (size_t seen = 0; seen <= text.size(); ++seen) {
    const HeadScan first = scan_head(text.substr(0, seen), 0);
    if (seen < text.size()) {
      ASSERT_EQ(first.state, HeadScan::State::kOpen) << seen;
    }
    const HeadScan whole = scan_head(text + "body\n\n", seen == text.size() ? 0 : seen);
    EXPECT_EQ(whole.state, HeadScan::State::kWhole) << seen;
    EXPECT_EQ(whole.size, text.size()) << seen;
  }
}

TEST(HeadTest, what_can_become_no_request_is_told_at_once) {
  using namespace std::string_literals;
  for (const std::string& bytes :
       {"GET / HTTP/1.1\n"s, "GET / HTTP/1.1\rH"s, "\r\n"s, "\n"s, "GET /\0 HTTP/1.1"s,
        "\x16\x03\x01\x02"s, "GET / HTTP/1.1\r\nA: \x01"s, "GET / HTTP/1.1\r\nA: \x7F"s,
        "GET / HTTP/1.1\r\nA: b\r\n\n"s, "a\r\r\n"s}) {
    EXPECT_EQ(scan_head(bytes, 0).state, HeadScan::State::kBad) << bytes;
  }
  EXPECT_EQ(scan_head("GET / HTTP/1.1\r\nA: \t\xC3\xA9\x80", 0).state, HeadScan::State::kOpen);
}

TEST(HeadTest, its_lines_are_understood) {
  const std::string text = head_of(
      "content-TYPE:  text/plain |Content-Length: 12|Expect: 100-Continue|"
      "Connection: keep-alive, Close|Authorization: Bearer x|Content-Encoding: gzip|");
  const auto head = read_head(text, {});
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->method, "POST");
  EXPECT_EQ(head->target, "/a");
  EXPECT_EQ(head->host, "h");
  EXPECT_EQ(head->content_type, "text/plain");
  EXPECT_EQ(head->content_length, 12U);
  EXPECT_TRUE(head->expects_continue);
  EXPECT_TRUE(head->wants_close);
  EXPECT_EQ(head->authorization, "Bearer x");
  EXPECT_EQ(head->content_encoding, "gzip");
  EXPECT_TRUE(head->lines.starts_with("Host: h\r\n"));
  EXPECT_TRUE(head->lines.ends_with("gzip\r\n"));
}

TEST(HeadTest, what_two_readers_could_understand_differently_is_refused) {
  struct Row {
    const char* lines;
    int status;
  };
  const Row rows[] = {
      {"Content-Length: 1|Transfer-Encoding: chunked|", 400},
      {"Transfer-Encoding: chunked|Content-Length: 0|", 400},
      {"Content-Length: 1|Content-Length: 1|", 400},
      {"Content-Length: 1, 1|", 400},
      {"Content-Length: +1|", 400},
      {"Content-Length: -1|", 400},
      {"Content-Length: 0x1|", 400},
      {"Content-Length: 1 1|", 400},
      {"Content-Length: |", 400},
      {"Content-Length: 9223372036854775808|", 400},
      {"Content-Length: 99999999999999999999|", 400},
      {"Transfer-Encoding: chunked|Transfer-Encoding: chunked|", 400},
      {"Transfer-Encoding: chunked, chunked|", 501},
      {"Transfer-Encoding: gzip, chunked|", 501},
      {"Transfer-Encoding: identity|", 501},
      {"Transfer-Encoding: xchunked|", 501},
      {"Transfer-Encoding: |", 501},
      {"Transfer-Encoding : chunked|", 400},
      {"Host: h|", 400},
      {"Content-Type: a/b|Content-Type: a/b|", 400},
      {"Content-Encoding: gzip|Content-Encoding: gzip|", 400},
      {"Authorization: a|Authorization: b|", 400},
      {"A: b| folded|", 400},
      {"A: b|\tfolded|", 400},
      {"A|", 400},
      {"A b: c|", 400},
      {": c|", 400},
      {"A\xC3\xA9: c|", 400},
      {"Expect: 200-maybe|", 417},
      {"Connection: a b|", 400},
      {"Connection: , close|", 400},
      {"A:|", 200},
      {"A:b|A:b|", 200},
  };
  for (const Row& row : rows) EXPECT_EQ(status_of(head_of(row.lines)), row.status) << row.lines;
}

TEST(HeadTest, request_lines_have_three_parts) {
  struct Row {
    const char* line;
    int status;
  };
  const Row rows[] = {
      {"GET / HTTP/1.1", 200},    {"GET / HTTP/1.0", 200},     {"GET /", 400},
      {"GET  / HTTP/1.1", 400},   {"GET / a HTTP/1.1", 400},   {"GET /  HTTP/1.1", 400},
      {" GET / HTTP/1.1", 400},   {"GET / HTTP/1.1 ", 400},    {"GET / http/1.1", 400},
      {"GET / HTTP/2.0", 505},    {"GET / HTTP/1.10", 505},    {"GET / HTTP/0.9", 505},
      {"PRI * HTTP/2.0", 505},    {"G(T / HTTP/1.1", 400},     {"GET\t/\tHTTP/1.1", 400},
      {"GET /\ta HTTP/1.1", 400}, {"BREW /pot HTTP/1.1", 200},
  };
  for (const Row& row : rows) EXPECT_EQ(status_of(head_of("", row.line)), row.status) << row.line;
}

TEST(HeadTest, the_old_version_has_no_chunks_and_waits_for_nothing) {
  EXPECT_EQ(status_of(head_of("Transfer-Encoding: chunked|", "POST / HTTP/1.0")), 400);
  const std::string text = head_of("Expect: 100-continue|", "POST / HTTP/1.0");
  const auto head = read_head(text, {});
  ASSERT_TRUE(head.has_value());
  EXPECT_FALSE(head->expects_continue);
}

TEST(HeadTest, limits_hold_at_their_last_value) {
  const HeadLimits limits{.lines = 3, .target_bytes = 5};
  EXPECT_EQ(status_of(head_of("a: b|c: d|"), limits), 200);
  EXPECT_EQ(status_of(head_of("a: b|c: d|e: f|"), limits), 431);
  EXPECT_EQ(status_of(head_of("", "GET /1234 HTTP/1.1"), limits), 200);
  EXPECT_EQ(status_of(head_of("", "GET /12345 HTTP/1.1"), limits), 414);
}

TEST(HeadTest, a_head_without_host_is_refused) {
  const auto head = read_head("GET / HTTP/1.1\r\nA: b\r\n\r\n", {});
  ASSERT_FALSE(head.has_value());
  EXPECT_EQ(head.error().status, 400);
}

}  // namespace
}  // namespace purvey::serve
