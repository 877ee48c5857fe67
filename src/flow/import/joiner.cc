#include "flow/import/joiner.h"

#include <fmt/core.h>

#include <vector>

#include "base/hash.h"

namespace purvey::flow {
namespace {

/// Rows that describe come before those that they describe.
constexpr uint64_t kDescribed = uint64_t{1} << 63;

/// A row that describes others, as the merge keeps it.
struct Describing {
  RowId id;
  std::string key;
  std::string cells;
  bool found = false;
};

/// The rows that describe under one hash of the key: one, but for collisions.
class DescribingRows {
 public:
  DescribingRows(const TableSpec& table, const TableSpec& described, RejectReport& report)
      : table_(table), described_(described), report_(report) {}

  base::Result<void> add(std::string_view record) {
    const auto key = record_cell(record, table_.lookups.size(), *table_.key_slot);
    const std::string& column = table_.columns[*table_.key_slot];
    if (key.empty()) {
      const auto word = record_word(record, table_.lookups.size(), *table_.key_slot);
      return report_.reject(record_id(record), {"no key", column, std::string(word)});
    }
    if (const auto* earlier = find(key)) {
      return report_.reject(
          record_id(record),
          {fmt::format("line {} has the same key", earlier->id.line()), column, std::string(key)});
    }
    rows_.push_back({record_id(record), std::string(key),
                     std::string(record_cells(record, table_.lookups.size()))});
    return {};
  }

  Describing* find(std::string_view key) {
    for (Describing& row : rows_) {
      if (row.key == key) return &row;
    }
    return nullptr;
  }

  /// Rejects what described nothing, and forgets all.
  base::Result<void> finish() {
    for (const Describing& row : rows_) {
      if (row.found) continue;
      PURVEY_TRY(report_.reject(row.id, {fmt::format("no row of {} has this key", described_.name),
                                         table_.columns[*table_.key_slot], row.key}));
    }
    rows_.clear();
    return {};
  }

 private:
  const TableSpec& table_;
  const TableSpec& described_;
  RejectReport& report_;
  std::vector<Describing> rows_;
};

}  // namespace

base::Result<void> Joiner::produce(uint32_t table, size_t lookups, const RecordSink& sink) {
  if (lookups == 0) return reader_.read_table(table, sink);
  const TableSpec& spec = map_.tables[table];
  const auto& lookup = spec.lookups[lookups - 1];
  const TableSpec& describing = map_.tables[lookup.table];
  RecordSorter sorter(folder_, memory_);
  PURVEY_TRY(reader_.read_table(lookup.table, [&](std::string_view record) {
    const auto key = record_cell(record, describing.lookups.size(), *describing.key_slot);
    return sorter.add({base::hash64(key), record_id(record).value}, record);
  }));
  PURVEY_TRY(produce(table, lookups - 1, [&](std::string_view record) {
    const auto key = record_cell(record, spec.lookups.size(), lookup.by_slot);
    return sorter.add({base::hash64(key), record_id(record).value | kDescribed}, record);
  }));
  PURVEY_TRY(sorter.finish());
  return merge(table, lookups - 1, sorter, sink);
}

base::Result<void> Joiner::merge(uint32_t table, size_t lookup, RecordSorter& sorter,
                                 const RecordSink& sink) {
  const TableSpec& spec = map_.tables[table];
  const auto& use = spec.lookups[lookup];
  const TableSpec& describing_spec = map_.tables[use.table];
  DescribingRows rows(describing_spec, spec, report_);
  const std::string missing(describing_spec.columns.size(), '\0');  // so many empty cells
  uint64_t hash = 0;
  std::string joined;
  SortKey key;
  std::string_view record;
  while (PURVEY_TRY(sorter.next(key, record))) {
    if (key.major != hash) PURVEY_TRY(rows.finish());
    hash = key.major;
    if ((key.minor & kDescribed) == 0) {
      PURVEY_TRY(rows.add(record));
      continue;
    }
    joined.assign(record);
    Describing* row = rows.find(record_cell(record, spec.lookups.size(), use.by_slot));
    if (row != nullptr) {
      row->found = true;
      set_lookup(joined, lookup, row->id);
    }
    joined += row != nullptr ? row->cells : missing;
    PURVEY_TRY(sink(joined));
  }
  return rows.finish();
}

}  // namespace purvey::flow
