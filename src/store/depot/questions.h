#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk.h"
#include "base/event_time.h"
#include "base/result.h"
#include "store/dropped_rows.h"
#include "store/facts/engine.h"
#include "store/part.h"
#include "store/result_set.h"

namespace purvey::store::depot {

/// What one commit has made true, for readers: never changed once it is published.
struct CommittedParts {
  std::vector<Part> parts;
  std::vector<DroppedRows> dropped;
  base::EventTime watermark = base::kNever;
};

/// Where a Store tells what it has committed last. Thread-safe.
class CommittedBoard {
 public:
  void publish(std::shared_ptr<const CommittedParts> committed) {
    const std::lock_guard lock(mutex_);
    committed_ = std::move(committed);
  }
  std::shared_ptr<const CommittedParts> latest() const {
    const std::lock_guard lock(mutex_);
    return committed_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const CommittedParts> committed_ = std::make_shared<CommittedParts>();
};

/// Questions to what a Store has committed, from any number of threads, while it goes on
/// committing.
///
/// Each question gets an engine of its own in memory, with its own limits, over views of exactly
/// the parts that were committed when it began: parts are never changed, so nobody waits for
/// anybody. Made by Store::questions(); the Store's lock must be held as long as it is asked.
class Questions {
 public:
  virtual ~Questions() = default;

  /// As Store::query(). Thread-safe.
  virtual base::Result<QueryEnd> query(std::string_view sql, const QueryLimits& limits,
                                       ResultSink& sink) = 0;
};

struct QuestionOptions {
  std::string folder;
  std::string timezone;
  unsigned threads = 1;
  base::Disk* disk = &base::Disk::system();
  const facts::Engine* engine = &facts::Engine::duckdb();
};

/// Errors: those of the engine, as for an unknown time zone.
base::Result<std::unique_ptr<Questions>> make_questions(
    const QuestionOptions& options, std::shared_ptr<const CommittedBoard> board);

}  // namespace purvey::store::depot
