#include "store/facts/internal/query.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "store/facts/internal/cell_text.h"
#include "store/facts/internal/stream.h"

namespace purvey::store::facts::internal {
namespace {

using base::Result;

Result<QueryEnd> deliver(Stream& stream, uint64_t rows_max, ResultSink& sink) {
  std::vector<ResultColumn> columns;
  columns.reserve(stream.columns());
  for (size_t column = 0; column < stream.columns(); ++column) {
    columns.push_back(describe_column(stream.column_name(column), stream.column_type(column)));
  }
  PURVEY_TRY(sink.begin(columns));
  QueryEnd end;
  ResultChunk out(columns.size());
  for (;;) {
    const Chunk chunk = PURVEY_TRY(stream.next());
    if (!chunk) return end;
    const uint64_t rows = duckdb_data_chunk_get_size(chunk.get());
    const uint64_t taken = std::min<uint64_t>(rows, rows_max - end.rows);
    out.clear();
    for (size_t column = 0; column < columns.size(); ++column) {
      append_cells(duckdb_data_chunk_get_vector(chunk.get(), column), taken, column, out);
    }
    if (taken > 0) PURVEY_TRY(sink.rows(out));
    end.rows += taken;
    end.truncated = taken < rows;
    if (end.truncated) return end;
  }
}

Result<QueryEnd> start_and_deliver(const Session& session, std::string_view sql, uint64_t rows_max,
                                   ResultSink& sink) {
  const auto stream = PURVEY_TRY(Stream::start(session, sql));
  return deliver(*stream, rows_max, sink);
}

}  // namespace

Result<QueryEnd> run_query(const Session& session, std::string_view sql, const QueryLimits& limits,
                           ResultSink& sink) {
  const Deadline deadline(session.connection.get(), limits.time, limits.stop);
  auto end = start_and_deliver(session, sql, limits.rows, sink);
  if (end || !deadline.passed()) return end;
  if (limits.stop.stop_requested()) {
    return base::Error{base::ErrorCode::kCancelled, "the question was stopped"};
  }
  return base::exhausted(
      fmt::format("the question took longer than {} s and was stopped: ask for less, or allow more",
                  static_cast<double>(limits.time.count()) / 1000));
}

}  // namespace purvey::store::facts::internal
