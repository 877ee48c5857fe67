#include "store/facts/internal/digest.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <vector>

#include "base/byte_codec.h"
#include "base/hash.h"
#include "store/facts/internal/stream.h"
#include "store/facts/views.h"
#include "store/table.h"

namespace purvey::store::facts::internal {
namespace {

using base::Hash128;
using base::Result;

constexpr std::string_view kLeftOut[] = {"seq", "received", "revision", "updated_at", "who"};

/// A 128-bit sum that wraps.
void add(Hash128& sum, const Hash128& hash) {
  sum.low += hash.low;
  sum.high += hash.high + (sum.low < hash.low ? 1 : 0);
}

template <class T>
void put(T value, std::string& out) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof bytes);
}

void put_integer(int64_t value, std::string& out) {
  put(value, out);
  put(value < 0 ? int64_t{-1} : int64_t{0}, out);  // sign extended: the width of a sum is no matter
}

void put_double(double value, std::string& out) {
  if (value == 0) value = 0;  // not minus zero
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  put(value, out);
}

void put_text(const duckdb_string_t& text, std::string& out) {
  const uint32_t size = text.value.inlined.length;
  put(size, out);
  out.append(size <= sizeof text.value.inlined.inlined ? text.value.inlined.inlined
                                                       : text.value.pointer.ptr,
             size);
}

/// One column of the chunk at hand.
struct Cells {
  duckdb_type type;
  const void* data = nullptr;
  uint64_t* validity = nullptr;

  template <class T>
  const T& at(idx_t row) const {
    return static_cast<const T*>(data)[row];
  }
  void append(idx_t row, std::string& out) const;
};

void Cells::append(idx_t row, std::string& out) const {
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) {
    out += '\0';
    return;
  }
  out += '\1';
  switch (type) {
    case DUCKDB_TYPE_VARCHAR:
      return put_text(at<duckdb_string_t>(row), out);
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_TIMESTAMP:
      return put_integer(at<int64_t>(row), out);
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_DATE:
      return put_integer(at<int32_t>(row), out);
    case DUCKDB_TYPE_SMALLINT:
      return put_integer(at<int16_t>(row), out);
    case DUCKDB_TYPE_HUGEINT:
      return put(at<duckdb_hugeint>(row), out);
    case DUCKDB_TYPE_BOOLEAN:
      return put_integer(at<uint8_t>(row), out);
    case DUCKDB_TYPE_DOUBLE:
      return put_double(at<double>(row), out);
    default:
      return;  // refused by layout_of()
  }
}

/// The columns of a result that count, and the hash of their names and types.
struct Layout {
  std::vector<size_t> columns;
  std::vector<duckdb_type> types;  ///< as they are stored
  uint64_t hash = 0;
};

Result<Layout> layout_of(Stream& stream, std::string_view table) {
  constexpr duckdb_type kKnown[] = {
      DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BIGINT,  DUCKDB_TYPE_TIMESTAMP,
      DUCKDB_TYPE_DATE,    DUCKDB_TYPE_HUGEINT, DUCKDB_TYPE_BOOLEAN,
      DUCKDB_TYPE_DOUBLE,  DUCKDB_TYPE_INTEGER, DUCKDB_TYPE_SMALLINT,
  };
  Layout layout;
  std::string header;
  for (size_t column = 0; column < stream.columns(); ++column) {
    const std::string name = stream.column_name(column);
    if (std::find(std::begin(kLeftOut), std::end(kLeftOut), name) != std::end(kLeftOut)) continue;
    const LogicalType type = stream.column_type(column);
    const duckdb_type id = duckdb_get_type_id(type.get());
    const bool is_decimal = id == DUCKDB_TYPE_DECIMAL;
    const duckdb_type stored = is_decimal ? duckdb_decimal_internal_type(type.get()) : id;
    if (std::find(std::begin(kKnown), std::end(kKnown), stored) == std::end(kKnown)) {
      return base::unsupported(
          fmt::format("digest: {}.{} has a type without a canonical form", table, name));
    }
    header += fmt::format("{}:{}:{};", name, static_cast<int>(id),
                          is_decimal ? duckdb_decimal_scale(type.get()) : 0);
    layout.columns.push_back(column);
    layout.types.push_back(stored);
  }
  layout.hash = base::hash64(header);
  return layout;
}

struct TableSum {
  uint64_t rows = 0;
  Hash128 sum;
};

void add_rows(const Chunk& chunk, const Layout& layout, TableSum& table, std::string& row_bytes) {
  std::vector<Cells> cells;
  for (size_t i = 0; i < layout.columns.size(); ++i) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk.get(), layout.columns[i]);
    cells.push_back({.type = layout.types[i],
                     .data = duckdb_vector_get_data(vector),
                     .validity = duckdb_vector_get_validity(vector)});
  }
  const idx_t rows = duckdb_data_chunk_get_size(chunk.get());
  for (idx_t row = 0; row < rows; ++row) {
    row_bytes.clear();
    put(layout.hash, row_bytes);
    for (const Cells& column : cells) column.append(row, row_bytes);
    add(table.sum, base::hash128(row_bytes));
  }
  table.rows += rows;
}

Result<TableSum> sum_table(const Session& session, std::string_view name) {
  const auto stream = PURVEY_TRY(Stream::start(session, fmt::format("SELECT * FROM \"{}\"", name)));
  const Layout layout = PURVEY_TRY(layout_of(*stream, name));
  TableSum table;
  std::string row_bytes;
  for (;;) {
    const Chunk chunk = PURVEY_TRY(stream->next());
    if (!chunk) return table;
    add_rows(chunk, layout, table, row_bytes);
  }
}

std::set<std::string_view> digested_names() {
  std::set<std::string_view> names(derived_view_names().begin(), derived_view_names().end());
  names.erase("dropped");  // when something was stored decides over it
  for (const TableSpec& table : all_tables()) {
    if (table.id != TableId::kKpi) names.insert(table.name);  // only its latest revisions count
  }
  return names;
}

}  // namespace

Result<std::string> compute_digest(const Session& session) {
  std::string all;
  base::ByteWriter writer(all);
  for (const std::string_view name : digested_names()) {
    const TableSum table = PURVEY_TRY(sum_table(session, name));
    writer.text(name);
    writer.word(table.rows);
    writer.word(table.sum.low);
    writer.word(table.sum.high);
  }
  return base::hash128(all).hex();
}

}  // namespace purvey::store::facts::internal
