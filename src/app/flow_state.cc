#include "app/flow_state.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "app/latest_kpis.h"
#include "app/live_time.h"
#include "app/open_store.h"
#include "app/result_rows.h"
#include "base/byte_codec.h"
#include "base/hash.h"
#include "flow/admit/admission.h"
#include "flow/fact/pending_rows.h"
#include "flow/fact/sample_facts.h"
#include "flow/shard/shards.h"
#include "flow/track/base_money.h"
#include "flow/track/sample_counts.h"
#include "watch/incident_desk.h"

namespace purvey::app {
namespace {

using event::EventBatch;
using event::EventRow;
using event::Verdict;
using store::TableId;

constexpr uint64_t kStateVersion = 10;
constexpr int64_t kStep = 1'000'000;  // 1 s of event time
constexpr int64_t kMinute = 60 * kStep;
constexpr size_t kPrefetchAhead = 16;
constexpr size_t kStateAhead = 8;
constexpr std::string_view kRunsKey = "id_runs";

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t blank = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return words;
}

std::string join_words(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// Signals that no key's state tells of, to the board by way of the shards, in their turn.
class ObservedSink final : public flow::SignalSink {
 public:
  explicit ObservedSink(flow::Shards& shards) : shards_(shards) {}
  void add(const flow::Signal& signal, const flow::Dimensions& dimensions) override {
    shards_.observe(signal, dimensions);
  }
  void move(const flow::Signal& signal, const flow::Dimensions& from,
            const flow::Dimensions& to) override {
    flow::Signal back = signal;
    back.weight = -signal.weight;
    add(back, from);
    add(signal, to);
  }

 private:
  flow::Shards& shards_;
};

}  // namespace

class FlowState::Impl {
 public:
  Impl(const Configuration& configuration, base::Dictionary& names, base::EventTime now)
      : configuration_(configuration),
        names_(names),
        now_(now),
        base_currency_(configuration.base_currency),
        future_limit_(now + LiveTime::kFutureAllowed),
        admission_(ids_, configuration.zone, {.future = future_limit_}),
        results_(pending_, names),
        samples_(flow::read_clean_rules(configuration.settings), names),
        live_time_(configuration, names) {}

  base::Result<void> open(store::depot::Store& store, const std::string& folder) {
    if (const auto code = store.meta(kBaseCurrencyKey))
      base_currency_ = base::Currency::find(*code);
    money_.emplace(base_currency_, configuration_.rates.get());
    shards_ = std::make_unique<flow::Shards>(
        configuration_.shards, *configuration_.pack, names_, configuration_.zone, *money_,
        [this](const flow::FlowStep& step) { take_step(step); });
    observed_.emplace(*shards_);
    sample_counts_.emplace(*observed_, *configuration_.pack, names_);
    if (live_) board().set_allowed_lateness(configuration_.allowed_lateness);
    desk_ =
        std::make_unique<watch::IncidentDesk>(*configuration_.rules, board(), configuration_.zone);
    next_seq_ = store.next_seq();
    watermark_ = store.watermark();
    const auto runs = store.meta(kRunsKey);
    PURVEY_TRY(ids_.open(folder + "/ids", split_words(runs.value_or("")), store.disk()));
    const auto saved = PURVEY_TRY(store.load_checkpoint());
    if (!saved) return {};
    return load(*saved);
  }

  void take(const flow::EventSlice& slice) {
    const EventBatch& batch = *slice.batch;
    shards_->begin(slice.batch);
    for (size_t i = slice.begin; i < slice.end; ++i) {
      prefetch(batch, i, slice.end);
      take_event(slice.batch, i);
    }
    shards_->end();
    // Every slice of a batch sees the same count; the one that ends it adds it.
    if (slice.end == batch.rows.size()) unknown_fields_ += batch.unknown_fields;
    if (ids_.is_full() && ids_error_) ids_error_ = ids_.spill();
  }

  void finish() {
    if (live_ && finished_record_ == next_record_) return;  // nothing came since it was told
    tell_what_is_open();
    finished_record_ = next_record_;
  }

