#include "store/facts/internal/stream.h"

#include <fmt/core.h>

#include <algorithm>

namespace purvey::store::facts::internal {

using base::Result;

namespace {

/// An interrupt that arrives between two steps of a query is forgotten, so it is sent again.
constexpr std::chrono::milliseconds kInterruptEvery{20};

base::Error only_select() {
  return base::invalid_input("only a SELECT may be asked: nothing can be changed here");
}

/// Whether a statement that cannot be prepared wants to change something: the engine then tells of
/// what stands in the way first.
bool begins_a_change(std::string_view sql) {
  constexpr std::string_view kChanges[] = {"insert", "update", "delete", "merge", "copy"};
  sql.remove_prefix(std::min(sql.find_first_not_of(" \t\r\n("), sql.size()));
  return std::ranges::any_of(kChanges, [&](std::string_view word) {
    return sql.size() > word.size() &&
           std::equal(word.begin(), word.end(), sql.begin(),
                      [](char c, char given) { return c == (given | 0x20); });
  });
}

Result<Prepared> prepare_one_select(const Session& session, const std::string& sql) {
  Extracted statements;
  const idx_t count =
      duckdb_extract_statements(session.connection.get(), sql.c_str(), statements.out());
  if (count == 0) {
    const char* error = duckdb_extract_statements_error(statements.get());
    return base::invalid_input(error == nullptr ? "there is no statement: write one SELECT"
                                                : useful_lines(error));
  }
  if (count > 1) {
    return base::invalid_input(
        fmt::format("these are {} statements: ask with one SELECT at a time", count));
  }
  Prepared prepared;
  if (duckdb_prepare_extracted_statement(session.connection.get(), statements.get(), 0,
                                         prepared.out()) != DuckDBSuccess) {
    if (begins_a_change(sql)) return only_select();
    return base::invalid_input(useful_lines(duckdb_prepare_error(prepared.get())));
  }
  if (duckdb_prepared_statement_type(prepared.get()) != DUCKDB_STATEMENT_TYPE_SELECT) {
    return only_select();
  }
  if (duckdb_nparams(prepared.get()) > 0) {
    return base::invalid_input("the SELECT has parameters (? or $1): write the values instead");
  }
  return prepared;
}

}  // namespace

Deadline::Deadline(duckdb_connection connection, std::chrono::milliseconds time,
                   std::stop_token stop)
    : thread_([this, connection, time, stop = std::move(stop)] { wait(connection, time, stop); }) {}

Deadline::~Deadline() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Deadline::passed() const {
  const std::lock_guard lock(mutex_);
  return passed_;
}

void Deadline::wait(duckdb_connection connection, std::chrono::milliseconds time,
                    const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, stop, time, [this] { return done_; })) return;
  passed_ = true;
  do {
    duckdb_interrupt(connection);
  } while (!changed_.wait_for(lock, kInterruptEvery, [this] { return done_; }));
}

Result<std::unique_ptr<Stream>> Stream::start(const Session& session, std::string_view sql) {
  auto stream = std::make_unique<Stream>();
  stream->prepared_ = PURVEY_TRY(prepare_one_select(session, std::string(sql)));
  duckdb_pending_result pending_handle = nullptr;
  const auto made = duckdb_pending_prepared_streaming(stream->prepared_.get(), &pending_handle);
  const Handle<duckdb_pending_result, duckdb_destroy_pending> pending(pending_handle);
  if (made != DuckDBSuccess) {
    return base::invalid_input(useful_lines(duckdb_pending_error(pending.get())));
  }
  duckdb_result* result = stream->result_.get();
  if (duckdb_execute_pending(pending.get(), result) != DuckDBSuccess) {
    return to_error(duckdb_result_error_type(result), duckdb_result_error(result));
  }
  return stream;
}

Result<Chunk> Stream::next() {
  Chunk chunk(duckdb_fetch_chunk(*result_.get()));
  if (chunk) return chunk;
  const char* error = duckdb_result_error(result_.get());
  if (error != nullptr) return to_error(duckdb_result_error_type(result_.get()), error);
  return chunk;
}

}  // namespace purvey::store::facts::internal
