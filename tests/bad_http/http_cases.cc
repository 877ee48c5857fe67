#include "tests/bad_http/http_cases.h"

#include <fmt/core.h>
#include <zstd.h>

#include <charconv>
#include <sstream>
#include <thread>

#include "base/packing_fixture.h"
#include "serve/http_client_fixture.h"

namespace purvey::bad_http {
namespace {

constexpr std::string_view kLineEnd = "⏎";
constexpr size_t kShownBody = 40;

/// As it stands in the file, with ⏎ as CR LF.
std::string with_line_ends(std::string_view text) {
  std::string out;
  for (size_t end = text.find(kLineEnd); end != std::string_view::npos; end = text.find(kLineEnd)) {
    out += text.substr(0, end);
    out += "\\x0D\\x0A";
    text.remove_prefix(end + kLineEnd.size());
  }
  return out.append(text);
}

/// One frame that needs a window of 2^`window_log` bytes to be read, if the text is that long.
std::string zstd(const std::string& text, int window_log) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer out{packed.data(), packed.size(), 0};
  // Two calls: one that held all would choose the window by the size of the text.
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue);
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  packed.resize(out.pos);
  return packed;
}

/// The number after the word of a step: 10 of "head10".
size_t number_of(std::string_view step, std::string_view word) {
  size_t number = 0;
  std::from_chars(step.data() + word.size(), step.data() + step.size(), number);
  return number;
}

std::string after_step(std::string text, std::string_view step) {
  if (step == "gzip") return base::gzip(text);
  if (step == "zstd") return zstd(text, 20);
  if (step == "zstdlong") return zstd(text, 27);
  if (step == "twice") return text + text;
  if (step == "more") return text + "and more";
  if (step.starts_with("head")) return text.substr(0, number_of(step, "head"));
  if (step.starts_with("cut")) return text.substr(0, text.size() - number_of(step, "cut"));
  if (step.starts_with("spoil")) text[text.size() - number_of(step, "spoil")] ^= 1;
  return text;
}

std::string packed_request(std::string_view input) {
  const size_t colon = input.find(" : ");
  std::istringstream steps{std::string(input.substr(0, colon))};
  std::string body = bad_input::unescape(input.substr(colon + 3));
  std::string step;
  std::string packing = "gzip";
  while (steps >> step) {
    if (step.starts_with("zstd")) packing = "zstd";
    body = after_step(std::move(body), step);
  }
  return fmt::format(
             "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
             "Content-Encoding: {}\r\nContent-Length: {}\r\n\r\n",
             packing, body.size()) +
         body;
}

}  // namespace

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases =
      bad_input::read_all_cases(PURVEY_SOURCE_DIR "/tests/bad_http");
  return cases;
}

std::string bytes_of(const Case& given) {
  if (given.reader == "packed") return packed_request(given.input);
  return bad_input::unescape(with_line_ends(given.input));
}

std::string verdict_of(uint16_t port, const std::string& bytes) {
  serve::HttpClient client(port);
  std::thread sender([&] {
    client.send(bytes);
    client.end_sending();
  });
  std::string verdict;
  while (const auto answer = client.answer()) {
    if (!verdict.empty()) verdict += ", ";
    verdict += std::to_string(answer->status);
    const bool is_shown = answer->status == 200 && !answer->body.empty();
    if (is_shown && answer->body.size() <= kShownBody) verdict += ":" + answer->body;
    if (answer->headers.contains("connection")) verdict += " " + answer->headers.at("connection");
  }
  sender.join();
  return verdict.empty() ? "nothing" : verdict;
}

}  // namespace purvey::bad_http
