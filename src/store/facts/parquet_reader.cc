#include "store/facts/parquet_reader.h"

#include <fmt/core.h>

#include <iterator>
#include <vector>

#include "base/check.h"
#include "store/facts/internal/column_types.h"
#include "store/facts/internal/stream.h"

namespace purvey::store::facts {
namespace {

using base::Result;
using internal::Chunk;
using internal::Session;
using internal::Stream;

/// One column of a chunk.
class ChunkColumn {
 public:
  ChunkColumn(duckdb_data_chunk chunk, size_t column, ColumnType type) : type_(type) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
    data_ = duckdb_vector_get_data(vector);
    validity_ = duckdb_vector_get_validity(vector);
  }

  /// Adds the cell as the next one of a row; its number, RowBuffer::kNull for a null or a text.
  int64_t add(idx_t row, RowBuffer& rows) const {
    if (validity_ != nullptr && !duckdb_validity_row_is_valid(validity_, row)) {
      rows.null();
      return RowBuffer::kNull;
    }
    if (type_ == ColumnType::kText) {
      rows.text(text(row));
      return RowBuffer::kNull;
    }
    const int64_t cell = number(row);
    rows.integer(cell);
    return cell;
  }

 private:
  template <class T>
  T at(idx_t row) const {
    return static_cast<const T*>(data_)[row];
  }
  std::string_view text(idx_t row) const {
    const auto& value = static_cast<const duckdb_string_t*>(data_)[row].value;
    const uint32_t size = value.inlined.length;
    return {size <= sizeof value.inlined.inlined ? value.inlined.inlined : value.pointer.ptr, size};
  }
  /// As RowBuffer holds it: a double by its bits.
  int64_t number(idx_t row) const {
    switch (type_) {
      case ColumnType::kFlag:
        return at<bool>(row) ? 1 : 0;
      case ColumnType::kDate:
        return at<int32_t>(row);
      case ColumnType::kInteger:
      case ColumnType::kNumber:
      case ColumnType::kTimestamp:
      case ColumnType::kDecimal:
        return at<int64_t>(row);
      case ColumnType::kText:
        break;
    }
    base::check_failed("type", "a text as a number");
  }

  ColumnType type_;
  const void* data_;
  uint64_t* validity_;
};

std::string select_all(const TableSpec& table, const std::string& path) {
  std::string columns;
  for (const ColumnSpec& column : table.columns) {
    fmt::format_to(std::back_inserter(columns), "{}\"{}\"::{}", columns.empty() ? "" : ", ",
                   column.name, internal::sql_type(column.type));
  }
  return fmt::format("SELECT {} FROM read_parquet({}, hive_partitioning = false)", columns,
                     internal::sql_text(path));
}

void append_chunk(duckdb_data_chunk chunk, const Part& part, RowBuffer& rows) {
  const auto specs = table_spec(part.table).columns;
  std::vector<ChunkColumn> columns;
  for (size_t i = 0; i < specs.size(); ++i) columns.emplace_back(chunk, i, specs[i].type);
  const auto time = time_column(part.table);
  const idx_t count = duckdb_data_chunk_get_size(chunk);
  for (idx_t row = 0; row < count; ++row) {
    int64_t at = RowBuffer::kNull;
    for (size_t i = 0; i < columns.size(); ++i) {
      const int64_t cell = columns[i].add(row, rows);
      if (time == i) at = cell;
    }
    rows.end_row(partition_time(part.table, at, part.time_from));
  }
}

class ParquetReader final : public PartReader {
 public:
  Result<void> open(const ParquetOptions& options) {
    session_ = PURVEY_TRY(internal::open_session(
        {.memory_limit_mb = options.memory_limit_mb, .threads = options.threads}));
    return internal::run(session_, "SET preserve_insertion_order = true");
  }

  Result<void> read(const Part& part, const std::string& path, size_t bytes_max,
                    RowBuffer& rows) override {
    const auto stream = Stream::start(session_, select_all(table_spec(part.table), path));
    if (!stream) return base::corrupt(fmt::format("{}: {}", path, stream.error().message));
    for (;;) {
      const Chunk chunk = PURVEY_TRY((*stream)->next());
      if (!chunk) break;
      append_chunk(chunk.get(), part, rows);
      if (rows.bytes() > bytes_max) {
        return base::exhausted(
            fmt::format("{}: its rows and those before it need more than {} "
                        "MiB of memory",
                        path, bytes_max >> 20));
      }
    }
    return {};
  }

 private:
  Session session_;
};

}  // namespace

Result<std::unique_ptr<PartReader>> make_parquet_reader(const ParquetOptions& options) {
  auto reader = std::make_unique<ParquetReader>();
  PURVEY_TRY(reader->open(options));
  return std::unique_ptr<PartReader>(std::move(reader));
}

}  // namespace purvey::store::facts