  void tell_what_is_open() {
    if (!live_) samples_.flush();
    write_samples(next_seq_ - 1);
    settle();
    if (watermark_ != base::kNever) close_what_was_passed();
    board().revise(rows_);
    if (highest_ != base::kNever) board().publish_open(open_until(), rows_);
    observe_rows(watermark_);
    report_quality();
  }

  void go_live() { live_ = true; }

  void take_record(const std::shared_ptr<EventBatch>& batch, int64_t number,
                   base::EventTime received) {
    now_ = received;
    take_live_rows(batch, [](size_t) {});
    next_record_ = number + 1;
  }

  void take_command(const OperatorCommand& command, int64_t number, base::EventTime received) {
    now_ = received;
    if (command.verb == OperatorVerb::kRetry) {
      is_retry_ = true;
      take_live_rows(command.events, [&](size_t place) {
        EventRow& row = command.events->rows[place];
        // It repeats itself and is as impossible as it was: it still does not count.
        if (row.verdict == Verdict::kDuplicate && ids_.find(row.id_hash) == Verdict::kQuarantined) {
          row.verdict = Verdict::kQuarantined;
        }
        results_.add_dead_letter_step({.letter = command.letters[place],
                                       .step = "retried",
                                       .verdict = event::verdict_name(row.verdict),
                                       .reason = event::reason_name(admission_.reason()),
                                       .at = now_},
                                      next_seq_ - 1);
      });
      is_retry_ = false;
    } else {
      for (const int64_t letter : command.letters) {
        results_.add_dead_letter_step({.letter = letter, .step = "discarded", .at = now_},
                                      next_seq_ - 1);
      }
    }
    next_record_ = number + 1;
  }

  void take_tick(int64_t number, base::EventTime now) {
    now_ = now;
    live_time_.tick(now);
    advance(live_time_.watermark());
    next_record_ = number + 1;
  }

  void take_stop(int64_t number, base::EventTime now) {
    now_ = now;
    tell_what_is_open();
    next_record_ = finished_record_ = number + 1;
  }

  int64_t next_record() const { return next_record_; }

  void settle() {
    shards_->settle();
    row_seq_ = next_seq_ - 1;
  }

  base::EventTime future_limit() const { return future_limit_; }

  size_t rows_waiting() const { return pending_.weight(); }
  flow::PendingRows take_rows() {
    all_rows_ += pending_.rows();
    return pending_.take();
  }

  base::Result<store::depot::CommitInfo> commit_info() {
    PURVEY_TRY(ids_error_);
    settle();
    if (live_) report_quality();
    store::depot::CommitInfo info;
    info.next_seq = next_seq_;
    info.watermark = watermark_;
    info.checkpoint = save();
    info.meta[std::string(kRunsKey)] = join_words(PURVEY_TRY(ids_.save()));
    info.meta[std::string(kZoneKey)] = configuration_.zone.name();
    // After a kill the next start takes up what it finds and finishes it.
    if (live_) {
      info.meta[std::string(kJournalRecordKey)] =
          fmt::format("{}", finished_record_ == next_record_ ? next_record_ : 0);
    }
    if (money_->base()) info.meta[std::string(kBaseCurrencyKey)] = money_->base()->code();
    return info;
  }

  void committed() { ids_.remove_superseded(); }
  void discard() { ids_.discard(); }

  const flow::Shards& shards() const { return *shards_; }
  const flow::Admission& admission() const { return admission_; }
  const base::Dictionary& names() const { return names_; }
  base::EventTime watermark() const { return watermark_; }
  std::optional<event::Verdict> verdict_of(std::string_view source, std::string_view id) const {
    return ids_.find(base::hash64(id, base::hash64(source)));
  }
  std::vector<flow::KpiRow> shown_kpis() const {
    auto rows = latest_.rows();
    if (highest_ != base::kNever) shards_->board().show_open(open_until(), rows);
    std::sort(rows.begin(), rows.end(), LatestKpis::comes_before);
    return rows;
  }
  const flow::Pack& pack() const { return *configuration_.pack; }

  std::optional<base::Currency> base_currency() const { return base_currency_; }

