#include <fmt/core.h>

#include <array>
#include <filesystem>
#include <iterator>

#include "base/file.h"
#include "store/archive/archive.h"

namespace purvey::store::archive {
namespace {

constexpr unsigned kMode = 0644;
constexpr size_t kManifestBytesMax = size_t{1} << 30;

/// The name of a column's type as readers of Parquet know it.
std::string_view type_name(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
      return "string";
    case ColumnType::kInteger:
      return "int64";
    case ColumnType::kNumber:
      return "double";
    case ColumnType::kFlag:
      return "boolean";
    case ColumnType::kTimestamp:
      return "timestamp(us)";
    case ColumnType::kDate:
      return "date";
    case ColumnType::kDecimal:
      return "decimal(18,4)";
  }
  return "";
}

std::string header_json(const TableSpec& table) {
  std::string out =
      fmt::format("{{\n  \"table\": \"{}\",\n  \"format\": 1,\n  \"columns\": [", table.name);
  for (const ColumnSpec& column : table.columns) {
    fmt::format_to(std::back_inserter(out), "{}\n    {{\"name\": \"{}\", \"type\": \"{}\"}}",
                   &column == table.columns.data() ? "" : ",", column.name, type_name(column.type));
  }
  return out + "\n  ],\n  \"parts\": [";
}

void add_part(std::string& out, const Part& part) {
  const std::string_view comma = out.ends_with('[') ? "" : ",";
  fmt::format_to(std::back_inserter(out),
                 "{}\n    {{\"path\": \"month={}/{}\", \"rows\": {}, \"bytes\": {}, \"seq_from\": "
                 "{}, \"seq_to\": {}, \"time_from\": \"{}\", \"time_to\": \"{}\", \"xxh3_128\": "
                 "\"{}\"}}",
                 comma, part.month, part.name, part.rows, part.bytes, part.seq_from, part.seq_to,
                 base::format_rfc3339(part.time_from), base::format_rfc3339(part.time_to),
                 part.hash.hex());
}

}  // namespace

base::Result<void> write_manifests(const std::string& folder, std::span<const Part> parts,
                                   base::Disk& disk) {
  std::array<std::string, kTables> texts;
  for (const Part& part : parts) {
    std::string& text = texts[static_cast<size_t>(part.table)];
    if (text.empty()) text = header_json(table_spec(part.table));
    add_part(text, part);
  }
  for (const TableSpec& table : all_tables()) {
    std::string& text = texts[static_cast<size_t>(table.id)];
    const std::string path = fmt::format("{}/{}/manifest.json", folder, table.name);
    if (text.empty() && !PURVEY_TRY(disk.status(path))) continue;
    if (text.empty()) text = header_json(table);
    text += "\n  ]\n}\n";
    const auto present = base::read_file(path, kManifestBytesMax, disk);
    if (present && *present == text) continue;
    PURVEY_TRY(base::write_file(path, text, kMode, disk));
  }
  return {};
}

}  // namespace purvey::store::archive
