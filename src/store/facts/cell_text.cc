#include "store/facts/internal/cell_text.h"

#include <fmt/core.h>

#include <cmath>
#include <cstring>
#include <iterator>

#include "base/event_time.h"

namespace purvey::store::facts::internal {
namespace {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

constexpr int64_t kMicros = 1'000'000;

Int128 wide(duckdb_hugeint value) {
  return static_cast<Int128>((static_cast<UInt128>(static_cast<uint64_t>(value.upper)) << 64) |
                             value.lower);
}

std::string_view view_of(const duckdb_string_t& text) {
  const uint32_t size = text.value.inlined.length;
  return {size <= sizeof text.value.inlined.inlined ? text.value.inlined.inlined
                                                    : text.value.pointer.ptr,
          size};
}

void put_double(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "nan";  // without the sign, which means nothing
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

void put_date(int32_t days, std::string& out) {
  const auto date = duckdb_from_date({days});
  if (!duckdb_is_finite_date({days})) {
    out += days > 0 ? "infinity" : "-infinity";
  } else {
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", date.year, date.month, date.day);
  }
}

/// `.123`, `.123456` or nothing.
void put_fraction(int64_t micros, std::string& out) {
  if (micros % kMicros == 0) return;
  if (micros % 1000 == 0) {
    fmt::format_to(std::back_inserter(out), ".{:03}", micros / 1000);
  } else {
    fmt::format_to(std::back_inserter(out), ".{:06}", micros);
  }
}

void put_clock(const duckdb_time_struct& time, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", time.hour, time.min, time.sec);
  put_fraction(time.micros, out);
}

void put_timestamp(int64_t micros, std::string& out) {
  if (!duckdb_is_finite_timestamp({micros})) {
    out += micros > 0 ? "infinity" : "-infinity";
    return;
  }
  const auto parts = duckdb_from_timestamp({micros});
  put_date(duckdb_to_date(parts.date).days, out);
  out += ' ';
  put_clock(parts.time, out);
}

void put_decimal(Int128 value, uint8_t scale, std::string& out) {
  const bool negative = value < 0;
  // Negating in the unsigned type also holds for the least value.
  const UInt128 magnitude =
      negative ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
  std::string digits = fmt::format("{}", magnitude);
  if (digits.size() <= scale) digits.insert(0, scale + 1U - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  if (negative) out += '-';
  out += digits;
}

void put_uuid(duckdb_hugeint value, std::string& out) {
  // DuckDB keeps it with the top bit flipped, so that it sorts.
  const uint64_t high = static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63);
  fmt::format_to(std::back_inserter(out), "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32,
                 (high >> 16) & 0xffff, high & 0xffff, value.lower >> 48,
                 value.lower & 0xffff'ffff'ffff);
}

void put_blob(std::string_view bytes, std::string& out) {
  for (const char c : bytes) {
    fmt::format_to(std::back_inserter(out), "\\x{:02X}", static_cast<unsigned char>(c));
  }
}

void put_interval(const duckdb_interval& interval, std::string& out) {
  fmt::format_to(std::back_inserter(out), "P{}M{}DT{}.{:06}S", interval.months, interval.days,
                 interval.micros / kMicros, std::abs(interval.micros % kMicros));
}

/// Writes cells of one vector as text; lists and structs by themselves again.
class CellWriter {
 public:
  explicit CellWriter(duckdb_vector vector)
      : vector_(vector),
        type_(duckdb_vector_get_column_type(vector)),
        id_(duckdb_get_type_id(type_.get())),
        data_(duckdb_vector_get_data(vector)),
        validity_(duckdb_vector_get_validity(vector)),
        scale_(id_ == DUCKDB_TYPE_DECIMAL ? duckdb_decimal_scale(type_.get()) : uint8_t{0}),
        storage_(id_ == DUCKDB_TYPE_DECIMAL ? duckdb_decimal_internal_type(type_.get())
                 : id_ == DUCKDB_TYPE_ENUM  ? duckdb_enum_internal_type(type_.get())
                                            : id_) {}

  bool is_null(idx_t row) const {
    return validity_ != nullptr && !duckdb_validity_row_is_valid(validity_, row);
  }
  void put(idx_t row, std::string& out) const;

 private:
  template <class T>
  const T& at(idx_t row) const {
    return static_cast<const T*>(data_)[row];
  }
  Int128 integer(idx_t row) const;
  void put_time_like(idx_t row, std::string& out) const;
  void put_nested(idx_t row, std::string& out) const;
  void put_struct(idx_t row, std::string& out) const;
  void put_enum(idx_t row, std::string& out) const;
  static void put_items(const CellWriter& items, idx_t begin, idx_t count, std::string& out);

  duckdb_vector vector_;
  LogicalType type_;
  duckdb_type id_;
  const void* data_;
  uint64_t* validity_;
  uint8_t scale_;
  duckdb_type storage_;
};

void CellWriter::put(idx_t row, std::string& out) const {
  switch (id_) {
    case DUCKDB_TYPE_VARCHAR:
      out += view_of(at<duckdb_string_t>(row));
      break;
    case DUCKDB_TYPE_BOOLEAN:
      out += at<bool>(row) ? "true" : "false";
      break;
    case DUCKDB_TYPE_DOUBLE:
      put_double(at<double>(row), out);
      break;
    case DUCKDB_TYPE_FLOAT:
      if (std::isnan(at<float>(row))) {
        out += "nan";
      } else {
        fmt::format_to(std::back_inserter(out), "{}", at<float>(row));
      }
      break;
    case DUCKDB_TYPE_UHUGEINT: {
      const auto& value = at<duckdb_uhugeint>(row);
      fmt::format_to(std::back_inserter(out), "{}",
                     (static_cast<UInt128>(value.upper) << 64) | value.lower);
      break;
    }
    case DUCKDB_TYPE_DECIMAL:
      put_decimal(integer(row), scale_, out);
      break;
    case DUCKDB_TYPE_BLOB:
    case DUCKDB_TYPE_BIT:
    case DUCKDB_TYPE_BIGNUM:
      put_blob(view_of(at<duckdb_string_t>(row)), out);
      break;
    case DUCKDB_TYPE_UUID:
      put_uuid(at<duckdb_hugeint>(row), out);
      break;
    case DUCKDB_TYPE_INTERVAL:
      put_interval(at<duckdb_interval>(row), out);
      break;
    case DUCKDB_TYPE_ENUM:
      put_enum(row, out);
      break;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
      fmt::format_to(std::back_inserter(out), "{}", integer(row));
      break;
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_ARRAY:
    case DUCKDB_TYPE_STRUCT:
      put_nested(row, out);
      break;
    default:
      put_time_like(row, out);
  }
}

Int128 CellWriter::integer(idx_t row) const {
  switch (storage_) {
    case DUCKDB_TYPE_TINYINT:
      return at<int8_t>(row);
    case DUCKDB_TYPE_SMALLINT:
      return at<int16_t>(row);
    case DUCKDB_TYPE_INTEGER:
      return at<int32_t>(row);
    case DUCKDB_TYPE_BIGINT:
      return at<int64_t>(row);
    case DUCKDB_TYPE_UTINYINT:
      return at<uint8_t>(row);
    case DUCKDB_TYPE_USMALLINT:
      return at<uint16_t>(row);
    case DUCKDB_TYPE_UINTEGER:
      return at<uint32_t>(row);
    case DUCKDB_TYPE_UBIGINT:
      return at<uint64_t>(row);
    default:
      return wide(at<duckdb_hugeint>(row));
  }
}

void CellWriter::put_time_like(idx_t row, std::string& out) const {
  switch (id_) {
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:  // the session's zone is UTC
      return put_timestamp(at<int64_t>(row), out);
    case DUCKDB_TYPE_TIMESTAMP_S:
      return put_timestamp(at<int64_t>(row) * kMicros, out);
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return put_timestamp(at<int64_t>(row) * 1000, out);
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return put_timestamp(at<int64_t>(row) / 1000, out);
    case DUCKDB_TYPE_DATE:
      return put_date(at<int32_t>(row), out);
    case DUCKDB_TYPE_TIME:
      return put_clock(duckdb_from_time({at<int64_t>(row)}), out);
    case DUCKDB_TYPE_TIME_TZ:
      return put_clock(duckdb_from_time_tz({at<uint64_t>(row)}).time, out);
    default:
      out += "(a value of a type that cannot be shown: cast it to VARCHAR)";
  }
}

void CellWriter::put_enum(idx_t row, std::string& out) const {
  char* word = duckdb_enum_dictionary_value(type_.get(), static_cast<idx_t>(integer(row)));
  out += word;
  duckdb_free(word);
}

void CellWriter::put_nested(idx_t row, std::string& out) const {
  if (id_ == DUCKDB_TYPE_STRUCT) return put_struct(row, out);
  if (id_ == DUCKDB_TYPE_ARRAY) {
    const idx_t size = duckdb_array_type_array_size(type_.get());
    return put_items(CellWriter(duckdb_array_vector_get_child(vector_)), row * size, size, out);
  }
  const auto& entry = at<duckdb_list_entry>(row);
  put_items(CellWriter(duckdb_list_vector_get_child(vector_)), entry.offset, entry.length, out);
}

void CellWriter::put_items(const CellWriter& items, idx_t begin, idx_t count, std::string& out) {
  out += '[';
  for (idx_t i = begin; i < begin + count; ++i) {
    if (i > begin) out += ", ";
    items.is_null(i) ? static_cast<void>(out += "NULL") : items.put(i, out);
  }
  out += ']';
}

void CellWriter::put_struct(idx_t row, std::string& out) const {
  out += '{';
  const idx_t children = duckdb_struct_type_child_count(type_.get());
  for (idx_t child = 0; child < children; ++child) {
    char* name = duckdb_struct_type_child_name(type_.get(), child);
    fmt::format_to(std::back_inserter(out), "{}{}: ", child == 0 ? "" : ", ", name);
    duckdb_free(name);
    const CellWriter cell(duckdb_struct_vector_get_child(vector_, child));
    cell.is_null(row) ? static_cast<void>(out += "NULL") : cell.put(row, out);
  }
  out += '}';
}

}  // namespace

ResultColumn describe_column(std::string name, const LogicalType& type) {
  ResultColumn column{.name = std::move(name), .kind = CellKind::kText, .type = "TEXT"};
  const auto set = [&](CellKind kind, std::string type_name) {
    column.kind = kind;
    column.type = std::move(type_name);
    return column;
  };
  switch (duckdb_get_type_id(type.get())) {
    case DUCKDB_TYPE_BOOLEAN:
      return set(CellKind::kFlag, "BOOLEAN");
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
      return set(CellKind::kNumber, "BIGINT");
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
      return set(CellKind::kNumber, "HUGEINT");
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
      return set(CellKind::kDouble, "DOUBLE");
    case DUCKDB_TYPE_DECIMAL:
      return set(CellKind::kNumber, fmt::format("DECIMAL({},{})", duckdb_decimal_width(type.get()),
                                                duckdb_decimal_scale(type.get())));
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return set(CellKind::kTimestamp, "TIMESTAMP");
    case DUCKDB_TYPE_DATE:
      return set(CellKind::kDate, "DATE");
    case DUCKDB_TYPE_VARCHAR:
      return set(CellKind::kText, "VARCHAR");
    default:
      return column;
  }
}

void append_cells(duckdb_vector vector, idx_t rows, size_t column, ResultChunk& out) {
  const CellWriter writer(vector);
  for (idx_t row = 0; row < rows; ++row) {
    const bool is_null = writer.is_null(row);
    if (!is_null) writer.put(row, out.text(column));
    out.end_cell(column, is_null);
  }
}

}  // namespace purvey::store::facts::internal
