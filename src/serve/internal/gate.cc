#include "serve/internal/gate.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/closest_name.h"
#include "base/shown_text.h"
#include "serve/internal/ascii.h"

namespace purvey::serve {
namespace {

constexpr size_t kShownBytes = 80;

std::vector<std::string> known_hosts(const HttpServerOptions& options) {
  std::vector<std::string> hosts = {"localhost", "[::1]"};
  const bool is_v6 = options.address.find(':') != std::string::npos;
  const bool is_any = options.address == "0.0.0.0" || options.address == "::";
  if (!is_any) hosts.push_back(is_v6 ? fmt::format("[{}]", options.address) : options.address);
  for (const std::string& host : options.hosts) hosts.push_back(ascii_lower(host));
  return hosts;
}

/// An address of 127.0.0.0/8, as it is always written.
bool is_loopback_v4(std::string_view host) {
  int parts = 0;
  for (std::string_view left = host;; ++parts) {
    const std::string_view part = left.substr(0, left.find('.'));
    unsigned value = 256;
    const auto [end, fault] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (fault != std::errc{} || end != part.data() + part.size() || value > 255) return false;
    if (parts == 0 && value != 127) return false;
    if (part.size() == left.size()) return parts == 3;
    left.remove_prefix(part.size() + 1);
  }
}

std::optional<Response> check_query(const Route& route, const std::vector<NamedText>& query) {
  std::vector<std::string_view> known;
  for (const Parameter& parameter : route.query) known.push_back(parameter.name);
  for (size_t i = 0; i < query.size(); ++i) {
    const std::string shown = base::shown_text(query[i].name, kShownBytes);
    if (std::ranges::find(known, query[i].name) == known.end()) {
      const std::string_view closest = base::closest_name(query[i].name, known);
      return error_response(
          400, "unknown_parameter",
          closest.empty()
              ? fmt::format("query: no parameter '{}' here; there is: {}", shown,
                            known.empty() ? "none" : joined(known))
              : fmt::format("query: no parameter '{}' here; did you mean '{}'?", shown, closest));
    }
    for (size_t j = 0; j < i; ++j) {
      if (query[j].name != query[i].name) continue;
      return error_response(400, "repeated_parameter",
                            fmt::format("query: '{}' stands twice; give it once", shown));
    }
  }
  for (const Parameter& parameter : route.query) {
    const bool is_given = std::ranges::any_of(
        query, [&](const NamedText& given) { return given.name == parameter.name; });
    if (!parameter.required || is_given) continue;
    return error_response(400, "missing_parameter",
                          fmt::format("query: '{}' is missing", parameter.name));
  }
  return std::nullopt;
}

Response method_answer(const Head& head, const Router::Match& match) {
  if (match.allow.empty()) {
    return error_response(404, "not_found", "no such path; /api/openapi.json lists all");
  }
  if (head.method == method_name(Method::kOptions)) {
    return {.status = 204, .headers = {{"Allow", match.allow}}};
  }
  Response response =
      error_response(405, "method_not_allowed",
                     fmt::format("{}: this path takes {}",
                                 base::shown_text(head.method, kShownBytes), match.allow));
  response.headers.push_back({"Allow", match.allow});
  return response;
}

std::optional<Packing> packing_of(std::string_view encoding) {
  const auto is = [encoding](std::string_view name) { return is_same_word(encoding, name); };
  if (encoding.empty() || is("identity")) return Packing::kNone;
  if (is("gzip") || is("x-gzip")) return Packing::kGzip;
  if (is("zstd")) return Packing::kZstd;
  return std::nullopt;
}

/// The media type without its parameters, in lower case.
std::string media_type(std::string_view content_type) {
  return ascii_lower(trimmed(content_type.substr(0, content_type.find(';'))));
}

}  // namespace

std::optional<std::string> host_name(std::string_view host) {
  const size_t name_end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
  std::string_view port;
  if (name_end != std::string_view::npos && name_end < host.size()) {
    if (host[name_end] != ':') return std::nullopt;
    port = host.substr(name_end + 1);
  }
  const std::string_view name = host.substr(0, name_end);
  const auto is_name_char = [](char c) {
    return is_ascii_alnum(c) || std::string_view("-._[]:").find(c) != std::string_view::npos;
  };
  if (name.empty() || !std::ranges::all_of(name, is_name_char) || port.size() > 5 ||
      !std::ranges::all_of(port, is_ascii_digit)) {
    return std::nullopt;
  }
  return ascii_lower(name);
}

Gate::Gate(const HttpServerOptions& options, Router router)
    : limits_(options.limits),
      hosts_(known_hosts(options)),
      tokens_(options.tokens, options.needs_token),
      router_(std::move(router)) {}

Admission Gate::admit(const Head& head, std::string_view peer) const {
  Admission admission;
  const auto method = method_of(head.method);
  if (!method) {
    admission.answer = error_response(
        501, "not_implemented",
        fmt::format("method {}: not served here", base::shown_text(head.method, kShownBytes)));
    return admission;
  }
  if ((admission.answer = check_host(head.host))) return admission;
  auto target = read_target(head.target);
  if (!target) {
    admission.answer = std::move(target).error();
    return admission;
  }
  if ((admission.answer = find_route(head, *target, admission))) return admission;
  const Route& route = *admission.route;
  const Access needed =
      route.access_of ? route.access_of(admission.request.parameters) : route.access;
  if ((admission.answer = check_token(needed, head.authorization))) return admission;
  if ((admission.answer = check_query(route, target->query))) return admission;
  if ((admission.answer = check_body(route, head, admission))) return admission;

  Request& request = admission.request;
  request.method = route.method;
  request.path = target->path;
  request.query = std::move(target->query);
  request.header_lines = head.lines;
  request.peer = peer;
  return admission;
}

std::optional<Response> Gate::find_route(const Head& head, const Target& target,
                                         Admission& admission) const {
  auto match = router_.match(*method_of(head.method), target.segments);
  if (match.route == nullptr) return method_answer(head, match);
  admission.route = match.route;
  admission.request.parameters = std::move(match.parameters);
  return std::nullopt;
}

std::optional<Response> Gate::check_host(std::string_view host) const {
  const auto name = host_name(host);
  if (!name) return error_response(400, "bad_request", "header Host: a name or address, :port");
  if (is_loopback_v4(*name) || std::ranges::find(hosts_, *name) != hosts_.end()) {
    return std::nullopt;
  }
  return error_response(421, "wrong_host",
                        fmt::format("header Host: '{}' is no name of this server; if it should be, "
                                    "add it to `hosts` of [server]",
                                    base::shown_text(*name, kShownBytes)));
}

std::optional<Response> Gate::check_token(Access needed, std::string_view authorization) const {
  switch (tokens_.ask(needed, authorization)) {
    case TokenBook::Answer::kGranted:
      return std::nullopt;
    case TokenBook::Answer::kTooLittle:
      return error_response(403, "forbidden", "this token is not for this path");
    case TokenBook::Answer::kUnknown:
      break;
  }
  Response response =
      error_response(401, "unauthorized",
                     authorization.empty()
                         ? "this path needs a token: send the header `Authorization: Bearer TOKEN`"
                         : "header Authorization: no token of this server; write `Bearer TOKEN`");
  response.headers.push_back({"WWW-Authenticate", "Bearer"});
  return response;
}

std::optional<Response> Gate::check_body(const Route& route, const Head& head,
                                         Admission& admission) const {
  if (route.body_types.empty()) {
    if (!head.has_body()) return std::nullopt;
    return error_response(400, "unexpected_body", "this path takes no body; send none");
  }
  if (head.content_length.value_or(0) > limits_.body_bytes) {
    return error_response(413, "too_large",
                          fmt::format("body: {} bytes, at most {}; send smaller batches",
                                      *head.content_length, limits_.body_bytes));
  }
  std::string type = media_type(head.content_type);
  if (std::ranges::find(route.body_types, type) == route.body_types.end()) {
    return error_response(
        415, "unsupported_type",
        fmt::format("header Content-Type: '{}' is not read here; write one of: {}",
                    base::shown_text(type, kShownBytes), joined(route.body_types)));
  }
  const auto packing = packing_of(head.content_encoding);
  if (!packing) {
    Response response = error_response(
        415, "unsupported_encoding",
        fmt::format("header Content-Encoding: '{}' is not read here; write gzip, zstd or none",
                    base::shown_text(head.content_encoding, kShownBytes)));
    response.headers.push_back({"Accept-Encoding", "gzip, zstd"});
    return response;
  }
  admission.packing = *packing;
  admission.request.content_type = std::move(type);
  return std::nullopt;
}

}  // namespace purvey::serve
