#include "app/live_flow.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "app/bounded_queue.h"
#include "app/flow_engine.h"
#include "app/submission_queue.h"

namespace purvey::app {
namespace {

using base::Result;
using std::chrono::steady_clock;

// Journaled events that wait to be counted: a second or two, so that a commit, for which counting
// stands still, keeps no sender waiting.
constexpr size_t kEventsWaiting = 250'000;
constexpr size_t kWritingWaiting = 8;
constexpr size_t kRowsHandedOver = 16'384;
constexpr std::chrono::milliseconds kTick{1'000};
// Without events ticks come more seldom: they only carry time on.
constexpr std::chrono::milliseconds kIdleTick{10'000};
constexpr std::chrono::seconds kIdleAfter{120};

base::EventTime system_now() {
  return {
      std::chrono::duration_cast<base::Micros>(std::chrono::system_clock::now().time_since_epoch())
          .count()};
}

/// The engine on three threads, with queues between them.
class ThreadedFlow final : public LiveFlow {
 public:
  explicit ThreadedFlow(const LiveOptions& options)
      : options_(options),
        clock_(options.clock ? options.clock : system_now),
        waiting_(options.bytes_waiting_max) {}

  ~ThreadedFlow() override {
    abandoned_ = true;
    end_threads();
  }

  Result<void> open(const Configuration& configuration) {
    engine_ = PURVEY_TRY(FlowEngine::open({.data = options_.data,
                                           .segment_bytes = options_.segment_bytes,
                                           .keep_journal = options_.keep_journal,
                                           .now = clock_()},
                                          configuration));
    writing_thread_ =
        std::thread([this] { guard("writing results", [this] { write_results(); }); });
    counting_thread_ = std::thread([this] { guard("counting", [this] { count(); }); });
    journal_thread_ = std::thread([this] { guard("the journal", [this] { keep_journal(); }); });
    return {};
  }

  base::Dictionary& names() override { return engine_->names(); }
  const event::Pseudonymizer::Key& key() const override { return engine_->key(); }
  std::optional<base::Currency> base_currency() const override { return engine_->base_currency(); }

  Result<void> submit(Submission submission) override {
    FlowEngine::Submitted submitted{.batch = submission.batch,
                                    .done = std::move(submission.done),
                                    .received = clock_(),
                                    .body = PURVEY_TRY(engine_->pack(*submission.batch))};
    const size_t bytes = submitted.body.size();
    auto put = waiting_.put(std::move(submitted), bytes);
    if (put) return put;
    const auto why = failure();
    return why ? Result<void>(*why) : put;
  }

  Result<void> ask(std::function<void(const FlowState&)> question) override {
    // What a queue held when it was closed still comes out, so an answer comes.
    if (counting_.try_put({.question = std::move(question)})) return {};
    if (const auto why = failure()) return *why;
    return base::exhausted("too many events wait to be counted; ask again in a second");
  }

  std::optional<base::Error> failure() const override {
    const std::lock_guard lock(failure_mutex_);
    return failure_;
  }

  Result<void> stop() override {
    end_threads();
    engine_.reset();  // and with it the lock of the folder
    const auto why = failure();
    return why ? Result<void>(*why) : Result<void>();
  }

 private:
  /// What the counting thread gets: a record, or a question.
  struct Item {
    FlowEngine::Journaled journaled = {};
    std::function<void(const FlowState&)> question = {};
  };

  void guard(const char* what, const std::function<void()>& work) {
    try {
      work();
    } catch (const std::exception& error) {
      fail(base::exhausted(fmt::format("{} stopped: {}", what, error.what())));
    }
  }

  void fail(const base::Error& error) {
    {
      const std::lock_guard lock(failure_mutex_);
      if (!failure_) failure_ = error;
    }
    waiting_.close();
    counting_.close();
    writing_.close();
  }

  /// True if it went well.
  bool check(const Result<void>& done) {
    if (!done) fail(done.error());
    return done.has_value();
  }

  void end_threads() {
    waiting_.close();
    if (journal_thread_.joinable()) journal_thread_.join();
    counting_.close();
    if (counting_thread_.joinable()) counting_thread_.join();
    writing_.close();
    if (writing_thread_.joinable()) writing_thread_.join();
  }

  bool goes_on() const { return !abandoned_ && !failure(); }

  // --- the journal's thread ---

  void keep_journal() {
    while_journaling();
    refuse(waiting_.take_all(std::chrono::milliseconds(0)));
  }

  void while_journaling() {
    auto last_tick = steady_clock::now();
    auto last_event = last_tick - kIdleAfter;
    for (;;) {
      const bool was_closed = waiting_.is_closed();  // then nothing more comes in
      const auto every = steady_clock::now() - last_event < kIdleAfter ? kTick : kIdleTick;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(last_tick + every -
                                                                              steady_clock::now());
      auto waiting = waiting_.take_all(std::clamp(left, std::chrono::milliseconds(0), kTick));
      if (!goes_on()) return refuse(waiting);
      if (waiting.empty() && was_closed) return;
      const auto now = steady_clock::now();
      if (!waiting.empty()) last_event = now;
      const bool is_tick = now - last_tick >= every;
      if (is_tick) last_tick = now;
      if (!journal(std::move(waiting), is_tick) || !check(engine_->drop_covered())) return;
    }
  }

  /// False if the flow ends.
  bool journal(std::vector<FlowEngine::Submitted> waiting, bool is_tick) {
    auto journaled = engine_->write_journal(std::move(waiting),
                                            is_tick ? std::optional(clock_()) : std::nullopt);
    if (!journaled) {
      fail(journaled.error());
      return false;
    }
    return std::all_of(journaled->begin(), journaled->end(), [&](auto& record) {
      const size_t events = record.batch ? record.batch->rows.size() : 1;
      return counting_.put({.journaled = std::move(record)}, events);
    });
  }

  void refuse(const std::vector<FlowEngine::Submitted>& waiting) const {
    const base::Error why =
        failure().value_or(base::Error{base::ErrorCode::kCancelled, "the server is stopping"});
    for (const auto& one : waiting) one.done(why);
  }

  // --- the counting thread ---

  void count() {
    last_commit_ = steady_clock::now();
    while (auto item = counting_.take()) {
      if (item->question) {
        item->question(engine_->settled());
      } else {
        engine_->count(item->journaled);
        // Nothing more to count: what shards still do is not left lying until the next tick.
        if (counting_.is_empty()) engine_->settled();
      }
      hand_over();
    }
    if (!goes_on()) return;
    engine_->finish();
    commit();
  }

  void hand_over() {
    if (engine_->rows_waiting() >= kRowsHandedOver) {
      rows_since_commit_ += engine_->rows_waiting();
      writing_.put(engine_->take_rows());
    }
    const bool is_due = steady_clock::now() - last_commit_ >= options_.commit_interval ||
                        rows_since_commit_ >= options_.rows_per_commit;
    if (is_due && engine_->has_news()) commit();
  }

  void commit() {
    auto results = engine_->prepare_commit();
    if (!results) return fail(results.error());
    rows_since_commit_ = 0;
    last_commit_ = steady_clock::now();
    writing_.put(*std::move(results));
  }

  // --- the writing thread ---

  void write_results() {
    while (auto results = writing_.take()) {
      if (!goes_on() || !check(engine_->write(*results))) return;
    }
  }

  const LiveOptions options_;
  const std::function<base::EventTime()> clock_;
  std::unique_ptr<FlowEngine> engine_;

  SubmissionQueue<FlowEngine::Submitted> waiting_;
  BoundedQueue<Item> counting_{kEventsWaiting};
  BoundedQueue<FlowEngine::Results> writing_{kWritingWaiting};
  std::atomic<bool> abandoned_{false};
  mutable std::mutex failure_mutex_;
  std::optional<base::Error> failure_;  // guarded by failure_mutex_

  steady_clock::time_point last_commit_;  ///< of the counting thread, as the next one
  size_t rows_since_commit_ = 0;

  std::thread journal_thread_;
  std::thread counting_thread_;
  std::thread writing_thread_;
};

}  // namespace

Result<std::unique_ptr<LiveFlow>> LiveFlow::open(const LiveOptions& options,
                                                 const Configuration& configuration) {
  auto flow = std::make_unique<ThreadedFlow>(options);
  PURVEY_TRY(flow->open(configuration));
  return std::unique_ptr<LiveFlow>(std::move(flow));
}

}  // namespace purvey::app
