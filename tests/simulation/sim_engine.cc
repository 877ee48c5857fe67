#include "sim_engine.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <map>

#include "base/byte_codec.h"
#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"

namespace purvey::simulation {
namespace {

using base::Result;
using store::ColumnType;
using store::RowBuffer;
using store::TableId;

constexpr size_t kPartBytesMax = size_t{1} << 30;
constexpr unsigned kMode = 0644;

class RowWriter final : public store::PartWriter {
 public:
  explicit RowWriter(base::Disk& disk) : disk_(disk) {}

  Result<void> write(const RowBuffer& rows, std::span<const uint32_t> order,
                     const std::string& path) override {
    std::string bytes;
    base::ByteWriter writer(bytes);
    const auto columns = store::table_spec(rows.table()).columns;
    writer.varint(order.size());
    for (const uint32_t row : order) {
      for (size_t column = 0; column < columns.size(); ++column) {
        writer.varint(rows.is_null(column, row) ? 0 : 1);
        if (rows.is_null(column, row)) continue;
        if (columns[column].type == ColumnType::kText) {
          writer.text(rows.text_at(column, row));
        } else {
          writer.zigzag(rows.cells(column)[row]);
        }
      }
    }
    return disk_.write(path, bytes, kMode);
  }

 private:
  base::Disk& disk_;
};

class RowReader final : public store::PartReader {
 public:
  explicit RowReader(base::Disk& disk) : disk_(disk) {}

  Result<void> read(const store::Part& part, const std::string& path, size_t bytes_max,
                    RowBuffer& rows) override {
    const std::string bytes = PURVEY_TRY(base::read_file(path, kPartBytesMax, disk_));
    base::ByteReader reader(bytes);
    const auto columns = store::table_spec(part.table).columns;
    const auto time = store::time_column(part.table);
    const uint64_t count = reader.varint();
    for (uint64_t row = 0; row < count && reader.ok(); ++row) {
      int64_t at = RowBuffer::kNull;
      for (size_t column = 0; column < columns.size(); ++column) {
        if (reader.varint() == 0) {
          rows.null();
        } else if (columns[column].type == ColumnType::kText) {
          rows.text(reader.text());
        } else {
          const int64_t cell = reader.zigzag();
          rows.integer(cell);
          if (time == column) at = cell;
        }
      }
      rows.end_row(store::partition_time(part.table, at, part.time_from));
    }
    if (rows.bytes() > bytes_max) return base::exhausted("too many rows to merge");
    return reader.finish("a part");
  }

 private:
  base::Disk& disk_;
};

class RowFacts final : public store::facts::Facts {
 public:
  RowFacts(base::Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}

  Result<store::QueryEnd> query(const store::facts::Committed&, std::string_view,
                                const store::QueryLimits&, store::ResultSink&) override {
    return base::unsupported("no questions in the simulation");
  }
  Result<std::string> digest(const store::facts::Committed& committed) override {
    return digest_of(PURVEY_TRY(read_rows(disk_, folder_ + "/archive", committed.parts)));
  }
  Result<void> export_parquet(const store::facts::Committed&, const std::string&) override {
    return base::unsupported("no exports in the simulation");
  }
  Result<void> export_csv(const store::facts::Committed&, const std::string&) override {
    return base::unsupported("no exports in the simulation");
  }

