#include "flow/import/thing_builder.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/hash.h"

namespace purvey::flow {
namespace {

constexpr int kRankShift = 58;  // above the bits of a RowId

}  // namespace

base::Result<void> ThingBuilder::build(uint32_t table) {
  const TableSpec& spec = map_.tables[table];
  thing_.groups.resize(spec.groups.size());
  for (RowList& group : thing_.groups) group.clear();
  if (!spec.key_slot) return build_single(table);
  RecordSorter sorter(folder_, memory_);
  PURVEY_TRY(gather(table, 0, sorter));
  std::vector<uint32_t> tables = {table};
  for (const uint32_t group : spec.groups) {
    if (group == table) continue;
    PURVEY_TRY(gather(group, tables.size(), sorter));
    tables.push_back(group);
  }
  PURVEY_TRY(sorter.finish());
  return merge(table, sorter, tables);
}

/// Each row is a thing of its own.
base::Result<void> ThingBuilder::build_single(uint32_t table) {
  const size_t lookups = map_.tables[table].lookups.size();
  return joiner_.produce(table, [&](std::string_view record) {
    read_record(record, lookups, main_);
    thing_.main = &main_;
    return maker_.make(table, thing_);
  });
}

/// `rank`: rows of the main table come before those that belong to it.
base::Result<void> ThingBuilder::gather(uint32_t table, uint64_t rank, RecordSorter& sorter) {
  const TableSpec& spec = map_.tables[table];
  return joiner_.produce(table, [&, rank](std::string_view record) -> base::Result<void> {
    const auto key = record_cell(record, spec.lookups.size(), *spec.key_slot);
    if (key.empty()) {
      read_record(record, spec.lookups.size(), spare_);
      const auto word = record_word(record, spec.lookups.size(), *spec.key_slot);
      return maker_.reject(spare_, {"no key", spec.columns[*spec.key_slot], std::string(word)});
    }
    return sorter.add({base::hash64(key), record_id(record).value | rank << kRankShift}, record);
  });
}

base::Result<void> ThingBuilder::merge(uint32_t table, RecordSorter& sorter,
                                       const std::vector<uint32_t>& tables) {
  constexpr uint64_t kRowsBetweenProgress = 8192;
  uint64_t hash = 0;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  SortKey key;
  std::string_view record;
  while (PURVEY_TRY(sorter.next(key, record))) {
    bytes += record.size();
    if (++rows % kRowsBetweenProgress == 0 && !progress_(bytes, sorter.bytes())) {
      return base::cancelled("the import was stopped");
    }
    if (key.major != hash) PURVEY_TRY(finish_hash(table));
    hash = key.major;
    const uint32_t of = tables[key.minor >> kRankShift];
    if (!entries_.empty() && arena_.size() + record.size() > kThingBytesMax) {
      read_record(record, map_.tables[of].lookups.size(), spare_);
      PURVEY_TRY(maker_.reject(
          spare_, {fmt::format("more than {} MiB of rows with one key", kThingBytesMax >> 20)}));
      continue;
    }
    entries_.push_back({of, arena_.size(), arena_.size() + record.size()});
    arena_.append(record);
  }
  return finish_hash(table);
}

std::string_view ThingBuilder::key_of(const Entry& entry) const {
  const TableSpec& spec = map_.tables[entry.table];
  return record_cell(record_of(entry), spec.lookups.size(), *spec.key_slot);
}

/// All rows of one hash are at hand: one key, but for collisions.
base::Result<void> ThingBuilder::finish_hash(uint32_t table) {
  std::vector<std::string_view> keys;
  for (const Entry& entry : entries_) {
    const auto key = key_of(entry);
    if (keys.empty() || (keys.back() != key && std::ranges::find(keys, key) == keys.end())) {
      keys.push_back(key);
    }
  }
  for (const auto key : keys) PURVEY_TRY(finish_key(table, key));
  entries_.clear();
  arena_.clear();
  return {};
}

base::Result<void> ThingBuilder::finish_key(uint32_t table, std::string_view key) {
  const TableSpec& spec = map_.tables[table];
  has_main_ = false;
  seen_.clear();
  for (RowList& group : thing_.groups) group.clear();
  for (const Entry& entry : entries_) {
    if (key_of(entry) == key) PURVEY_TRY(take(table, entry, key));
  }
  thing_.main = has_main_ ? &main_ : nullptr;
  if (!has_main_ && !spec.grouped) return {};
  return maker_.make(table, thing_);
}

base::Result<void> ThingBuilder::take(uint32_t table, const Entry& entry, std::string_view key) {
  const TableSpec& spec = map_.tables[entry.table];
  const std::string& column = spec.columns[*spec.key_slot];
  const auto record = record_of(entry);
  if (entry.table == table && !spec.grouped) {
    if (has_main_) {
      return reject_entry(entry, {fmt::format("line {} has the same key", main_.id.line()), column,
                                  std::string(key)});
    }
    read_record(record, spec.lookups.size(), main_);
    has_main_ = true;
    return {};
  }
  if (!has_main_ && entry.table != table) {
    return reject_entry(entry, {fmt::format("no row of {} has this key", map_.tables[table].name),
                                column, std::string(key)});
  }
  const auto& groups = map_.tables[table].groups;
  const auto group = static_cast<size_t>(std::ranges::find(groups, entry.table) - groups.begin());
  RowView& row = thing_.groups[group].add();
  read_record(record, spec.lookups.size(), row);
  return spec.distinct ? add_distinct(group, row) : base::Result<void>();
}

/// Takes the row back if an earlier one of the group has the same cells.
base::Result<void> ThingBuilder::add_distinct(size_t group, RowView& row) {
  RowList& rows = thing_.groups[group];
  const auto [seen, is_new] = seen_.try_emplace(base::mix64(row.hash, group), row.id);
  if (is_new) return {};
  const Fault fault{fmt::format("line {} is the same, cell for cell", seen->second.line())};
  PURVEY_TRY(maker_.reject(row, fault));
  rows.remove_last();
  return {};
}

base::Result<void> ThingBuilder::reject_entry(const Entry& entry, const Fault& fault) {
  read_record(record_of(entry), map_.tables[entry.table].lookups.size(), spare_);
  return maker_.reject(spare_, fault);
}

}  // namespace purvey::flow
