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
#include "store/dropped_rows.h"
#include "store/known_file.h"
#include "store/part.h"

namespace purvey::store::ledger {

/// A checkpoint file: its name in the checkpoint folder and the XXH3-128 of its bytes.
struct CheckpointRef {
  std::string name;
  base::Hash128 hash;
};

/// How far the store has come.
struct Progress {
  uint64_t commits = 0;
  int64_t next_seq = 1;
  base::EventTime watermark = base::kNever;
};

/// What one transaction makes true.
struct LedgerCommit {
  Progress progress = {};
  std::span<const Part> parts = {};  ///< new ones
  /// Parts whose rows stand in new ones, or nowhere any more: their files are replaced_files()
  /// until they are `cleared`.
  std::span<const Part> removed = {};
  std::span<const std::string> cleared = {};  ///< paths of replaced files that are gone
  std::span<const DroppedRows> dropped = {};  ///< added to what was dropped before
  int32_t stored_day = Part::kUnknownDay;     ///< for parts that do not know theirs
  std::span<const KnownFile> files = {};      ///< their `commit` is that of `progress`
  std::optional<CheckpointRef> checkpoint = {};
  std::map<std::string, std::string> meta = {};
};

/// The truth about the data folder: `state.db`, SQLite in WAL mode with `synchronous=FULL`
/// (docs/formats/state-db.md). One thread at a time.
class Ledger {
 public:
  /// Opens or makes the file. Errors: kUnsupported if a newer Purvey made it, kCorrupt if it is not
  /// a ledger or damaged, kUnavailable.
  static base::Result<std::unique_ptr<Ledger>> open(const std::string& path,
                                                    base::Disk& disk = base::Disk::system());

  /// Opens the file for questions only: commit() is an error. Several processes may at once, as
  /// long as none has it open for commits; the folder need not be writable. Errors: as open();
  /// kNotFound if nothing was ever made in it; kUnavailable if a crash left changes in the log
  /// beside the file and the folder cannot be written.
  static base::Result<std::unique_ptr<Ledger>> open_read_only(
      const std::string& path, base::Disk& disk = base::Disk::system());
  virtual ~Ledger() = default;

  /// All or nothing, on disk when it returns. Errors: kUnavailable (disk full, I/O), kConflict if a
  /// file or part is already known, or a removed part is not.
  virtual base::Result<void> commit(const LedgerCommit& commit) = 0;

  virtual base::Result<Progress> progress() = 0;
  /// By table, month and name.
  virtual base::Result<std::vector<Part>> parts() = 0;
  /// Paths of parts that were removed and whose files may still be there.
  virtual base::Result<std::vector<std::string>> replaced_files() = 0;
  /// By table and cause.
  virtual base::Result<std::vector<DroppedRows>> dropped() = 0;
  virtual base::Result<std::map<std::string, std::string>> meta() = 0;
  /// Newest first, at most the last two.
  virtual base::Result<std::vector<CheckpointRef>> checkpoints() = 0;
  virtual base::Result<std::optional<KnownFile>> file_by_fingerprint(base::Hash128 fingerprint) = 0;
  virtual base::Result<std::optional<KnownFile>> file_by_head(uint64_t size,
                                                              base::Hash128 head_hash) = 0;
  /// All, in the order in which they were taken in; those of one commit as they were given. The two
  /// above tell nothing of sources and of when a file came.
  virtual base::Result<std::vector<KnownFile>> files() = 0;
};

}  // namespace purvey::store::ledger
