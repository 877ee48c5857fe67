#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "app/bounded_queue.h"
#include "app/live_flow.h"
#include "app/row_collector.h"
#include "base/settings/settings.h"
#include "serve/http.h"

namespace purvey::app {

/// What questions to a server may take: `[sql]` of the settings.
struct QuestionLimits {
  size_t at_once = 2;
  std::chrono::milliseconds time{60'000};
  uint64_t memory_mb = 512;
  uint64_t rows = 1'000'000;
  uint64_t answer_bytes = 64U << 20;
};

QuestionLimits read_question_limits(const base::SettingsTable& sql);

enum class AnswerForm : uint8_t {
  kJson,   ///< an array of objects
  kCsv,    ///< RFC 4180
  kTable,  ///< for people
};

/// One SELECT that somebody asks.
struct Question {
  std::string sql;
  AnswerForm form = AnswerForm::kJson;
  std::optional<std::chrono::milliseconds> time = {};  ///< less than the limit; else the limit
  std::optional<uint64_t> rows = {};                   ///< as `time`
  /// Whether all that was acknowledged before is to be in the answer; else as of the last commit.
  bool is_fresh = true;
};

/// The header that says that an answer is not whole: `rows` or `bytes`, by which limit.
inline constexpr const char* kTruncatedHeader = "Purvey-Truncated";

/// Answers questions to a running flow on threads of its own, a few at once: intake, counting and
/// commits go on meanwhile.
///
/// 200 with the rows (those that fit the limits, and kTruncatedHeader if there are more), 400 for a
/// question that cannot be answered or takes too much, 429 while as many are in work as may be.
/// Thread-safe.
class QuestionDesk {
 public:
  /// `flow` must outlive it.
  QuestionDesk(LiveFlow& flow, const QuestionLimits& limits);
  /// Stops what is in work.
  ~QuestionDesk();
  QuestionDesk(const QuestionDesk&) = delete;
  QuestionDesk& operator=(const QuestionDesk&) = delete;

  void ask(Question question, serve::Respond respond);

  /// Runs a job as if it were a question, on a thread of the desk: it may ask the store, and
  /// answers then or later. `is_fresh`: once all that was acknowledged before is committed.
  using Job = std::function<void(serve::Respond)>;
  void run(bool is_fresh, Job job, serve::Respond respond);

  /// What the flow has committed, as rows of texts; within the limits of a question.
  base::Result<std::vector<Row>> rows(std::string_view sql);

  const QuestionLimits& limits() const { return limits_; }

 private:
  /// One that has a place. Gives it back when it goes.
  struct Work;

  void answer_all();
  serve::Response answer(const Question& question);

  LiveFlow& flow_;
  const QuestionLimits limits_;
  std::stop_source stop_;
  const std::shared_ptr<std::atomic<size_t>> in_work_ = std::make_shared<std::atomic<size_t>>(0);
  const std::shared_ptr<BoundedQueue<std::shared_ptr<Work>>> waiting_;
  std::vector<std::thread> threads_;
};

}  // namespace purvey::app
