#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/import/event_maker.h"
#include "flow/import/joiner.h"
#include "flow/import/record_sorter.h"

namespace purvey::flow {

/// Brings together the rows of which events are made: rows with one key, of a table and of those
/// that belong to it.
class ThingBuilder {
 public:
  /// Rows of one key beyond this are rejected: a thing has to fit into memory.
  static constexpr size_t kThingBytesMax = 32U << 20;

  ThingBuilder(const ImportMap& map, Joiner& joiner, EventMaker& maker, std::string folder,
               size_t memory, ByteProgress progress)
      : map_(map),
        joiner_(joiner),
        maker_(maker),
        folder_(std::move(folder)),
        memory_(memory),
        progress_(std::move(progress)) {}

  /// Reads all rows of a main table and what belongs to it, and hands every thing to the maker, in
  /// an order that depends on the rows only.
  base::Result<void> build(uint32_t table);

 private:
  struct Entry {
    uint32_t table;
    size_t begin;  ///< of its record in arena_
    size_t end;
  };

  base::Result<void> build_single(uint32_t table);
  base::Result<void> gather(uint32_t table, uint64_t rank, RecordSorter& sorter);
  base::Result<void> merge(uint32_t table, RecordSorter& sorter,
                           const std::vector<uint32_t>& tables);
  base::Result<void> finish_hash(uint32_t table);
  base::Result<void> finish_key(uint32_t table, std::string_view key);
  base::Result<void> take(uint32_t table, const Entry& entry, std::string_view key);
  base::Result<void> add_distinct(size_t group, RowView& row);
  base::Result<void> reject_entry(const Entry& entry, const Fault& fault);
  std::string_view record_of(const Entry& entry) const {
    return std::string_view(arena_).substr(entry.begin, entry.end - entry.begin);
  }
  std::string_view key_of(const Entry& entry) const;

  const ImportMap& map_;
  Joiner& joiner_;
  EventMaker& maker_;
  const std::string folder_;
  const size_t memory_;
  const ByteProgress progress_;
  // Of the hash at hand.
  std::string arena_;
  std::vector<Entry> entries_;
  Thing thing_;
  RowView main_;
  bool has_main_ = false;
  RowView spare_;
  absl::flat_hash_map<uint64_t, RowId> seen_;  ///< distinct rows of the key at hand, by hash
};

}  // namespace purvey::flow
