#include "store/facts/internal/duck.h"

#include <fmt/core.h>

#include <algorithm>
#include <initializer_list>

namespace purvey::store::facts::internal {

using base::Result;

namespace {

Result<void> set_options(const Config& config, const SessionOptions& options) {
  const std::pair<const char*, std::string> settings[] = {
      {"access_mode", options.read_only ? "READ_ONLY" : "READ_WRITE"},
      {"memory_limit", fmt::format("{}MB", options.memory_limit_mb)},
      {"threads", fmt::format("{}", options.threads)},
      {"temp_directory", ""},  // else one in the working folder of the process
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
  };
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config.get(), name, value.c_str()) != DuckDBSuccess) {
      return base::unsupported(fmt::format("this DuckDB ({}) does not know the setting '{}'",
                                           duckdb_library_version(), name));
    }
  }
  return {};
}

}  // namespace

Result<Session> open_session(const SessionOptions& options) {
  Config config;
  if (duckdb_create_config(config.out()) != DuckDBSuccess) {
    return base::exhausted("no memory for a DuckDB configuration");
  }
  PURVEY_TRY(set_options(config, options));
  Session session;
  char* error = nullptr;
  const char* path = options.path.empty() ? nullptr : options.path.c_str();
  const auto opened = duckdb_open_ext(path, session.database.out(), config.get(), &error);
  const std::unique_ptr<char, void (*)(void*)> error_owner(error, duckdb_free);
  if (opened != DuckDBSuccess) {
    return base::unavailable(fmt::format("{}: {}", options.path, useful_lines(error)));
  }
  if (duckdb_connect(session.database.get(), session.connection.out()) != DuckDBSuccess) {
    return base::unavailable(fmt::format("{}: no connection to DuckDB", options.path));
  }
  return session;
}

Result<void> run(const Session& session, const std::string& sql) {
  QueryResult result;
  if (duckdb_query(session.connection.get(), sql.c_str(), result.get()) == DuckDBSuccess) return {};
  return to_error(duckdb_result_error_type(result.get()), duckdb_result_error(result.get()));
}

std::string useful_lines(const char* error) {
  std::string_view rest = error == nullptr ? "no reason given" : error;
  constexpr std::string_view kWrapping = "closed pending query result\nError: ";
  if (const size_t wrapped = rest.find(kWrapping); wrapped != std::string_view::npos) {
    rest.remove_prefix(wrapped + kWrapping.size());
  }
  // What follows is for programmers: the statement again, a stack trace.
  for (const std::string_view noise :
       {"\n\nStack Trace", "\nThis error signals", "\n\nLINE ", "\nLINE "}) {
    rest = rest.substr(0, rest.find(noise));
  }
  std::string line(rest);
  std::replace(line.begin(), line.end(), '\n', ' ');
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string sql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

base::Error to_error(duckdb_error_type type, const char* message) {
  std::string line = useful_lines(message);
  switch (type) {
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return base::exhausted(std::move(line));
    case DUCKDB_ERROR_INTERRUPT:
      return base::cancelled(std::move(line));
    case DUCKDB_ERROR_IO:
    case DUCKDB_ERROR_CONNECTION:
      return base::unavailable(std::move(line));
    case DUCKDB_ERROR_SERIALIZATION:
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_FATAL:
      return base::corrupt(std::move(line));
    default:
      return base::invalid_input(std::move(line));
  }
}

}  // namespace purvey::store::facts::internal
