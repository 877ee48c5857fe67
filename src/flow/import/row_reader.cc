#include "flow/import/row_reader.h"

#include <absl/strings/str_join.h>
#include <fmt/core.h>

#include <algorithm>

#include "base/hash.h"
#include "flow/import/condition.h"

namespace purvey::flow {
namespace {

constexpr uint64_t kRowsBetweenProgress = 8192;

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

uint64_t hash_of(std::span<const std::string_view> cells) {
  uint64_t hash = 0;
  for (const auto cell : cells) hash = base::mix64(hash, base::hash64(cell));
  return hash;
}

}  // namespace

RowReader::RowReader(const ImportMap& map, const std::vector<InputFile>& files,
                     RejectReport& report, ByteProgress progress)
    : map_(map),
      files_(files),
      report_(report),
      progress_(std::move(progress)),
      rows_by_file_(files.size()) {}

base::Result<void> RowReader::read_table(uint32_t table, const RecordSink& sink) {
  for (size_t file = 0; file < files_.size(); ++file) {
    if (files_[file].table == table) PURVEY_TRY(read_file(file, sink));
  }
  return {};
}

base::Result<void> RowReader::read_file(size_t file, const RecordSink& sink) {
  const TableSpec& table = map_.tables[files_[file].table];
  const std::string& path = files_[file].path;
  const auto reader = PURVEY_TRY(event::csv::open_csv(path, table.layout));
  const auto places = PURVEY_TRY(find_columns(table, *reader, path));
  uint64_t& rows = rows_by_file_[file];
  event::csv::Row row;
  while (PURVEY_TRY(reader->next(row))) {
    if (++rows % kRowsBetweenProgress == 0 && !progress_(bytes_before_ + reader->raw_bytes(), 0)) {
      return base::cancelled("the import was stopped");
    }
    const auto id = RowId::of(file, row.line);
    if (row.fault != event::csv::RowFault::kNone) {
      const bool in_cell =
          row.fault >= event::csv::RowFault::kZeroByte && row.fault_cell < reader->columns().size();
      PURVEY_TRY(report_.reject(
          id, {reader->explain(row), in_cell ? reader->columns()[row.fault_cell] : ""}));
      continue;
    }
    gather(table, row.cells, places);
    if (const auto* reason = refusal(table)) {
      PURVEY_TRY(report_.reject(id, {*reason}));
      continue;
    }
    encode(table, id, row.cells);
    PURVEY_TRY(sink(record_));
  }
  bytes_before_ += reader->raw_bytes();
  if (!progress_(bytes_before_, 0)) return base::cancelled("the import was stopped");
  return {};
}

base::Result<std::vector<size_t>> RowReader::find_columns(const TableSpec& table,
                                                          const event::csv::CsvReader& reader,
                                                          const std::string& path) const {
  std::vector<size_t> places;
  const auto& names = reader.columns();
  for (const auto& column : table.columns) {
    const auto found = std::ranges::find(names, column);
    if (found == names.end()) {
      constexpr size_t kNamesShown = 60;
      const auto shown = std::span(names).first(std::min(names.size(), kNamesShown));
      return base::invalid_input(
          fmt::format("{}: has no column \"{}\", which [file.{}] of {}:{} needs; it has {}", path,
                      column, table.name, map_.file, table.line, absl::StrJoin(shown, ", ")));
    }
    places.push_back(static_cast<size_t>(found - names.begin()));
  }
  return places;
}

void RowReader::gather(const TableSpec& table, std::span<const std::string_view> cells,
                       const std::vector<size_t>& places) {
  needed_.clear();
  missing_.clear();
  for (const size_t place : places) {
    const std::string_view cell = trimmed(cells[place]);
    const bool missing = std::ranges::find(table.missing, cell) != table.missing.end();
    needed_.push_back(missing ? std::string_view() : cell);
    missing_.push_back(missing ? cell : std::string_view());
  }
}

const std::string* RowReader::refusal(const TableSpec& table) const {
  for (const RefusalRule& rule : table.refusals) {
    const bool all = std::ranges::all_of(rule.when, [&](const Condition& condition) {
      return holds(condition, needed_[condition.cell.slot], table.numbers);
    });
    if (all) return &rule.reason;
  }
  return nullptr;
}

void RowReader::encode(const TableSpec& table, RowId row, std::span<const std::string_view> cells) {
  begin_record(record_, row, table.distinct ? hash_of(cells) : 0, table.lookups.size());
  for (size_t slot = 0; slot < needed_.size(); ++slot) {
    if (missing_[slot].empty()) {
      append_cell(record_, needed_[slot]);
    } else {
      append_missing_cell(record_, missing_[slot]);
    }
  }
}

}  // namespace purvey::flow