  void fill(ReplaySummary& summary) const {
    summary.verdicts = admission_.counts();
    summary.events = std::accumulate(summary.verdicts.begin(), summary.verdicts.end(), uint64_t{0});
    summary.kpi_rows = results_.kpis();
    summary.fact_rows = all_rows_ - results_.rows();
    summary.incidents = results_.incidents();
    summary.unknown_fields = unknown_fields_;
    summary.unconverted = shards_->unconverted();
  }

 private:
  /// What events soon to come will look up is fetched into the cache meanwhile.
  void prefetch(const EventBatch& batch, size_t now, size_t end) const {
    if (now + kPrefetchAhead < end) {
      const EventRow& row = batch.rows[now + kPrefetchAhead];
      ids_.prefetch(row.id_hash);
      shards_->prefetch(batch, row);
    }
    if (now + kStateAhead < end) shards_->prefetch_state(batch, batch.rows[now + kStateAhead]);
  }

  flow::KpiBoard& board() { return shards_->board(); }

  /// Where nothing came for a while, the watermark has gone on beyond the last event.
  base::EventTime open_until() const { return std::max(highest_, watermark_); }

  void take_event(const std::shared_ptr<EventBatch>& batch, size_t place) {
    const EventRow& row = batch->rows[place];
    const Verdict verdict = count_event(batch, place);
    if (verdict != Verdict::kAccepted || row.time <= highest_) return;
    highest_ = row.time;
    advance(row.time - configuration_.disorder);
  }

  /// Tells `taken` the place of each row behind its event.
  template <class Taken>
  void take_live_rows(const std::shared_ptr<EventBatch>& batch, const Taken& taken) {
    shards_->begin(batch);
    for (size_t i = 0; i < batch->rows.size(); ++i) {
      prefetch(*batch, i, batch->rows.size());
      take_live_event(batch, i);
      taken(i);
    }
    shards_->end();
    unknown_fields_ += batch->unknown_fields;
    if (ids_.is_full() && ids_error_) ids_error_ = ids_.spill();
  }

  void take_live_event(const std::shared_ptr<EventBatch>& batch, size_t place) {
    EventRow& row = batch->rows[place];
    row.backfill = live_time_.is_backfill(row.source);
    admission_.set_horizon(live_time_.horizon_for(row.source, watermark_, now_));
    const Verdict verdict = count_event(batch, place);
    const bool counts = verdict == Verdict::kAccepted || verdict == Verdict::kLate;
    if (counts) highest_ = std::max(highest_, row.time);
    live_time_.note(row, verdict, now_);
    advance(live_time_.watermark());
  }

  /// Brings an event to its verdict, and into facts and state if it counts.
  Verdict count_event(const std::shared_ptr<EventBatch>& batch, size_t place) {
    EventRow& row = batch->rows[place];
    const int64_t seq = next_seq_++;
    const bool is_cleaned =
        row.kind == event::EventKind::kMetricSample && samples_.takes(*batch, row);
    const Verdict verdict = is_cleaned
                                ? admission_.admit(*batch, row, [&] { return clean(*batch, row); })
                                : admission_.admit(*batch, row);
    if (verdict == Verdict::kAccepted || verdict == Verdict::kLate) {
      if (is_cleaned) {
        write_samples(seq);
      } else {
        pending_.add_fact(batch, place, seq);
        if (row.kind == event::EventKind::kMetricSample) sample_counts_->count(*batch, row);
      }
      shards_->take(place);
    } else if (verdict != Verdict::kDuplicate && !is_retry_) {
      results_.add_dead_letter(
          *batch, row, seq,
          {.reason = admission_.reason(), .by_cleaning = clean_error_, .at = now_});
    }
    return verdict;
  }

  /// What cleaning is done with becomes rows, and counts by the values that it has now.
  void write_samples(int64_t seq) {
    samples_.write(
        pending_.buffer(TableId::kSample), seq, [&](const flow::SampleFacts::Value& value) {
          sample_counts_->count(
              {.name = value.name, .labels = value.labels, .at = value.at, .value = value.value});
        });
  }

  /// Brings an acceptable sample to cleaning; why it is impossible, if it is.
  event::Reason clean(const EventBatch& batch, const EventRow& row) {
    const auto added = samples_.add(batch, row);
    if (added) return event::Reason::kNone;
    clean_error_ = added.error().message;
    const bool by_unit = added.error().code == base::ErrorCode::kUnsupported;
    return by_unit ? event::Reason::kUnknownUnit : event::Reason::kOutOfRange;
  }

