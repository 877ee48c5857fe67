#include "app/live_flow.h"

#include <fmt/core.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "app/bounded_queue.h"
#include "app/open_store.h"
#include "app/play_journal.h"
#include "app/site_key.h"
#include "app/submission_queue.h"
#include "base/packed.h"
#include "event/batch_codec.h"
#include "store/depot/store.h"
#include "store/ledger/journal.h"

namespace purvey::app {
namespace {

using base::Result;
using std::chrono::steady_clock;
using store::RowBuffer;
using store::depot::Store;
using store::ledger::Journal;
using store::ledger::JournalRecord;
using store::ledger::RecordKind;

constexpr size_t kCountingWaiting = 64;
constexpr size_t kWritingWaiting = 8;
constexpr size_t kRowsHandedOver = 16'384;
constexpr int kPackLevel = -5;  // a third of the size at half a gigabyte a second
constexpr std::chrono::milliseconds kTick{1'000};
// Without events ticks come more seldom: they only carry time on.
constexpr std::chrono::milliseconds kIdleTick{10'000};
constexpr std::chrono::seconds kIdleAfter{120};

base::EventTime system_now() {
  return {
      std::chrono::duration_cast<base::Micros>(std::chrono::system_clock::now().time_since_epoch())
          .count()};
}

class ThreadedFlow final : public LiveFlow {
 public:
  ThreadedFlow(const LiveOptions& options, const Configuration& configuration)
      : options_(options),
        clock_(options.clock ? options.clock : system_now),
        base_currency_(configuration.base_currency),
        flow_(configuration, names_, clock_()),
        waiting_(options.bytes_waiting_max) {}

  ~ThreadedFlow() override {
    abandoned_ = true;
    end_threads();
  }

  Result<void> open(const Configuration& configuration) {
    store_ = PURVEY_TRY(open_store(options_.data, configuration));
    key_ = PURVEY_TRY(load_site_key(options_.data, store_->next_seq() == 1));
    flow_.go_live();
    PURVEY_TRY(flow_.open(*store_, options_.data));
    journal_ = PURVEY_TRY(Journal::open(
        {.folder = options_.data + "/journal", .segment_bytes = options_.segment_bytes}));
    PURVEY_TRY(recover());
    committed_record_ = flow_.next_record();
    writing_thread_ =
        std::thread([this] { guard("writing results", [this] { write_results(); }); });
    counting_thread_ = std::thread([this] { guard("counting", [this] { count(); }); });
    journal_thread_ = std::thread([this] { guard("the journal", [this] { keep_journal(); }); });
    return {};
  }

  base::Dictionary& names() override { return names_; }
  const event::Pseudonymizer::Key& key() const override { return key_; }
  std::optional<base::Currency> base_currency() const override { return base_currency_; }

  Result<void> submit(Submission submission) override {
    const event::EventBatch& batch = *submission.batch;
    std::string rows;
    event::encode_rows(batch, 0, batch.rows.size(), names_, rows);
    Waiting waiting{.batch = std::move(submission.batch),
                    .done = std::move(submission.done),
                    .received = clock_(),
                    .body = PURVEY_TRY(base::pack(rows, kPackLevel))};
    const size_t bytes = waiting.body.size();
    auto put = waiting_.put(std::move(waiting), bytes);
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
    journal_.reset();
    store_.reset();  // and with it the lock
    const auto why = failure();
    return why ? Result<void>(*why) : Result<void>();
  }

 private:
  /// A batch that waits for the journal.
  struct Waiting {
    std::shared_ptr<event::EventBatch> batch;
    std::function<void(Result<void>)> done;
    base::EventTime received;
    std::string body;
  };

  /// What the counting thread gets: a batch, a tick, or a question.
  struct Item {
    std::shared_ptr<event::EventBatch> batch = {};
    int64_t number = 0;
    base::EventTime received = {};
    std::function<void(const FlowState&)> question = {};
  };

  /// What the writing thread gets: rows, and perhaps the commit that makes them true.
  struct Results {
    std::vector<RowBuffer> rows;
    std::optional<store::depot::CommitInfo> commit = {};
    int64_t next_record = 0;
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

  void end_threads() {
    waiting_.close();
    if (journal_thread_.joinable()) journal_thread_.join();
    counting_.close();
    if (counting_thread_.joinable()) counting_thread_.join();
    writing_.close();
    if (writing_thread_.joinable()) writing_thread_.join();
  }

  bool goes_on() const { return !abandoned_ && !failure(); }

  // --- from the last commit to the end of the journal ---

  Result<void> recover() {
    if (journal_->next_number() < flow_.next_record()) {
      return base::corrupt(fmt::format(
          "{}/journal: ends before record {}, which results rest on; bring the folder back whole",
          options_.data, flow_.next_record()));
    }
    return play_journal(*journal_, names_, flow_, *store_);
  }

  // --- the journal's thread ---

  void keep_journal() {
    auto last_tick = steady_clock::now();
    auto last_event = last_tick - kIdleAfter;
    for (;;) {
      const auto every = steady_clock::now() - last_event < kIdleAfter ? kTick : kIdleTick;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(last_tick + every -
                                                                              steady_clock::now());
      auto waiting = waiting_.take_all(std::clamp(left, std::chrono::milliseconds(0), kTick));
      if (!goes_on()) return refuse(waiting);
      const auto now = steady_clock::now();
      if (!waiting.empty()) last_event = now;
      const bool is_tick = now - last_tick >= every;
      if (is_tick) last_tick = now;
      if (!journal(waiting, is_tick)) return;
      if (waiting.empty() && waiting_.is_closed()) return;
      if (!drop_covered()) return;
    }
  }

  /// One transaction: the batches, and a tick behind them. False if the flow ends.
  bool journal(std::vector<Waiting>& waiting, bool is_tick) {
    std::vector<JournalRecord> records;
    for (const Waiting& one : waiting) {
      records.push_back({.events = static_cast<uint32_t>(one.batch->rows.size()),
                         .received = one.received,
                         .body = one.body});
    }
    // Before the first event there is no time to carry on.
    if (is_tick && (journal_->next_number() > 1 || !waiting.empty())) {
      records.push_back({.kind = RecordKind::kTick, .received = clock_()});
    }
    if (records.empty()) return true;
    const auto done = journal_->append(records);
    if (!done) {
      fail(done.error());
      refuse(waiting);
      return false;
    }
    for (const Waiting& one : waiting) one.done({});
    for (size_t i = 0; i < records.size(); ++i) {
      auto batch = i < waiting.size() ? std::move(waiting[i].batch) : nullptr;
      if (!counting_.put({std::move(batch), records[i].number, records[i].received})) return false;
    }
    return true;
  }

  void refuse(const std::vector<Waiting>& waiting) const {
    const base::Error why =
        failure().value_or(base::Error{base::ErrorCode::kCancelled, "the server is stopping"});
    for (const Waiting& one : waiting) one.done(why);
  }

  bool drop_covered() {
    const int64_t covered = committed_record_;
    if (options_.keep_journal || covered == dropped_before_) return true;
    dropped_before_ = covered;
    const auto dropped = journal_->drop_before(covered);
    if (!dropped) fail(dropped.error());
    return dropped.has_value();
  }

  // --- the counting thread ---

  void count() {
    last_commit_ = steady_clock::now();
    while (auto item = counting_.take()) {
      if (item->question) {
        item->question(flow_);
      } else if (item->batch) {
        flow_.take_record(*item->batch, item->number, item->received);
      } else {
        flow_.take_tick(item->number, item->received);
      }
      hand_over();
    }
    if (!goes_on()) return;
    flow_.finish();
    commit();
  }

  void hand_over() {
    if (flow_.rows_waiting() >= kRowsHandedOver) {
      rows_since_commit_ += flow_.rows_waiting();
      writing_.put({.rows = flow_.take_rows()});
    }
    const bool is_new = flow_.next_record() != committing_record_;
    const bool is_due = steady_clock::now() - last_commit_ >= options_.commit_interval ||
                        rows_since_commit_ >= options_.rows_per_commit;
    if (is_new && is_due) commit();
  }

  void commit() {
    if (committed_record_ == committing_record_) flow_.committed();
    auto info = flow_.commit_info();
    if (!info) return fail(info.error());
    committing_record_ = flow_.next_record();
    rows_since_commit_ = 0;
    last_commit_ = steady_clock::now();
    writing_.put({flow_.take_rows(), *std::move(info), committing_record_});
  }

  // --- the writing thread ---

  void write_results() {
    while (auto results = writing_.take()) {
      if (!goes_on()) return;
      const auto done = write(*results);
      if (!done) return fail(done.error());
    }
  }

  Result<void> write(const Results& results) {
    for (const RowBuffer& rows : results.rows) PURVEY_TRY(store_->append(rows));
    if (!results.commit) return {};
    PURVEY_TRY(store_->commit(*results.commit));
    committed_record_ = results.next_record;
    return {};
  }

  const LiveOptions options_;
  const std::function<base::EventTime()> clock_;
  const std::optional<base::Currency> base_currency_;
  base::Dictionary names_;
  FlowState flow_;
  event::Pseudonymizer::Key key_{};
  std::unique_ptr<Store> store_;
  std::unique_ptr<Journal> journal_;

  SubmissionQueue<Waiting> waiting_;
  BoundedQueue<Item> counting_{kCountingWaiting};
  BoundedQueue<Results> writing_{kWritingWaiting};
  std::atomic<bool> abandoned_{false};
  std::atomic<int64_t> committed_record_{1};  ///< results of all records before it are committed
  mutable std::mutex failure_mutex_;
  std::optional<base::Error> failure_;  // guarded by failure_mutex_

  int64_t dropped_before_ = 1;            ///< of the journal's thread
  steady_clock::time_point last_commit_;  ///< of the counting thread, as the next two
  size_t rows_since_commit_ = 0;
  int64_t committing_record_ = 0;  ///< the last commit handed over covers what comes before it

  std::thread journal_thread_;
  std::thread counting_thread_;
  std::thread writing_thread_;
};

}  // namespace

Result<std::unique_ptr<LiveFlow>> LiveFlow::open(const LiveOptions& options,
                                                 const Configuration& configuration) {
  auto flow = std::make_unique<ThreadedFlow>(options, configuration);
  PURVEY_TRY(flow->open(configuration));
  return std::unique_ptr<LiveFlow>(std::move(flow));
}

}  // namespace purvey::app
