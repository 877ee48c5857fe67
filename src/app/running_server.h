#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "serve/http_client.h"

namespace CLI {
class App;
}

namespace purvey::app {

/// Options of a command that works on a data folder or through its server.
struct WhereOptions {
  std::string data = "purvey-data";
  std::string server;  ///< empty: the one that works on `data`, if there is one
  std::string token;   ///< the file of its token; empty: admin.token of `data`
};

void add_where_options(CLI::App& command, WhereOptions& where);

/// A server that commands ask in place of a data folder.
class RunningServer {
 public:
  /// The one that `where` names; without a name, the one that works on its data folder now, and
  /// nothing if none does. Errors: kInvalidInput for a URL that is none, or a token that would go
  /// over a network in the open; those of reading the token.
  static base::Result<std::optional<RunningServer>> find(const WhereOptions& where);

  struct Call {
    serve::Method method = serve::Method::kGet;
    std::string path;  ///< "/api/v1/sql?form=csv"
    std::string content_type = {};
    std::string body = {};
    std::chrono::milliseconds time{120'000};
  };
  /// The answer, if it is 2xx. Errors: what the server says, as the error that it comes from;
  /// kUnavailable if it does not answer.
  base::Result<serve::ClientAnswer> call(Call call) const;

  const std::string& url() const { return url_; }

 private:
  RunningServer() = default;

  std::string url_;
  std::string certificate_;
  std::string token_;
  std::string token_file_;
};

}  // namespace purvey::app
