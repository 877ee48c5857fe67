#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/behind.h"
#include "base/event_time.h"
#include "base/result.h"
#include "store/archive/rewriter.h"
#include "store/depot/disk_ceiling.h"
#include "store/depot/retention.h"
#include "store/depot/store.h"

namespace purvey::store::depot {

struct UpkeepOptions {
  size_t fan = 8;            ///< see archive::MergeRules
  Retention retention = {};  ///< keeps everything
  std::string folder = {};   ///< the data folder, for the ceiling of its size
  /// Does the rewriting; without one, a thread does.
  std::shared_ptr<base::Behind> behind = {};
  /// Told, in a line, of what was dropped and of what could not be done.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
};

/// What was done since the start, and how things stand.
struct UpkeepReport {
  uint64_t merges = 0;
  uint64_t parts_merged = 0;  ///< that became fewer
  uint64_t rows_rewritten = 0;
  uint64_t bytes_written = 0;  ///< of rewritten parts
  uint64_t failures = 0;
  std::map<std::string, uint64_t> rows_dropped = {};  ///< by the key of `[retention]`
  uint64_t folder_bytes =
      0;  ///< of the data folder, when it was measured last; 0 without a ceiling
};

/// Keeps the archive of a server small while it goes on: merges small parts
/// (archive::plan_merge()), drops rows by their age, and holds the ceiling of the disk (Retention).
///
/// Used by the thread that uses the store; a rewrite goes on behind it, on parts that nobody
/// changes, and is put in place by a later step() in one transaction. A crash at any instant leaves
/// the parts from before or the new one; files of replaced parts go when no question reads them any
/// more. A rewrite that fails leaves the parts as they are: a damaged one is left alone until the
/// next start, a disk that is full or fails is tried again later. What fails when parts are put in
/// place or dropped ends the store, as a commit that fails does. Only what is committed is ever
/// dropped.
class Upkeep {
 public:
  /// `store` is open for commits and outlives this. Errors: those of the engine.
  static base::Result<std::unique_ptr<Upkeep>> open(Store& store, const UpkeepOptions& options,
                                                    base::EventTime now);
  ~Upkeep();
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  /// Puts in place what is done, drops what is due, and begins the next rewrite if there is one.
  /// `now`: of the wall clock. Never waits for a rewrite. Errors: those of the store, which takes
  /// no more rows then.
  base::Result<void> step(base::EventTime now);

  /// Whether a rewrite was begun and not yet put in place.
  bool is_busy() const { return job_ != nullptr; }

  // --- of any thread ---

  UpkeepReport report() const;
  /// Whether the ceiling is reached: what can go without loss goes then.
  bool is_at_ceiling() const { return ceiling_.is_reached(); }
  /// Says, while is_at_ceiling(), that nothing of the journal is left that could go: only then do
  /// parts go, and for each dropping it has to be said anew.
  void note_journal_dropped() { is_journal_dropped_ = true; }
  /// Why no more events are to be taken in; nothing if they are.
  std::optional<std::string> refusal() const;

 private:
  /// A rewrite behind this thread. `done` is set last.
  struct Job {
    archive::Rewrite rewrite;
    base::Result<archive::Rewritten> result = base::cancelled("it was not begun");
    std::atomic<bool> done{false};
  };

  Upkeep(Store& store, const UpkeepOptions& options);
  base::Result<void> finish_job(base::EventTime now);
  void run(Job& job);
  base::Result<void> put_in_place(const archive::Rewrite& rewrite,
                                  const archive::Rewritten& rewritten);
  void note_failure(const Job& job, base::EventTime now);
  base::Result<void> drop(Dropping dropping);
  void note_dropped(const DroppedRows& rows);
  base::Result<void> hold_ceiling(base::EventTime now);
  base::Result<void> begin(base::EventTime now);
  std::optional<archive::Rewrite> plan(base::EventTime now) const;

  Store& store_;
  const UpkeepOptions options_;
  DiskCeiling ceiling_;
  std::atomic<bool> refuses_{false};
  std::atomic<bool> is_journal_dropped_{false};  ///< since the ceiling was reached, or parts went
  std::unique_ptr<archive::Rewriter> rewriter_;
  std::shared_ptr<Job> job_;
  std::set<std::string> left_alone_;  ///< paths of parts that could not be rewritten
  base::EventTime not_before_ = base::kNever;
  mutable std::mutex report_mutex_;
  UpkeepReport report_;  // guarded by report_mutex_
  const std::shared_ptr<base::Behind> behind_;
};

}  // namespace purvey::store::depot
