#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/disk.h"
#include "store/ledger/internal/sqlite.h"
#include "store/ledger/journal.h"

namespace purvey::store::ledger::internal {

/// Where a segment of the journal begins and how far it goes.
struct SegmentSpan {
  int64_t first_number = 1;
  int64_t first_seq = 1;
  int64_t next_number = 1;
  int64_t next_seq = 1;
};

/// One file of the journal (docs/formats/journal.md).
class Segment {
 public:
  /// Makes an empty segment, all or nothing. Errors: kUnavailable.
  static base::Result<void> make(const std::string& path, int64_t first_number, int64_t first_seq,
                                 base::Disk& disk);

  /// Where the folder cannot be written, only to read, and nothing of the log beside the file, if
  /// there is one. Errors: kCorrupt, kUnsupported, kUnavailable.
  static base::Result<std::unique_ptr<Segment>> open(const std::string& path, base::Disk& disk);

  const std::string& path() const { return path_; }
  const SegmentSpan& span() const { return span_; }
  uint64_t bytes() const { return bytes_; }

  /// Writes what its log holds into its file and syncs that. A log that was found may never have
  /// got to the disk: where a sync failed, its pages are still read from memory, and another sync
  /// of them tells nothing. Errors: kUnavailable.
  base::Result<void> merge_log(base::Disk& disk);

  /// One transaction; numbers the records in place.
  base::Result<void> append(std::span<JournalRecord> records);

  /// Visits records from `number` on; false if the visit wanted no more.
  base::Result<bool> read(int64_t number, const Journal::Visit& visit);

 private:
  explicit Segment(std::string path) : path_(std::move(path)) {}
  base::Result<void> open(base::Disk& disk);
  base::Result<void> insert(std::span<JournalRecord> records);
  base::Error damaged(int64_t number, std::string_view what) const;

  const std::string path_;
  Sqlite db_;
  SegmentSpan span_;
  uint64_t bytes_ = 0;
};

}  // namespace purvey::store::ledger::internal
