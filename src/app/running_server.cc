#include "app/running_server.h"

#include <fmt/core.h>
#include <simdjson.h>

#include <CLI/CLI.hpp>

#include "app/console.h"
#include "base/file.h"
#include "store/depot/folder_lock.h"

namespace purvey::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

constexpr size_t kTokenBytesMax = 1024;

bool is_loopback(std::string_view url) {
  const std::string_view host = url.substr(url.find("//") + 2);
  return host.starts_with("127.") || host.starts_with("[::1]") || host == "localhost" ||
         host.starts_with("localhost:");
}

Result<std::string> read_token(const std::string& path) {
  const auto bytes = base::read_file(path, kTokenBytesMax);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) {
    return base::invalid_input(fmt::format(
        "{}: no such file; give the file of the server's token with --token FILE", path));
  }
  std::string token = PURVEY_TRY(base::Result<std::string>(bytes));
  while (!token.empty() &&
         std::string_view(" \t\r\n").find(token.back()) != std::string_view::npos) {
    token.pop_back();
  }
  for (const char c : token) {
    if (c > ' ' && c <= '~') continue;
    return base::invalid_input(fmt::format("{}: holds no token: one line of letters", path));
  }
  return token;
}

ErrorCode code_of(int status) {
  switch (status) {
    case 409:
      return ErrorCode::kConflict;
    case 429:
      return ErrorCode::kExhausted;
    case 500:
    case 502:
    case 503:
    case 504:
      return ErrorCode::kUnavailable;
    default:
      return ErrorCode::kInvalidInput;
  }
}

/// The message of `{"error":{"message":...}}`, else what there is.
std::string message_of(const serve::ClientAnswer& answer) {
  simdjson::dom::parser parser;
  std::string_view message;
  const auto error =
      parser.parse(simdjson::padded_string(answer.body))["error"]["message"].get(message);
  if (error == simdjson::SUCCESS) return std::string(message);
  return fmt::format("status {}, which is no answer of Purvey", answer.status);
}

}  // namespace

void add_where_options(CLI::App& command, WhereOptions& where) {
  add_data_option(command, where.data);
  command.add_option("--server", where.server,
                     "URL of a running server; else the one that works on the data folder, if any");
  command.add_option("--token", where.token,
                     "file of the server's token; else admin.token of the data folder");
}

Result<std::optional<RunningServer>> RunningServer::find(const WhereOptions& where) {
  RunningServer server;
  server.url_ = where.server;
  if (where.server.empty()) {
    const auto announced = store::depot::FolderLock::announced(where.data);
    if (!announced) return std::optional<RunningServer>();
    server.url_ = announced->url;
    server.certificate_ = announced->certificate;
  } else {
    while (server.url_.ends_with('/')) server.url_.pop_back();
    if (!server.url_.starts_with("http://") && !server.url_.starts_with("https://")) {
      return base::invalid_input(
          fmt::format("--server {}: write a URL such as http://127.0.0.1:8080", where.server));
    }
    if (server.url_.starts_with("http://") && !is_loopback(server.url_)) {
      return base::invalid_input(
          fmt::format("--server {}: a token is not sent over a network in the open; write https://",
                      where.server));
    }
  }
  server.token_file_ = where.token.empty() ? where.data + "/admin.token" : where.token;
  server.token_ = PURVEY_TRY(read_token(server.token_file_));
  return std::optional(std::move(server));
}

Result<serve::ClientAnswer> RunningServer::call(Call call) const {
  auto answer = PURVEY_TRY(serve::send_request({.method = call.method,
                                                .url = url_ + call.path,
                                                .token = token_,
                                                .content_type = std::move(call.content_type),
                                                .body = std::move(call.body),
                                                .certificate = certificate_,
                                                .time = call.time}));
  if (answer.status >= 200 && answer.status < 300) return answer;
  std::string message = message_of(answer);
  if (answer.status == 401 || answer.status == 403) {
    message = fmt::format("{}: {} (the token is that of {})", url_, message, token_file_);
  }
  return Error{code_of(answer.status), std::move(message)};
}

}  // namespace purvey::app
