#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "serve/http.h"

namespace purvey::serve {

/// A request of a command to a server of ours.
struct ClientRequest {
  Method method = Method::kGet;
  std::string url;  ///< "http://127.0.0.1:8080/api/v1/sql?form=csv"
  std::string token = {};
  std::string content_type = {};
  std::string body = {};
  /// PEM file of the very certificate that the server shows, whatever name it carries; empty: one
  /// of the system's authorities must have signed it for the host of the URL.
  std::string certificate = {};
  std::chrono::milliseconds time{60'000};  ///< for all of it
};

struct ClientAnswer {
  int status = 0;
  std::vector<NamedText> headers = {};  ///< names in lower case
  std::string body = {};

  /// The value of a header line, named in lower case.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// Sends one request and waits for the answer, whatever its status. Follows nothing and asks no
/// proxy. Errors: kInvalidInput for a URL that is none of http or https, kUnavailable if the server
/// cannot be reached, its certificate is not the right one, or the time is up.
base::Result<ClientAnswer> send_request(const ClientRequest& request);

/// `text` as a part of a URL: every byte but letters, digits and `-._~` as `%XX`.
std::string url_encoded(std::string_view text);

}  // namespace purvey::serve
