#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace purvey::serve {

enum class Method : uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

/// "GET", ...
std::string_view method_name(Method method);

/// By its exact name; nothing for a method that is not served.
std::optional<Method> method_of(std::string_view name);

/// Who may call a route.
enum class Access : uint8_t {
  kPublic,  ///< anybody
  kRead,    ///< who may read results
  kIngest,  ///< who may send events
  kAdmin,   ///< the administrator
};

struct NamedText {
  std::string name;
  std::string value;

  friend bool operator==(const NamedText&, const NamedText&) = default;
};

/// What a client asked, checked: it fits its route, and its body is whole and unpacked.
struct Request {
  Method method = Method::kGet;            ///< never kHead or kOptions: the server sees to these
  std::string path;                        ///< as it came, without the query
  std::vector<NamedText> parameters = {};  ///< those of the route's pattern, decoded
  std::vector<NamedText> query = {};       ///< decoded; each name is one that the route declares
  std::string content_type = {};           ///< of the body, lower case, without `; charset=...`
  std::string header_lines = {};           ///< as they came, each `name: value\r\n`
  std::string body = {};
  std::string peer = {};  ///< "127.0.0.1:40312"

  /// The value of a parameter of the pattern; a bug if the pattern has none of that name.
  const std::string& parameter(std::string_view name) const;

  /// The value of a query parameter, if it was given.
  std::optional<std::string_view> query_value(std::string_view name) const;

  /// The value of a header line by its name, which is compared without regard to case; bytes that
  /// need not be UTF-8. The first one if there are several.
  std::optional<std::string_view> header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = {};  ///< empty where there is no body
  std::string body = {};
  /// Further header lines. Length, type and connection are written by the server; a name given
  /// here takes the place of the server's own (`Cache-Control`, `Content-Security-Policy`).
  std::vector<NamedText> headers = {};
};

/// 200 or another status with a body of JSON.
Response json_response(int status, std::string body);

/// `{"error":{"code":"too_large","message":"..."}}`, the one form of all errors. `code` is a stable
/// name for programs; `message` says where, what, and what to write instead.
Response error_response(int status, std::string_view code, std::string_view message);

/// An Error as an answer: 400, 404, 409, 429, 500, 501 or 503 by what the client can do.
Response error_response(const base::Error& error);

/// The answer to come: called once, now or later, from any thread; also after the client has gone
/// or the server was stopped, then without effect. Dropped without a call it answers 500.
class Respond {
 public:
  explicit Respond(std::function<void(Response)> sink) : sink_(std::move(sink)) {}
  ~Respond();
  Respond(Respond&& other) noexcept : sink_(std::exchange(other.sink_, nullptr)) {}
  Respond& operator=(Respond&& other) noexcept;
  Respond(const Respond&) = delete;
  Respond& operator=(const Respond&) = delete;

  void operator()(Response response);

 private:
  std::function<void(Response)> sink_;
};

}  // namespace purvey::serve
