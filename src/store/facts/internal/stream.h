#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "store/facts/internal/duck.h"

namespace purvey::store::facts::internal {

/// Interrupts a connection when its time is up or `stop` is asked for, until it is destroyed.
class Deadline {
 public:
  Deadline(duckdb_connection connection, std::chrono::milliseconds time, std::stop_token stop);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool passed() const;

 private:
  void wait(duckdb_connection connection, std::chrono::milliseconds time,
            const std::stop_token& stop);

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool done_ = false;
  bool passed_ = false;
  std::thread thread_;
};

/// A running SELECT that gives its chunks one by one.
class Stream {
 public:
  /// Starts `sql`, which must be exactly one SELECT. Errors: kInvalidInput with DuckDB's words.
  static base::Result<std::unique_ptr<Stream>> start(const Session& session, std::string_view sql);

  size_t columns() { return duckdb_column_count(result_.get()); }
  std::string column_name(size_t column) { return duckdb_column_name(result_.get(), column); }
  LogicalType column_type(size_t column) {
    return LogicalType(duckdb_column_logical_type(result_.get(), column));
  }

  /// The next rows; an empty handle at the end.
  base::Result<Chunk> next();

 private:
  Prepared prepared_;
  QueryResult result_;
};

}  // namespace purvey::store::facts::internal
