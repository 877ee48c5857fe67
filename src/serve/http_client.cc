#include "serve/http_client.h"

#include <curl/curl.h>
#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "serve/internal/ascii.h"

namespace purvey::serve {
namespace {

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using Lines = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

size_t take_body(const char* bytes, size_t one, size_t count, void* answer) {
  static_cast<ClientAnswer*>(answer)->body.append(bytes, one * count);
  return one * count;
}

size_t take_header(const char* bytes, size_t one, size_t count, void* answer) {
  const std::string_view line = trimmed({bytes, one * count});
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    static_cast<ClientAnswer*>(answer)->headers.push_back(
        {ascii_lower(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1)))});
  }
  return one * count;
}

void add_line(Lines& lines, const std::string& line) {
  curl_slist* const longer = curl_slist_append(lines.get(), line.c_str());
  PURVEY_CHECK(longer != nullptr, "no memory for a header line");
  static_cast<void>(lines.release());
  lines.reset(longer);
}

Lines header_lines(const ClientRequest& request) {
  Lines lines(nullptr, curl_slist_free_all);
  if (!request.token.empty()) add_line(lines, "Authorization: Bearer " + request.token);
  if (!request.content_type.empty()) add_line(lines, "Content-Type: " + request.content_type);
  add_line(lines, "Expect:");  // nothing to wait for before a body
  return lines;
}

void set_up_tls(CURL* curl, const ClientRequest& request) {
  if (request.certificate.empty()) return;
  curl_easy_setopt(curl, CURLOPT_CAINFO, request.certificate.c_str());
  curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

void set_up(CURL* curl, const ClientRequest& request, const Lines& lines) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, std::string(method_name(request.method)).c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines.get());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.time.count()));
  if (request.method == Method::kPost) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
  set_up_tls(curl, request);
}

bool is_ours(std::string_view url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

}  // namespace

std::optional<std::string_view> ClientAnswer::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &NamedText::name);
  if (found == headers.end()) return std::nullopt;
  return found->value;
}

base::Result<ClientAnswer> send_request(const ClientRequest& request) {
  if (!is_ours(request.url)) {
    return base::invalid_input(fmt::format(
        "{}: no address of a server; write one such as http://127.0.0.1:8080", request.url));
  }
  const Handle curl(curl_easy_init(), curl_easy_cleanup);
  PURVEY_CHECK(curl != nullptr, "libcurl cannot be set up");
  const Lines lines = header_lines(request);
  set_up(curl.get(), request, lines);
  char why[CURL_ERROR_SIZE] = "";
  ClientAnswer answer;
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, why);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer);
  const CURLcode done = curl_easy_perform(curl.get());
  if (done == CURLE_URL_MALFORMAT) {
    return base::invalid_input(fmt::format(
        "{}: no address of a server; write one such as http://127.0.0.1:8080", request.url));
  }
  if (done != CURLE_OK) {
    return base::unavailable(fmt::format("{}: {}", request.url.substr(0, request.url.find('?')),
                                         why[0] != '\0' ? why : curl_easy_strerror(done)));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

std::string url_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain =
        is_ascii_alnum(c) || std::string_view("-._~").find(c) != std::string_view::npos;
    out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace purvey::serve
