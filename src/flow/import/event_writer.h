#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/event_time.h"
#include "base/result.h"
#include "base/whole_file.h"
#include "flow/import/record_sorter.h"
#include "flow/import/reject_report.h"
#include "flow/import/row_reader.h"
#include "flow/import/row_record.h"

namespace purvey::flow {

/// Takes the events that are made of rows.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// `json` is the whole event on one line, `id` its identity. Errors end the work.
  virtual base::Result<void> add(base::EventTime time, RowId row, size_t rule, std::string_view id,
                                 std::string_view json) = 0;
};

/// Puts events in order of time and writes them; two of one id become one.
///
/// Ties are broken by the row that made the event (files in the order of the map, then line) and
/// the place of its rule in the map. Of events with one id the first in this order stays; the row
/// of every other is rejected.
class EventWriter final : public EventSink {
 public:
  /// Bits of a sort key for the place of the rule.
  static constexpr int kRuleBits = 6;

  EventWriter(const std::string& folder, size_t event_memory, size_t id_memory);

  /// Errors: kUnavailable.
  base::Result<void> add(base::EventTime time, RowId row, size_t rule, std::string_view id,
                         std::string_view json) override;

  /// Writes all events to `out`, which is open and which the caller commits; their number. Called
  /// once. Errors: kUnavailable, kCancelled.
  base::Result<uint64_t> write(base::WholeFile& out, RejectReport& report,
                               const std::vector<std::string>& files, const ByteProgress& progress);

 private:
  base::Result<void> find_duplicates();

  RecordSorter events_;
  std::unique_ptr<RecordSorter> ids_;
  RecordSorter duplicates_;
};

}  // namespace purvey::flow
