#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/behind.h"
#include "base/disk.h"
#include "base/event_time.h"
#include "base/result.h"

namespace purvey::store::ledger {

/// What a record of the journal holds. The numbers stand in files: new kinds go to the end.
enum class RecordKind : uint8_t {
  kEvents = 0,   ///< a batch that was acknowledged: docs/formats/event-batch.md
  kTick = 1,     ///< a second of the wall clock
  kCommand = 2,  ///< what an operator wants done: docs/formats/operator-command.md
  kStop = 3,     ///< a graceful stop: what was open was told
};

/// One input of the flow.
struct JournalRecord {
  int64_t number = 0;     ///< of the record, from 1, without gaps
  int64_t first_seq = 0;  ///< of its first event; of a record without events, of the next one
  uint32_t events = 0;
  RecordKind kind = RecordKind::kEvents;
  base::EventTime received;
  std::string_view body = {};
};

struct JournalOptions {
  std::string folder;                  ///< made if it is not there
  uint64_t segment_bytes = 64U << 20;  ///< a new segment begins beyond
  base::Disk* disk = &base::Disk::system();
  /// Closes segments that have ended; without one, a thread does.
  std::shared_ptr<base::Behind> behind = {};
};

/// Inputs in the order in which they were acknowledged: what the flow is worked out from, again
/// after a crash. Segments are SQLite files (docs/formats/journal.md); bodies are compressed and
/// have a hash each.
///
/// One thread, which is the only one to write. After an error of append() nothing more is taken: a
/// failed fsync cannot be tried again (the kernel may have dropped the pages); opening the journal
/// anew finds out what is on disk.
class Journal {
 public:
  /// Opens what is there, or begins. Errors: kCorrupt for a damaged segment or a gap between two,
  /// kUnsupported if a newer Purvey wrote it, kUnavailable.
  static base::Result<std::unique_ptr<Journal>> open(const JournalOptions& options);
  /// For read() alone: makes and removes nothing, and another process may be writing. Errors: also
  /// kNotFound if `folder` holds no journal.
  static base::Result<std::unique_ptr<Journal>> open_to_read(
      const std::string& folder, base::Disk& disk = base::Disk::system());
  virtual ~Journal() = default;

  /// The number of the next record and the seq of the next event.
  virtual int64_t next_number() const = 0;
  virtual int64_t next_seq() const = 0;

  /// Appends all or none, in one transaction, on disk when it returns; gives them their numbers and
  /// seqs, in place. Errors: kUnavailable, as when the disk is full.
  virtual base::Result<void> append(std::span<JournalRecord> records) = 0;

  /// Visits records from `number` on, in order, until the visit says false or fails. Errors:
  /// kCorrupt naming segment and record, kNotFound if `number` was dropped, those of the visit.
  using Visit = std::function<base::Result<bool>(const JournalRecord&)>;
  virtual base::Result<void> read(int64_t number, const Visit& visit) = 0;

  /// Removes segments all of whose records come before `number`; the last one stays.
  virtual base::Result<void> drop_before(int64_t number) = 0;
};

}  // namespace purvey::store::ledger