 private:
  base::Disk& disk_;
  const std::string folder_;
};

Result<void> add_rows(std::string_view bytes, TableId table, std::vector<Row>& rows) {
  base::ByteReader reader(bytes);
  const auto columns = store::table_spec(table).columns;
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    Row row;
    for (const auto& column : columns) {
      Cell cell{.is_null = reader.varint() == 0};
      if (!cell.is_null && column.type == ColumnType::kText) cell.text = reader.text();
      if (!cell.is_null && column.type != ColumnType::kText) cell.number = reader.zigzag();
      row.push_back(std::move(cell));
    }
    rows.push_back(std::move(row));
  }
  return reader.finish("a part");
}

void add_bytes(const Cell& cell, std::string& out) {
  base::ByteWriter writer(out);
  writer.varint(cell.is_null ? 0 : 1);
  writer.zigzag(cell.number);
  writer.text(cell.text);
}

/// What of a row counts in the digest: its words, or nothing for columns left out.
std::string words_of(const Row& row, std::span<const size_t> left_out) {
  std::string words;
  for (size_t i = 0; i < row.size(); ++i) {
    if (std::find(left_out.begin(), left_out.end(), i) == left_out.end()) add_bytes(row[i], words);
  }
  return words;
}

/// By metric, dimensions and window the row of the highest revision, of one revision the last seq.
std::vector<Row> latest_kpis(const std::vector<Row>& rows) {
  const size_t revision = column_of(TableId::kKpi, "revision");
  const size_t key[] = {column_of(TableId::kKpi, "metric"), column_of(TableId::kKpi, "dimensions"),
                        column_of(TableId::kKpi, "window_start"),
                        column_of(TableId::kKpi, "window_seconds")};
  std::map<std::string, const Row*> latest;
  for (const Row& row : rows) {
    std::string name;
    for (const size_t column : key) add_bytes(row[column], name);
    const Row*& known = latest[name];
    const auto place = [&](const Row& of) { return std::pair(of[revision].number, of[0].number); };
    if (known == nullptr || place(*known) <= place(row)) known = &row;
  }
  std::vector<Row> kept;
  for (const auto& entry : latest) {
    kept.push_back(*entry.second);
    kept.back()[0].number = kept.back()[revision].number = 0;
  }
  return kept;
}

std::vector<Row> summed_quality(const std::vector<Row>& rows) {
  std::map<std::string, Row> sums;
  const size_t count = column_of(TableId::kQuality, "n");
  const size_t left_out[] = {0, count};
  for (const Row& row : rows) {
    const auto [sum, is_new] = sums.try_emplace(words_of(row, left_out), row);
    if (!is_new) sum->second[count].number += row[count].number;
  }
  std::vector<Row> kept;
  for (auto& entry : sums) {
    entry.second[0].number = 0;
    kept.push_back(std::move(entry.second));
  }
  return kept;
}

}  // namespace

Result<std::unique_ptr<store::PartWriter>> SimEngine::part_writer(
    const store::facts::ParquetOptions&) const {
  return std::unique_ptr<store::PartWriter>(std::make_unique<RowWriter>(disk_));
}

Result<std::unique_ptr<store::PartReader>> SimEngine::part_reader(
    const store::facts::ParquetOptions&) const {
  return std::unique_ptr<store::PartReader>(std::make_unique<RowReader>(disk_));
}

Result<std::unique_ptr<store::facts::Facts>> SimEngine::facts(
    const store::facts::FactsOptions& options) const {
  return std::unique_ptr<store::facts::Facts>(std::make_unique<RowFacts>(disk_, options.folder));
}

Result<Rows> read_rows(base::Disk& disk, const std::string& archive,
                       std::span<const store::Part> parts) {
  Rows rows;
  for (const store::Part& part : parts) {
    const std::string bytes =
        PURVEY_TRY(base::read_file(archive + "/" + part.path(), kPartBytesMax, disk));
    PURVEY_TRY(add_rows(bytes, part.table, rows[static_cast<size_t>(part.table)]));
  }
  return rows;
}

std::string digest_of(const Rows& rows) {
  std::string all;
  base::ByteWriter writer(all);
  for (const store::TableSpec& table : store::all_tables()) {
    const std::vector<Row>* of_table = &rows[static_cast<size_t>(table.id)];
    std::vector<Row> made;
    if (table.id == TableId::kKpi) made = latest_kpis(*of_table);
    if (table.id == TableId::kQuality) made = summed_quality(*of_table);
    if (table.id == TableId::kKpi || table.id == TableId::kQuality) of_table = &made;
    std::vector<size_t> left_out;
    if (table.id == TableId::kIncidentStep) left_out = {0};
    uint64_t low = 0;
    uint64_t high = 0;
    for (const Row& row : *of_table) {
      const auto hash = base::hash128(words_of(row, left_out));
      low += hash.low;
      high += hash.high;
    }
    writer.text(table.name);
    writer.varint(of_table->size());
    writer.word(low);
    writer.word(high);
  }
  return base::hash128(all).hex();
}

size_t column_of(TableId table, std::string_view name) {
  const auto columns = store::table_spec(table).columns;
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const auto& column) { return column.name == name; });
  PURVEY_CHECK(found != columns.end(), "a column that the table has");
  return static_cast<size_t>(found - columns.begin());
}

}  // namespace purvey::simulation
