#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
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
#include "store/depot/store.h"

namespace purvey::store::depot {

struct UpkeepOptions {
  size_t fan = 8;  ///< see archive::MergeRules
  /// Does the rewriting; without one, a thread does.
  std::shared_ptr<base::Behind> behind = {};
  /// Told, in a line, of what could not be done.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
};

/// What was done since the start.
struct UpkeepReport {
  uint64_t merges = 0;
  uint64_t parts_merged = 0;  ///< that became fewer
  uint64_t rows_rewritten = 0;
  uint64_t bytes_written = 0;  ///< of rewritten parts
  uint64_t failures = 0;
};

/// Keeps the archive of a server small while it goes on: merges small parts
/// (archive::plan_merge()).
///
/// Used by the thread that uses the store; a rewrite goes on behind it, on parts that nobody
/// changes, and is put in place by a later step() in one transaction. A crash at any instant leaves
/// the parts from before or the new one; files of replaced parts go when no question reads them any
/// more. What fails here fails alone: the parts stay as they are and are tried again later.
class Upkeep {
 public:
  /// `store` is open for commits and outlives this.
  static base::Result<std::unique_ptr<Upkeep>> open(Store& store, const UpkeepOptions& options);
  ~Upkeep();
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  /// Puts in place what is done, and begins the next rewrite if there is one. `now`: of the wall
  /// clock. Never waits for a rewrite. Errors: those of the store, which takes no more rows then.
  base::Result<void> step(base::EventTime now);

  /// Whether a rewrite was begun and not yet put in place.
  bool is_busy() const { return job_ != nullptr; }

  /// Thread-safe.
  UpkeepReport report() const;

 private:
  /// A rewrite behind this thread. `done` is set last.
  struct Job {
    archive::Rewrite rewrite;
    std::optional<base::Result<archive::Rewritten>> result;
    std::atomic<bool> done{false};
  };

  Upkeep(Store& store, const UpkeepOptions& options);
  base::Result<void> put_in_place(const archive::Rewrite& rewrite,
                                  const archive::Rewritten& rewritten);
  void note_failure(const archive::Rewrite& rewrite, const base::Error& error, base::EventTime now);
  base::Result<void> begin(base::EventTime now);
  std::optional<archive::Rewrite> plan(base::EventTime now) const;

  Store& store_;
  const UpkeepOptions options_;
  std::unique_ptr<archive::Rewriter> rewriter_;
  std::shared_ptr<Job> job_;
  std::set<std::string> left_alone_;  ///< paths of parts that could not be rewritten
  base::EventTime not_before_ = base::kNever;
  mutable std::mutex report_mutex_;
  UpkeepReport report_;  // guarded by report_mutex_
  const std::shared_ptr<base::Behind> behind_;
};

}  // namespace purvey::store::depot
