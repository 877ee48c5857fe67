#pragma once

#include <duckdb.h>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace purvey::store::facts::internal {

/// Owns a handle of DuckDB's C API; `destroy` takes the address of the handle.
template <class T, void (*destroy)(T*)>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T value) : value_(value) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    reset();
    value_ = std::exchange(other.value_, nullptr);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  T get() const { return value_; }
  T* out() { return &value_; }  ///< for a call that makes the handle
  explicit operator bool() const { return value_ != nullptr; }
  void reset() {
    if (value_ != nullptr) destroy(&value_);
    value_ = nullptr;
  }

 private:
  T value_ = nullptr;
};

using Database = Handle<duckdb_database, duckdb_close>;
using Connection = Handle<duckdb_connection, duckdb_disconnect>;
using Config = Handle<duckdb_config, duckdb_destroy_config>;
using Prepared = Handle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using Extracted = Handle<duckdb_extracted_statements, duckdb_destroy_extracted>;
using Chunk = Handle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using LogicalType = Handle<duckdb_logical_type, duckdb_destroy_logical_type>;
using TableFunction = Handle<duckdb_table_function, duckdb_destroy_table_function>;
using Value = Handle<duckdb_value, duckdb_destroy_value>;

/// A result; not a pointer in the C API, hence a class of its own.
class QueryResult {
 public:
  QueryResult() = default;
  ~QueryResult() { duckdb_destroy_result(&result_); }
  QueryResult(const QueryResult&) = delete;
  QueryResult& operator=(const QueryResult&) = delete;

  duckdb_result* get() { return &result_; }

 private:
  duckdb_result result_{};
};

/// A database and one connection to it.
struct Session {
  Database database;
  Connection connection;
};

struct SessionOptions {
  std::string path = {};  ///< empty: in memory
  bool read_only = false;
  uint64_t memory_limit_mb = 1024;
  unsigned threads = 1;
};

/// Opens a database. Errors: kUnavailable with DuckDB's words.
base::Result<Session> open_session(const SessionOptions& options);

/// Runs statements that give no rows.
base::Result<void> run(const Session& session, const std::string& sql);

/// The lines of an error of DuckDB that help its reader, as one line.
std::string useful_lines(const char* error);

/// `'it''s'`
std::string sql_text(std::string_view text);

/// As our error: what the caller should do about it.
base::Error to_error(duckdb_error_type type, const char* message);

}  // namespace purvey::store::facts::internal
