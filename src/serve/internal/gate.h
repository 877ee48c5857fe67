#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http_server.h"
#include "serve/internal/body_reader.h"
#include "serve/internal/head.h"
#include "serve/internal/target.h"

namespace purvey::serve {

/// What becomes of a request, by its head alone.
struct Admission {
  std::optional<Response> answer = {};  ///< in place of a handler's, before the body is read
  const Route* route = nullptr;         ///< null if it is not known which one was meant
  Request request = {};                 ///< without its body
  Packing packing = Packing::kNone;
};

/// Decides from the head of a request whether its body is read and its handler called. Constant
/// after construction, thread-safe.
///
/// In this order: the host that was meant (421), the target (400), the route (404, 405), the token
/// (401, 403), the parameters of the query (400), the body's size, type and packing (400, 413,
/// 415).
class Gate {
 public:
  Gate(const HttpServerOptions& options, Router router);

  Admission admit(const Head& head, std::string_view peer) const;

  const Router& router() const { return router_; }

 private:
  std::optional<Response> find_route(const Head& head, const Target& target,
                                     Admission& admission) const;
  std::optional<Response> check_host(std::string_view host) const;
  std::optional<Response> check_token(Access needed, std::string_view authorization) const;
  std::optional<Response> check_body(const Route& route, const Head& head,
                                     Admission& admission) const;

  const HttpLimits limits_;
  const std::vector<std::string> hosts_;  ///< lower case, without port
  const TokenBook tokens_;
  const Router router_;
};

/// "[::1]:8080" is "[::1]"; nothing if `host` is no name or address with or without a port.
std::optional<std::string> host_name(std::string_view host);

}  // namespace purvey::serve
