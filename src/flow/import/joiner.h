#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "flow/import/import_map.h"
#include "flow/import/record_sorter.h"
#include "flow/import/reject_report.h"
#include "flow/import/row_reader.h"

namespace purvey::flow {

/// Gives rows together with the rows that describe them.
///
/// For each lookup of a table both sides are sorted by the hash of the key and merged, so that
/// memory is bounded however large either is. Rows of a lookup with no key, with the key of an
/// earlier one, or that describe nothing are rejected here.
class Joiner {
 public:
  Joiner(const ImportMap& map, RowReader& reader, RejectReport& report, std::string folder,
         size_t memory)
      : map_(map), reader_(reader), report_(report), folder_(std::move(folder)), memory_(memory) {}

  /// All rows of a table with the cells of their lookups. Without lookups they come in the order of
  /// the files, else in an order that depends on the rows only.
  base::Result<void> produce(uint32_t table, const RecordSink& sink) {
    return produce(table, map_.tables[table].lookups.size(), sink);
  }

 private:
  base::Result<void> produce(uint32_t table, size_t lookups, const RecordSink& sink);
  base::Result<void> merge(uint32_t table, size_t lookup, RecordSorter& sorter,
                           const RecordSink& sink);

  const ImportMap& map_;
  RowReader& reader_;
  RejectReport& report_;
  const std::string folder_;
  const size_t memory_;
};

}  // namespace purvey::flow