  /// Moves the watermark, and takes the steps that it passes.
  void advance(base::EventTime watermark) {
    if (watermark <= watermark_) return;
    watermark_ = watermark;
    if (watermark.micros / kStep == step_) return;
    step_ = watermark.micros / kStep;
    if (!samples_.is_idle()) {
      samples_.advance(watermark);
      write_samples(next_seq_ - 1);
    }
    const int64_t minute = watermark.micros / kMinute;
    shards_->step({.watermark = watermark, .seq = next_seq_ - 1, .ends_minute = minute != minute_});
    minute_ = minute;
  }

  /// What spans keys, when all shards have passed the step.
  void take_step(const flow::FlowStep& step) {
    row_seq_ = step.seq;
    board().advance(step.watermark, rows_);
    if (!step.ends_minute) return;
    // In a replay revisions wait for the end: each window is published once more at most, however
    // unsorted its files are.
    if (live_) board().revise(rows_);
    observe_rows(step.watermark);  // without rows too: silence ends incidents
  }

  /// Closes, minute by minute, what lies open behind the watermark: an input whose newest events
  /// came first has never passed its own minutes.
  void close_what_was_passed() {
    while (const auto minute = board().first_open()) {
      const base::EventTime end{minute->micros + kMinute};
      if (end > watermark_) break;
      board().advance(end, rows_);
      observe_rows(end);
    }
    board().advance(watermark_, rows_);
    observe_rows(watermark_);
  }

  /// Rules look at the rows, and all become rows of tables.
  void observe_rows(base::EventTime watermark) {
    // As long as no window has closed, time has passed for no rule.
    if (board().has_closed()) desk_->observe(rows_, watermark, steps_);
    for (const flow::KpiRow& row : rows_) {
      results_.add_kpi(row, configuration_.pack->kpis[row.kpi].name, group_text(row.group),
                       row_seq_);
      latest_.note(row);
    }
    for (const watch::IncidentStep& step : steps_) results_.add_incident(step, row_seq_);
    rows_.clear();
    steps_.clear();
  }

  const std::string& group_text(uint32_t group) {
    while (group_texts_.size() <= group) {
      group_texts_.push_back(board().dimensions_text(static_cast<uint32_t>(group_texts_.size())));
    }
    return group_texts_[group];
  }

  /// What was received since the last report.
  void report_quality() {
    for (const auto& [key, count] : admission_.quality()) {
      results_.add_quality(key, count, now_, next_seq_ - 1);
    }
    admission_.clear_quality();
  }

  std::string save() const {
    std::string bytes;
    base::ByteWriter writer(bytes);
    writer.varint(kStateVersion);
    writer.zigzag(highest_.micros);
    writer.zigzag(step_);
    writer.zigzag(next_record_);
    live_time_.save(writer);
    admission_.save(writer, names_);
    shards_->save(writer);
    desk_->save(writer);
    samples_.save(writer);
    latest_.save(writer, pack());
    return bytes;
  }

  base::Result<void> load(std::string_view bytes) {
    base::ByteReader reader(bytes);
    const uint64_t version = reader.varint();
    if (reader.ok() && version > kStateVersion) {
      return base::unsupported(fmt::format(
          "the data folder's state is of version {}, this program reads {}; use a newer purvey",
          version, kStateVersion));
    }
    if (reader.ok() && version < kStateVersion) {
      return base::unsupported(
          fmt::format("the data folder's state is of version {}, from before the first release, "
                      "and this program reads {}; "
                      "replay its inputs into a new folder",
                      version, kStateVersion));
    }
    highest_ = {reader.zigzag()};
    step_ = reader.zigzag();
    next_record_ = reader.zigzag();
    live_time_.load(reader);
    admission_.load(reader, names_);
    minute_ = watermark_.micros / kMinute;  // as it was: what waits for the next minute still does
    PURVEY_TRY(shards_->load(reader));
    PURVEY_TRY(desk_->load(reader));
    PURVEY_TRY(samples_.load(reader, names_));
    latest_.load(reader, pack());
    return reader.finish("the checkpoint");
  }

