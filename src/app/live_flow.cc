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
#include "app/retention_settings.h"
#include "app/submission_queue.h"

namespace purvey::app {
namespace {

using base::Result;
using std::chrono::steady_clock;

// Journaled events that wait to be counted: a second or two, so that a commit, for which counting
// stands still, keeps no sender waiting.
constexpr size_t kEventsWaiting = 250'000;
// Large events weigh as several.
constexpr size_t kBytesAnEvent = 1024;
// Pieces of rows that wait to be written; of large ones fewer.
constexpr size_t kWritingWaiting = 8;
constexpr size_t kBytesAPiece = size_t{16} << 20;
constexpr size_t kRowsHandedOver = 16'384;
constexpr std::chrono::milliseconds kTick{1'000};
// Without events ticks come more seldom: they only carry time on.
constexpr std::chrono::milliseconds kIdleTick{10'000};
constexpr std::chrono::seconds kIdleAfter{120};
// Every commit saves the state and makes a file for each table: questions may have so many.
constexpr std::chrono::milliseconds kFreshEvery{1'000};
constexpr int kFreshShare = 10;
// How often it is looked whether a merge of parts has ended.
constexpr std::chrono::milliseconds kUpkeepLook{50};
constexpr std::chrono::seconds kFolderTaken{2};
constexpr std::chrono::milliseconds kLookAgain{20};

base::EventTime system_now() {
  return {
      std::chrono::duration_cast<base::Micros>(std::chrono::system_clock::now().time_since_epoch())
          .count()};
}

/// Of a batch among those that wait to be counted.
size_t weight_of(const event::EventBatch& batch) {
  return std::max(batch.rows.size(), batch.bytes() / kBytesAnEvent);
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
    engine_ = PURVEY_TRY(open_engine(configuration));
    questions_ = PURVEY_TRY(engine_->questions());
    writing_thread_ =
        std::thread([this] { guard("writing results", [this] { write_results(); }); });
    counting_thread_ = std::thread([this] {
      guard("counting", [this] { count(); });
      drop_uncounted();
    });
    journal_thread_ = std::thread([this] { guard("the journal", [this] { keep_journal(); }); });
    return {};
  }

  base::Dictionary& names() override { return engine_->names(); }
  event::Pseudonymizer people(event::Pseudonymizer::Pseudonyms pseudonyms) const override {
    return engine_->people(pseudonyms);
  }
  std::optional<base::Currency> base_currency() const override { return engine_->base_currency(); }

  Result<void> submit(Submission submission) override {
    if (const auto why = submission.command ? std::nullopt : engine_->refusal()) {
      return base::exhausted(*why);
    }
    std::string body = submission.command ? PURVEY_TRY(engine_->pack(*submission.command))
                                          : PURVEY_TRY(engine_->pack(*submission.batch));
    FlowEngine::Submitted submitted{.batch = std::move(submission.batch),
                                    .command = std::move(submission.command),
                                    .counted = std::move(submission.counted),
                                    .done = std::move(submission.done),
                                    .received = clock_(),
                                    .body = std::move(body)};
    // What it holds in memory counts too: long texts and wrong lines take little when packed.
    const size_t held = submitted.batch ? submitted.batch->bytes() : 0;
    const size_t bytes = submitted.body.size() + held;
    return put_waiting({.submitted = std::move(submitted)}, bytes);
  }

  Result<void> ask(std::function<void(const FlowState&)> question) override {
    // What a queue held when it was closed still comes out, so an answer comes: a refusal by who
    // drops the question, if the flow has failed.
    if (counting_.try_put({.question = std::move(question)})) return {};
    if (const auto why = failure()) return *why;
    return base::exhausted("too many events wait to be counted; ask again in a second");
  }

  Result<void> when_committed(std::function<void(const Result<void>&)> done) override {
    // By way of the journal's thread: what it has acknowledged is then in front of it.
    return put_waiting({.submitted = {.done = std::move(done)}, .is_barrier = true}, 0);
  }

  store::depot::Questions& questions() override { return *questions_; }
  Result<void> announce(const store::depot::Announcement& announcement) override {
    return engine_->announce(announcement);
  }

  store::depot::UpkeepReport upkeep() const override { return engine_->upkeep_report(); }
  std::optional<std::string> refusal() const override { return engine_->refusal(); }

  std::optional<base::Error> failure() const override {
    const std::lock_guard lock(failure_mutex_);
    return failure_;
  }

  Result<void> stop() override {
    end_threads();
    questions_.reset();
    engine_.reset();  // and with it the lock of the folder
    const auto why = failure();
    return why ? Result<void>(*why) : Result<void>();
  }

 private:
  /// A server that was killed takes a moment to let go of the folder: who finds it taken looks
  /// again for a while.
  Result<std::unique_ptr<FlowEngine>> open_engine(const Configuration& configuration) const {
    const auto end = steady_clock::now() + kFolderTaken;
    for (;;) {
      auto engine = FlowEngine::open({.data = options_.data,
                                      .segment_bytes = options_.segment_bytes,
                                      .keep_journal = options_.keep_journal,
                                      .now = clock_(),
                                      .upkeep = {.fan = options_.merge_fan,
                                                 .retention = options_.retention,
                                                 .tell = options_.tell}},
                                     configuration);
      const bool is_taken = !engine && engine.error().code == base::ErrorCode::kConflict;
      if (!is_taken || steady_clock::now() >= end) return engine;
      std::this_thread::sleep_for(kLookAgain);
    }
  }

  using Done = std::function<void(const Result<void>&)>;

  /// A batch that waits for the journal, or who waits for a commit of all before.
  struct Waiting {
    FlowEngine::Submitted submitted;
    bool is_barrier = false;
  };

  /// What the counting thread gets: a record, a question, or who waits for a commit.
  struct Item {
    FlowEngine::Journaled journaled = {};
    std::function<void(const FlowState&)> question = {};
    std::vector<Done> barriers = {};
  };

  /// What the writing thread gets, and who is to be told when it is written.
  struct Writing {
    FlowEngine::Results results = {};
    std::vector<Done> barriers = {};
  };

  Result<void> put_waiting(Waiting waiting, size_t bytes) {
    auto put = waiting_.put(std::move(waiting), bytes);
    if (put) return put;
    const auto why = failure();
    return why ? Result<void>(*why) : put;
  }

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
    refuse(take_waiting(std::chrono::milliseconds(0)));
  }

  void while_journaling() {
    auto last_tick = steady_clock::now();
    auto last_event = last_tick - kIdleAfter;
    for (;;) {
      const bool was_closed = waiting_.is_closed();  // then nothing more comes in
      const auto every = steady_clock::now() - last_event < kIdleAfter ? kTick : kIdleTick;
      auto wake = last_tick + every;
      if (!barriers_.empty()) wake = std::min(wake, next_fresh());
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(wake - steady_clock::now());
      auto waiting = take_waiting(std::clamp(left, std::chrono::milliseconds(0), kTick));
      if (!goes_on()) return refuse(waiting);
      if (waiting.empty() && was_closed) {
        check(engine_->write_stop(clock_(), put_to_count_));
        return pass_on_barriers();
      }
      const auto now = steady_clock::now();
      if (!waiting.empty()) last_event = now;
      const bool is_tick = now - last_tick >= every;
      if (is_tick) last_tick = now;
      if (!journal(std::move(waiting), is_tick) || !check(engine_->drop_covered())) return;
      if (now >= next_fresh()) pass_on_barriers();
    }
  }

  /// Batches that wait; who waits for a commit goes to barriers_.
  std::vector<FlowEngine::Submitted> take_waiting(std::chrono::milliseconds most) {
    std::vector<FlowEngine::Submitted> batches;
    for (Waiting& one : waiting_.take_all(most)) {
      if (one.is_barrier) {
        barriers_.push_back(std::move(one.submitted.done));
      } else {
        batches.push_back(std::move(one.submitted));
      }
    }
    return batches;
  }

  /// When the next commit may be made for a question.
  steady_clock::time_point next_fresh() const {
    return steady_clock::time_point(steady_clock::duration(next_fresh_));
  }

  void pass_on_barriers() {
    if (!barriers_.empty()) counting_.put({.barriers = std::exchange(barriers_, {})});
  }

  /// False if the flow ends.
  bool journal(std::vector<FlowEngine::Submitted> waiting, bool is_tick) {
    const auto tick = is_tick ? std::optional(clock_()) : std::nullopt;
    return check(engine_->write_journal(std::move(waiting), tick, put_to_count_)) && goes_on();
  }

  void refuse(const std::vector<FlowEngine::Submitted>& waiting) {
    for (const auto& one : waiting) one.done(why_ended());
    tell(std::exchange(barriers_, {}), why_ended());
  }

  base::Error why_ended() const {
    return failure().value_or(base::Error{base::ErrorCode::kCancelled, "the server is stopping"});
  }

  static void tell(const std::vector<Done>& barriers, const Result<void>& how) {
    for (const Done& done : barriers) done(how);
  }

  // --- the counting thread ---

  void count() {
    last_commit_ = steady_clock::now();
    const auto recovered = engine_->recover([this](FlowEngine::Results rows) -> Result<void> {
      put_to_write(std::move(rows));
      return goes_on() ? Result<void>() : Result<void>(why_ended());
    });
    if (!recovered && goes_on()) fail(recovered.error());
    if (!goes_on()) return;
    // What recovery played is not played again by the next one.
    if (engine_->has_news()) commit();
    while (auto item = counting_.take()) {
      if (item->question) {
        item->question(engine_->settled());
      } else if (!item->barriers.empty()) {
        commit_for(std::move(item->barriers));
      } else {
        engine_->count(item->journaled);
        has_uncommitted_ |= !item->journaled.is_tick();
        // Nothing more to count: what shards still do is not left lying until the next tick.
        if (counting_.is_empty()) engine_->settled();
      }
      hand_over();
    }
    if (!goes_on()) return;
    commit();
  }

  /// What is left if the flow has failed: who waits for it is not to wait on.
  void drop_uncounted() {
    while (const auto item = counting_.take()) tell(item->barriers, why_ended());
  }

  void hand_over() {
    if (engine_->rows_waiting() >= kRowsHandedOver) {
      rows_since_commit_ += engine_->rows_waiting();
      put_to_write(engine_->take_rows());
    }
    const bool is_due = steady_clock::now() - last_commit_ >= options_.commit_interval ||
                        rows_since_commit_ >= options_.rows_per_commit;
    if (is_due && engine_->has_news()) commit();
  }

  /// What was counted up to here, once it is committed.
  void commit_for(std::vector<Done> barriers) {
    if (goes_on() && has_uncommitted_ && engine_->settled().next_record() > 1) commit();
    if (!goes_on()) return tell(barriers, why_ended());
    writing_.put({.barriers = std::move(barriers)});
  }

  void commit() {
    const auto begun = steady_clock::now();
    auto results = engine_->prepare_commit(clock_());
    if (!results) return fail(results.error());
    has_uncommitted_ = false;
    rows_since_commit_ = 0;
    last_commit_ = steady_clock::now();
    const auto pause =
        std::max<steady_clock::duration>(kFreshEvery, kFreshShare * (last_commit_ - begun));
    next_fresh_ = (last_commit_ + pause).time_since_epoch().count();
    put_to_write(*std::move(results));
  }

  void put_to_write(FlowEngine::Results results) {
    const size_t weight = 1 + results.rows.bytes / kBytesAPiece;
    writing_.put({.results = std::move(results)}, weight);
  }

  // --- the writing thread ---

  void write_results() {
    auto next_upkeep = steady_clock::now() + options_.upkeep_every;
    for (;;) {
      auto writing = writing_.take_until(next_upkeep);
      if (writing) {
        const bool is_written = goes_on() && check(engine_->write(writing->results));
        tell(writing->barriers, is_written ? Result<void>() : Result<void>(why_ended()));
      } else if (writing_.is_over()) {
        return;
      }
      if (steady_clock::now() < next_upkeep || !goes_on()) continue;
      check(engine_->tidy(clock_()));
      next_upkeep =
          steady_clock::now() + (engine_->is_tidying() ? kUpkeepLook : options_.upkeep_every);
    }
  }

  const LiveOptions options_;
  const std::function<base::EventTime()> clock_;
  std::unique_ptr<FlowEngine> engine_;
  std::unique_ptr<store::depot::Questions> questions_;

  SubmissionQueue<Waiting> waiting_;
  BoundedQueue<Item> counting_{kEventsWaiting};
  BoundedQueue<Writing> writing_{kWritingWaiting};
  std::atomic<bool> abandoned_{false};
  std::atomic<steady_clock::rep> next_fresh_{0};  ///< since the clock's epoch
  mutable std::mutex failure_mutex_;
  std::optional<base::Error> failure_;  // guarded by failure_mutex_

  std::vector<Done> barriers_;  ///< of the journal's thread, as the next
  const FlowEngine::PassOn put_to_count_ = [this](FlowEngine::Journaled record) {
    const size_t weight = record.batch ? weight_of(*record.batch) : 1;
    counting_.put({.journaled = std::move(record)}, weight);
  };

  bool has_uncommitted_ = true;  ///< events were counted since the last commit; of counting, as:
  steady_clock::time_point last_commit_;
  size_t rows_since_commit_ = 0;

  std::thread journal_thread_;
  std::thread counting_thread_;
  std::thread writing_thread_;
};

}  // namespace

LiveOptions live_options(const std::string& data, const Configuration& configuration) {
  const auto& store = configuration.settings.section("store");
  const auto& journal = configuration.settings.section("journal");
  return {.data = data,
          .commit_interval = store.duration("commit_interval"),
          .segment_bytes = static_cast<uint64_t>(journal.integer("segment")),
          .keep_journal = journal.boolean("keep"),
          .bytes_waiting_max = static_cast<uint64_t>(journal.integer("waiting")),
          .retention = read_retention(configuration.settings)};
}

Result<std::unique_ptr<LiveFlow>> LiveFlow::open(const LiveOptions& options,
                                                 const Configuration& configuration) {
  auto flow = std::make_unique<ThreadedFlow>(options);
  PURVEY_TRY(flow->open(configuration));
  return std::unique_ptr<LiveFlow>(std::move(flow));
}

}  // namespace purvey::app
