#include "serve/http.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/json_text.h"
#include "base/shown_text.h"
#include "serve/internal/ascii.h"

namespace purvey::serve {
namespace {

constexpr std::array<std::string_view, 7> kMethodNames = {"GET",   "HEAD",   "POST",   "PUT",
                                                          "PATCH", "DELETE", "OPTIONS"};
constexpr size_t kMessageBytesMax = 2048;  // of an error: a page of text at most

int status_of(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::kInvalidInput:
      return 400;
    case base::ErrorCode::kNotFound:
      return 404;
    case base::ErrorCode::kConflict:
      return 409;
    case base::ErrorCode::kExhausted:
      return 429;
    case base::ErrorCode::kUnavailable:
    case base::ErrorCode::kCancelled:
      return 503;
    case base::ErrorCode::kUnsupported:
      return 501;
    case base::ErrorCode::kCorrupt:
      return 500;
  }
  return 500;
}

const NamedText* find(const std::vector<NamedText>& texts, std::string_view name) {
  const auto found =
      std::ranges::find_if(texts, [name](const NamedText& text) { return text.name == name; });
  return found == texts.end() ? nullptr : &*found;
}

}  // namespace

std::string_view method_name(Method method) {
  return kMethodNames[static_cast<size_t>(method)];
}

std::optional<Method> method_of(std::string_view name) {
  const auto found = std::ranges::find(kMethodNames, name);
  if (found == kMethodNames.end()) return std::nullopt;
  return static_cast<Method>(found - kMethodNames.begin());
}

const std::string& Request::parameter(std::string_view name) const {
  const NamedText* found = find(parameters, name);
  PURVEY_CHECK(found != nullptr, fmt::format("the route has no parameter {{{}}}", name));
  return found->value;
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  const NamedText* found = find(query, name);
  if (found == nullptr) return std::nullopt;
  return found->value;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  std::string_view left = header_lines;
  while (!left.empty()) {
    const std::string_view line = left.substr(0, left.find("\r\n"));
    left.remove_prefix(std::min(left.size(), line.size() + 2));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (is_same_word(line.substr(0, colon), name)) {
      return trimmed(line.substr(colon + 1));
    }
  }
  return std::nullopt;
}

Response json_response(int status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

Response error_response(int status, std::string_view code, std::string_view message) {
  std::string body = R"({"error":{"code":)";
  base::append_json_string(body, code);
  body += R"(,"message":)";
  base::append_json_string(body, base::shown_text(message, kMessageBytesMax));
  body += "}}";
  return json_response(status, std::move(body));
}

Response error_response(const base::Error& error) {
  Response response =
      error_response(status_of(error.code), base::error_code_name(error.code), error.message);
  if (response.status == 429 || response.status == 503) {
    response.headers.push_back({"Retry-After", "1"});
  }
  return response;
}

Respond::~Respond() {
  if (sink_) {
    sink_(error_response(500, "internal", "the request was given up; the fault is the server's"));
  }
}

Respond& Respond::operator=(Respond&& other) noexcept {
  Respond replaced(std::move(*this));  // answers at its end if it has not yet
  sink_ = std::exchange(other.sink_, nullptr);
  return *this;
}

void Respond::operator()(Response response) {
  PURVEY_CHECK(sink_ != nullptr, "a request is answered once");
  const auto sink = std::exchange(sink_, nullptr);
  sink(std::move(response));
}

}  // namespace purvey::serve
