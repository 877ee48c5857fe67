#pragma once

#include <memory>
#include <vector>

#include "app/configuration.h"
#include "app/operator_command.h"
#include "app/replay.h"
#include "base/dictionary.h"
#include "flow/admit/admission.h"
#include "flow/fact/pending_rows.h"
#include "flow/shard/shards.h"
#include "flow/source/file_events.h"
#include "store/depot/store.h"

namespace purvey::app {

/// The flow behind decoding: verdicts, state, KPIs, incidents, and the rows they make. One thread
/// calls; with several shards their threads keep the state.
class FlowState {
 public:
  /// Both must outlive it. Events more than ten minutes after `now` are in the future.
  FlowState(const Configuration& configuration, base::Dictionary& names, base::EventTime now);
  ~FlowState();
  FlowState(const FlowState&) = delete;
  FlowState& operator=(const FlowState&) = delete;

  /// Goes on where the last commit of `store`, from open_store(), was. Errors: kCorrupt,
  /// kUnavailable, kUnsupported for a newer state.
  base::Result<void> open(store::depot::Store& store, const std::string& folder);

  /// Takes the rows of a slice, in order.
  void take(const flow::EventSlice& slice);

  /// The end of the input: publishes revisions and what is open, and the quality report.
  void finish();

  /// From here on events come from live sources, by way of a journal: verdicts know late and too
  /// old, closed windows are revised for `[event] allowed_lateness` and as time goes on, and a
  /// finish() is a stop after which the flow goes on. Before open().
  void go_live();
  /// Takes the events of the journal's record `number`, which was received at `received`.
  void take_record(const std::shared_ptr<event::EventBatch>& batch, int64_t number,
                   base::EventTime received);
  /// Does what an operator wants, the journal's record `number`.
  void take_command(const OperatorCommand& command, int64_t number, base::EventTime received);
  /// Takes a second of the wall clock, the journal's record `number`.
  void take_tick(int64_t number, base::EventTime now);
  /// Takes a graceful stop, the journal's record `number`: finish().
  void take_stop(int64_t number, base::EventTime now);
  /// The journal's record that comes next.
  int64_t next_record() const;

  /// Waits until all that was taken is counted: what the questions below need.
  void settle();

  /// As flow::RowCollector::weight().
  size_t rows_waiting() const;
  flow::PendingRows take_rows();

  /// What makes this state true in the store, once its rows are appended. Errors: kUnavailable.
  base::Result<store::depot::CommitInfo> commit_info();
  /// The store has committed what the last commit_info() gave.
  void committed();
  /// There will be no commit: removes the ids written for it.
  void discard();

  // --- for questions to a server, between two batches and settled ---

  const flow::Shards& shards() const;
  const flow::Admission& admission() const;
  const base::Dictionary& names() const;
  base::EventTime watermark() const;
  /// What became of an event, if its id is remembered.
  std::optional<event::Verdict> verdict_of(std::string_view source, std::string_view id) const;
  /// Of each series and size of window: its last closed window, and those that are open, as they
  /// are so far; by KPI, group, size and start.
  std::vector<flow::KpiRow> shown_kpis() const;
  const flow::Pack& pack() const;

  /// The base currency of the settings, or else the one that an earlier run learnt.
  std::optional<base::Currency> base_currency() const;

  /// Events later than this are in the future.
  base::EventTime future_limit() const;

  void fill(ReplaySummary& summary) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace purvey::app
