#include "serve/internal/refusals.h"

#include <fmt/core.h>

namespace purvey::serve {
namespace {

Response come_again(std::string_view why) {
  Response response = error_response(503, "overloaded", why);
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

}  // namespace

Response bad_head(std::string_view why) {
  return error_response(400, "bad_request", fmt::format("head: {}", why));
}

Response bad_body(std::string_view why) {
  return error_response(400, "bad_body", fmt::format("body: {}", why));
}

Response head_too_large(size_t limit) {
  return error_response(431, "header_too_large",
                        fmt::format("the request line and headers have more than {} bytes", limit));
}

Response too_slow(std::string_view what) {
  return error_response(408, "timeout", fmt::format("{} did not come in time", what));
}

Response not_answered() {
  return error_response(504, "timeout", "the request was not answered in time");
}

Response overloaded() {
  return come_again("too many bodies are in work at once; send this one again in a second");
}

Response too_many_connections() {
  return come_again("too many connections; try again later");
}

}  // namespace purvey::serve
