#include "store/facts/parquet_writer.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "store/facts/internal/column_types.h"
#include "store/facts/internal/duck.h"

namespace purvey::store::facts {
namespace {

using base::Result;
using internal::Session;

/// Names of more values than this in a row group (order ids) are not worth a dictionary: without
/// one they are written in 20 % less time, and zstd makes them smaller. Room is taken for so many
/// at once, so a small part is given no more than it can have.
constexpr size_t kDictionaryMax = 5000;

/// What the table function reads while one COPY runs.
struct Source {
  const RowBuffer* rows = nullptr;
  std::span<const uint32_t> order;
  size_t next = 0;
};

std::string_view codec(Compression compression) {
  switch (compression) {
    case Compression::kZstd:
      return "zstd";
    case Compression::kSnappy:
      return "snappy";
    case Compression::kNone:
      return "uncompressed";
  }
  base::check_failed("compression", "a codec without a name");
}

/// The quickest one: a third less time to compress than the usual one.
std::string_view level(Compression compression) {
  return compression == Compression::kZstd ? ", COMPRESSION_LEVEL 1" : "";
}

/// The text as DuckDB sees it: short ones inline, long ones where they lie in the buffer, which
/// outlives the COPY.
duckdb_string_t string_view_of(std::string_view text) {
  duckdb_string_t value{};
  value.value.inlined.length = static_cast<uint32_t>(text.size());
  if (text.size() <= sizeof value.value.inlined.inlined) {
    text.copy(value.value.inlined.inlined, text.size());
  } else {
    std::memcpy(value.value.pointer.prefix, text.data(), sizeof value.value.pointer.prefix);
    value.value.pointer.ptr = const_cast<char*>(text.data());
  }
  return value;
}

template <class T, class Make>
void fill(duckdb_vector vector, const Source& source, size_t column, size_t count, Make make) {
  auto* out = static_cast<T*>(duckdb_vector_get_data(vector));
  uint64_t* validity = nullptr;
  const std::span<const int64_t> cells = source.rows->cells(column);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t row = source.order[source.next + i];
    if (cells[row] == RowBuffer::kNull) [[unlikely]] {
      if (validity == nullptr) {
        duckdb_vector_ensure_validity_writable(vector);
        validity = duckdb_vector_get_validity(vector);
      }
      validity[i / 64] &= ~(uint64_t{1} << (i % 64));
      out[i] = T{};
    } else {
      out[i] = make(cells[row], row);
    }
  }
}

void fill_column(duckdb_vector vector, const Source& source, size_t column, size_t count) {
  switch (table_spec(source.rows->table()).columns[column].type) {
    case ColumnType::kText:
      return fill<duckdb_string_t>(vector, source, column, count, [&](int64_t, uint32_t row) {
        return string_view_of(source.rows->text_at(column, row));
      });
    case ColumnType::kFlag:
      return fill<uint8_t>(vector, source, column, count,
                           [](int64_t cell, uint32_t) { return static_cast<uint8_t>(cell != 0); });
    case ColumnType::kDate:
      return fill<int32_t>(vector, source, column, count,
                           [](int64_t cell, uint32_t) { return static_cast<int32_t>(cell); });
    case ColumnType::kInteger:
    case ColumnType::kNumber:
    case ColumnType::kTimestamp:
    case ColumnType::kDecimal:
      return fill<int64_t>(vector, source, column, count,
                           [](int64_t cell, uint32_t) { return cell; });
  }
}

void bind(duckdb_bind_info info) {
  const auto& source = *static_cast<const Source*>(duckdb_bind_get_extra_info(info));
  for (const ColumnSpec& column : table_spec(source.rows->table()).columns) {
    const auto type = internal::duck_type(column.type);
    duckdb_bind_add_result_column(info, std::string(column.name).c_str(), type.get());
  }
  duckdb_bind_set_cardinality(info, source.order.size(), true);
}

void init(duckdb_init_info info) {
  duckdb_init_set_max_threads(info, 1);  // the order of the rows is the order of the file
}

void produce(duckdb_function_info info, duckdb_data_chunk chunk) {
  auto& source = *static_cast<Source*>(duckdb_function_get_extra_info(info));
  const size_t count = std::min<size_t>(duckdb_vector_size(), source.order.size() - source.next);
  const size_t columns = table_spec(source.rows->table()).columns.size();
  for (size_t column = 0; column < columns; ++column) {
    fill_column(duckdb_data_chunk_get_vector(chunk, column), source, column, count);
  }
  duckdb_data_chunk_set_size(chunk, count);
  source.next += count;
}

class ParquetWriter final : public PartWriter {
 public:
  Result<void> open(const ParquetOptions& options) {
    compression_ = options.compression;
    session_ = PURVEY_TRY(internal::open_session(
        {.memory_limit_mb = options.memory_limit_mb, .threads = options.threads}));
    const internal::TableFunction function(duckdb_create_table_function());
    duckdb_table_function_set_name(function.get(), "purvey_rows");
    duckdb_table_function_set_extra_info(function.get(), &source_, nullptr);
    duckdb_table_function_set_bind(function.get(), bind);
    duckdb_table_function_set_init(function.get(), init);
    duckdb_table_function_set_function(function.get(), produce);
    if (duckdb_register_table_function(session_.connection.get(), function.get()) !=
        DuckDBSuccess) {
      return base::unsupported("this DuckDB does not take a table function");
    }
    return {};
  }

  Result<void> write(const RowBuffer& rows, std::span<const uint32_t> order,
                     const std::string& path) override {
    source_ = {.rows = &rows, .order = order, .next = 0};
    auto done = internal::run(
        session_, fmt::format("COPY (SELECT * FROM purvey_rows()) TO {} (FORMAT parquet, "
                              "COMPRESSION {}{}, ROW_GROUP_SIZE 122880, USE_TMP_FILE false, "
                              "DICTIONARY_SIZE_LIMIT {})",
                              internal::sql_text(path), codec(compression_), level(compression_),
                              std::min(kDictionaryMax, order.size())));
    source_ = {};
    if (!done) return base::unavailable(fmt::format("{}: {}", path, done.error().message));
    return {};
  }

 private:
  Source source_;
  Compression compression_ = Compression::kZstd;
  Session session_;
};

}  // namespace

Result<std::unique_ptr<PartWriter>> make_parquet_writer(const ParquetOptions& options) {
  auto writer = std::make_unique<ParquetWriter>();
  PURVEY_TRY(writer->open(options));
  return std::unique_ptr<PartWriter>(std::move(writer));
}

}  // namespace purvey::store::facts