  const Configuration& configuration_;
  base::Dictionary& names_;
  base::EventTime
      now_;  ///< of the wall clock: the start of a replay, or when a record was received
  std::optional<base::Currency> base_currency_;

  const base::EventTime future_limit_;
  flow::IdTable ids_;
  flow::Admission admission_;
  std::optional<flow::BaseMoney> money_;
  std::unique_ptr<flow::Shards> shards_;
  std::unique_ptr<watch::IncidentDesk> desk_;
  flow::RowCollector pending_;
  ResultRows results_;
  flow::SampleFacts samples_;
  std::optional<ObservedSink> observed_;
  std::optional<flow::SampleCounts> sample_counts_;
  std::string clean_error_;  ///< of the sample that was quarantined last

  bool live_ = false;
  bool is_retry_ = false;  ///< events of dead letters are being taken
  LiveTime live_time_;
  int64_t next_record_ = 1;      ///< of the journal
  int64_t finished_record_ = 0;  ///< next_record_ at the last finish()

  int64_t next_seq_ = 1;
  int64_t row_seq_ = 0;  ///< of result rows: the last event before the step that makes them
  base::EventTime highest_ = base::kNever;
  base::EventTime watermark_ = base::kNever;
  int64_t step_ = 0;
  int64_t minute_ = 0;
  std::vector<flow::KpiRow> rows_;
  std::vector<watch::IncidentStep> steps_;
  std::vector<std::string> group_texts_;
  LatestKpis latest_;
  base::Result<void> ids_error_;

  uint64_t all_rows_ = 0;
  uint64_t unknown_fields_ = 0;
};

FlowState::FlowState(const Configuration& configuration, base::Dictionary& names,
                     base::EventTime now)
    : impl_(std::make_unique<Impl>(configuration, names, now)) {}

FlowState::~FlowState() = default;

base::Result<void> FlowState::open(store::depot::Store& store, const std::string& folder) {
  return impl_->open(store, folder);
}
void FlowState::take(const flow::EventSlice& slice) {
  impl_->take(slice);
}
void FlowState::finish() {
  impl_->finish();
}
void FlowState::go_live() {
  impl_->go_live();
}
void FlowState::take_record(const std::shared_ptr<event::EventBatch>& batch, int64_t number,
                            base::EventTime received) {
  impl_->take_record(batch, number, received);
}
void FlowState::take_command(const OperatorCommand& command, int64_t number,
                             base::EventTime received) {
  impl_->take_command(command, number, received);
}
void FlowState::take_tick(int64_t number, base::EventTime now) {
  impl_->take_tick(number, now);
}
void FlowState::take_stop(int64_t number, base::EventTime now) {
  impl_->take_stop(number, now);
}
int64_t FlowState::next_record() const {
  return impl_->next_record();
}
void FlowState::settle() {
  impl_->settle();
}
size_t FlowState::rows_waiting() const {
  return impl_->rows_waiting();
}
flow::PendingRows FlowState::take_rows() {
  return impl_->take_rows();
}
base::Result<store::depot::CommitInfo> FlowState::commit_info() {
  return impl_->commit_info();
}
const flow::Shards& FlowState::shards() const {
  return impl_->shards();
}
const flow::Admission& FlowState::admission() const {
  return impl_->admission();
}
const base::Dictionary& FlowState::names() const {
  return impl_->names();
}
base::EventTime FlowState::watermark() const {
  return impl_->watermark();
}
std::optional<event::Verdict> FlowState::verdict_of(std::string_view source,
                                                    std::string_view id) const {
  return impl_->verdict_of(source, id);
}
std::vector<flow::KpiRow> FlowState::shown_kpis() const {
  return impl_->shown_kpis();
}
const flow::Pack& FlowState::pack() const {
  return impl_->pack();
}
void FlowState::committed() {
  impl_->committed();
}
void FlowState::discard() {
  impl_->discard();
}
base::EventTime FlowState::future_limit() const {
  return impl_->future_limit();
}
std::optional<base::Currency> FlowState::base_currency() const {
  return impl_->base_currency();
}
void FlowState::fill(ReplaySummary& summary) const {
  impl_->fill(summary);
}

}  // namespace purvey::app
