#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk.h"
#include "base/event_time.h"
#include "base/hash.h"
#include "base/result.h"
#include "store/archive/rewriter.h"
#include "store/depot/folder_lock.h"
#include "store/depot/questions.h"
#include "store/facts/engine.h"
#include "store/known_file.h"
#include "store/part.h"
#include "store/result_set.h"
#include "store/table.h"

namespace purvey::store::depot {

/// How a data folder is opened.
struct StoreOptions {
  std::string folder = {};  ///< made if it is not there (not when `read_only`)
  /// Of `day` in daily_sales, an IANA name, where no commit has settled it (`meta["timezone"]`);
  /// empty: UTC.
  std::string timezone = {};
  uint64_t memory_limit_mb = 1024;  ///< of the analytical engine when it writes parts or answers
  unsigned threads = 1;             ///< of the analytical engine
  size_t rows_buffered_max = 1'000'000;  ///< rows kept in memory before parts are written
  /// Questions only: append() and commit() are errors. Any number of processes may at once, and the
  /// folder need not be writable.
  bool read_only = false;
  base::Disk* disk = &base::Disk::system();  ///< another one in tests, as the engine
  const facts::Engine* engine = &facts::Engine::duckdb();
};

/// Everything that becomes true at one instant, together with the rows appended since the last
/// commit.
struct CommitInfo {
  int64_t next_seq = 1;                      ///< the first `seq` that is not yet used
  base::EventTime watermark = base::kNever;  ///< event time reached; kNever before the first event
  std::vector<KnownFile> files = {};         ///< taken in whole since the last commit
  std::optional<std::string> checkpoint = {};    ///< state to restart from; none keeps the last one
  std::map<std::string, std::string> meta = {};  ///< set or replaced; the others stay
  /// Of the wall clock, for retention by age. Where it is kNever, the day of the next commit that
  /// knows one counts.
  base::EventTime stored_at = base::kNever;
};

/// Committed parts and what takes their place: of one table and month, or nothing.
struct Replacement {
  std::span<const Part> from;
  std::optional<Part> part = {};              ///< from archive::Rewriter; none: their rows go
  std::span<const DroppedRows> dropped = {};  ///< what is told of rows that go
};

/// The data folder: ledger (`state.db`), archive (`archive/`), checkpoints (`checkpoint/`) and the
/// projection that answers questions (`facts.duckdb`), behind a lock (`lock`): one process that
/// commits, or any number that only ask.
///
/// Used by one thread at a time; created by `app/`. Rows become visible, durable and counted at
/// commit(), all or nothing: a crash at any instant leaves the state of the last commit or the
/// next. After an error of append() or commit() the store takes no more rows (every later call
/// gives that error); opening it again finds out what was committed. When it goes, so do files that
/// it wrote and that no commit has.
class Store {
 public:
  /// Locks the folder, finishes or clears away what a crash left, and checks that every committed
  /// part is there. With `read_only` only finishes, where there is something to finish, and writes
  /// nothing else. Errors: kConflict if a process commits to the folder (its number is named) or,
  /// unless `read_only`, asks; kNotFound if `read_only` and there is no store, kUnsupported if a
  /// newer Purvey wrote it, kCorrupt, kUnavailable (also if there is something to finish in a
  /// folder that cannot be written), kInvalidInput for an unknown time zone.
  static base::Result<std::unique_ptr<Store>> open(const StoreOptions& options);

  virtual ~Store() = default;

  /// Takes a copy of the rows; writes parts of the archive when the buffers are full. Errors:
  /// kUnavailable, as when the disk is full.
  virtual base::Result<void> append(const RowBuffer& rows) = 0;

  /// Writes all appended rows into parts of the archive, which the next commit() makes true: what a
  /// thread can do meanwhile that another one needs for what it commits. Errors: kUnavailable.
  virtual base::Result<void> flush() = 0;

  /// Makes the appended rows and `info` true. Errors: kUnavailable, kConflict if `read_only`. Where
  /// something fails once they are true, the message begins with "the events are taken in".
  virtual base::Result<void> commit(const CommitInfo& info) = 0;

  /// Makes `replacement` true in one transaction; the rows of the last commit stay those that they
  /// are. Files of replaced parts go once no question reads them any more. Errors: as commit().
  virtual base::Result<void> replace(const Replacement& replacement) = 0;
  /// Of files of replaced parts that are not yet gone, as questions read them.
  virtual uint64_t bytes_replaced() const = 0;
  /// A name for the part that is to take the place of `parts`, of one table and month.
  virtual base::Result<std::string> take_part_name(std::span<const Part> parts) = 0;
  /// What rewrites parts, beside the thread that uses the store.
  virtual base::Result<std::unique_ptr<archive::Rewriter>> rewriter() const = 0;

  /// Where the folder lies.
  virtual base::Disk& disk() const = 0;

  /// As of the last commit. A new store has next_seq 1 and the watermark kNever.
  virtual int64_t next_seq() const = 0;
  virtual base::EventTime watermark() const = 0;
  virtual std::optional<std::string> meta(std::string_view key) const = 0;

  /// The checkpoint of the last commit that had one; nothing if there was none. Errors: kCorrupt
  /// with the file's name, kUnavailable.
  virtual base::Result<std::optional<std::string>> load_checkpoint() = 0;

  /// The known file with this content.
  virtual base::Result<std::optional<KnownFile>> known_fingerprint(base::Hash128 fingerprint) = 0;
  /// A known file of this size whose first MiB has this hash: perhaps the same one, perhaps not.
  virtual base::Result<std::optional<KnownFile>> find_file(uint64_t size,
                                                           base::Hash128 head_hash) = 0;

  /// All known files, in the order in which they were taken in. Errors: kUnavailable.
  virtual base::Result<std::vector<KnownFile>> known_files() = 0;

  /// Committed parts, by table and path.
  virtual const std::vector<Part>& parts() const = 0;

  /// Runs one SELECT over the committed tables and views, on a connection that can change nothing
  /// and read no other file. Parts whose files are new to this process or have changed are compared
  /// with their hashes first (where they are more than 4 GiB, verify() must be asked for that).
  /// Errors: kInvalidInput with the engine's reason, kExhausted at a limit, kCorrupt naming a
  /// damaged part.
  virtual base::Result<QueryEnd> query(std::string_view sql, const QueryLimits& limits,
                                       ResultSink& sink) = 0;

  /// Reads every committed part and compares its hash. Errors: kCorrupt naming the first bad one
  /// and how many there are.
  virtual base::Result<void> verify() = 0;

  /// 32 hexadecimal digits that depend on the rows of all result tables and views by their names
  /// and values only, not on parts, order, or when they were stored. Verifies first.
  virtual base::Result<std::string> digest() = 0;

  /// Writes each table and view to `folder/<name>.parquet` or `.csv`, all or none. Errors:
  /// kConflict if the folder exists and is not empty; kUnavailable.
  virtual base::Result<void> export_parquet(const std::string& folder) = 0;
  virtual base::Result<void> export_csv(const std::string& folder) = 0;

  /// What any thread may ask while this store goes on; must go before the store does.
  virtual base::Result<std::unique_ptr<Questions>> questions() = 0;

  /// Says in the folder where the process that commits can be asked meanwhile. Errors: kConflict if
  /// `read_only`, kUnavailable.
  virtual base::Result<void> announce(const Announcement& announcement) = 0;
};

}  // namespace purvey::store::depot
