#include "app/flow_engine.h"

#include <fmt/core.h>

#include "app/play_journal.h"
#include "app/settings_note.h"
#include "app/site_key.h"

namespace purvey::app {
namespace {

using base::Result;
using store::ledger::Journal;
using store::ledger::JournalRecord;
using store::ledger::RecordKind;

/// Those that get a seq.
uint32_t events_of(const FlowEngine::Submitted& submitted) {
  const auto& batch = submitted.command ? submitted.command->events : submitted.batch;
  return batch ? static_cast<uint32_t>(batch->rows.size()) : 0;
}

}  // namespace

FlowEngine::FlowEngine(const EngineOptions& options, const Configuration& configuration)
    : options_(options),
      base_currency_(configuration.base_currency),
      flow_(configuration, names_, options.now),
      personal_(configuration.personal) {}

Result<std::unique_ptr<FlowEngine>> FlowEngine::open(const EngineOptions& options,
                                                     const Configuration& configuration) {
  std::unique_ptr<FlowEngine> engine(new FlowEngine(options, configuration));
  PURVEY_TRY(engine->open(configuration));
  return engine;
}

Result<void> FlowEngine::open(const Configuration& configuration) {
  store_ = PURVEY_TRY(open_store(options_.data, configuration, options_.ground));
  writer_.emplace(*store_, names_);
  key_ = PURVEY_TRY(load_site_key(options_.data, store_->next_seq() == 1, *options_.ground.disk,
                                  options_.new_key));
  PURVEY_TRY(note_settings(options_.data, configuration, *options_.ground.disk));
  auto upkeep = options_.upkeep;
  upkeep.folder = options_.data;
  upkeep_ = PURVEY_TRY(store::depot::Upkeep::open(*store_, upkeep, options_.now));
  flow_.go_live();
  PURVEY_TRY(flow_.open(*store_, options_.data));
  journal_ = PURVEY_TRY(Journal::open({.folder = options_.data + "/journal",
                                       .segment_bytes = options_.segment_bytes,
                                       .disk = options_.ground.disk,
                                       .behind = options_.behind}));
  committed_record_ = flow_.next_record();
  committing_record_ = flow_.next_record();
  return recover();
}

/// From the last commit to the end of the journal.
Result<void> FlowEngine::recover() {
  if (journal_->next_number() < flow_.next_record()) {
    return base::corrupt(fmt::format(
        "{}/journal: ends before record {}, which results rest on; bring the folder back whole",
        options_.data, flow_.next_record()));
  }
  return play_journal(*journal_, names_, flow_, *store_);
}

Result<std::string> FlowEngine::pack(const event::EventBatch& batch) const {
  return pack_events(batch, names_);
}

Result<std::string> FlowEngine::pack(const OperatorCommand& command) const {
  return pack_command(command, names_);
}

Result<std::vector<FlowEngine::Journaled>> FlowEngine::write_journal(
    std::vector<Submitted> submitted, std::optional<base::EventTime> tick) {
  std::vector<JournalRecord> records;
  for (const Submitted& one : submitted) {
    records.push_back({.events = events_of(one),
                       .kind = one.command ? RecordKind::kCommand : RecordKind::kEvents,
                       .received = one.received,
                       .body = one.body});
  }
  // Before the first event there is no time to carry on.
  if (tick && (journal_->next_number() > 1 || !submitted.empty())) {
    records.push_back({.kind = RecordKind::kTick, .received = *tick});
  }
  std::vector<Journaled> journaled;
  if (records.empty()) return journaled;
  const auto done = journal_->append(records);
  for (const Submitted& one : submitted) one.done(done);
  if (!done) return done.error();
  for (size_t i = 0; i < records.size(); ++i) {
    Journaled one{
        .number = records[i].number, .received = records[i].received, .kind = records[i].kind};
    if (i < submitted.size()) {
      one.batch = std::move(submitted[i].batch);
      one.command = std::move(submitted[i].command);
      one.counted = std::move(submitted[i].counted);
    }
    journaled.push_back(std::move(one));
  }
  return journaled;
}

Result<std::vector<FlowEngine::Journaled>> FlowEngine::write_stop(base::EventTime now) {
  std::vector<Journaled> journaled;
  if (journal_->next_number() == 1) return journaled;  // nothing ever came
  JournalRecord stop{.kind = RecordKind::kStop, .received = now};
  PURVEY_TRY(journal_->append({&stop, 1}));
  journaled.push_back({.number = stop.number, .received = stop.received, .kind = stop.kind});
  return journaled;
}

Result<void> FlowEngine::drop_covered() {
  const int64_t covered = committed_record_;
  const bool is_at_ceiling = upkeep_->is_at_ceiling();
  if (options_.keep_journal && !is_at_ceiling) return {};
  if (covered != dropped_before_) {
    dropped_before_ = covered;
    PURVEY_TRY(journal_->drop_before(covered));
  }
  if (is_at_ceiling) upkeep_->note_journal_dropped();
  return {};
}

void FlowEngine::count(const Journaled& journaled) {
  switch (journaled.kind) {
    case RecordKind::kEvents:
      flow_.take_record(journaled.batch, journaled.number, journaled.received);
      break;
    case RecordKind::kTick:
      flow_.take_tick(journaled.number, journaled.received);
      break;
    case RecordKind::kCommand:
      flow_.take_command(*journaled.command, journaled.number, journaled.received);
      break;
    case RecordKind::kStop:
      flow_.take_stop(journaled.number, journaled.received);
      break;
  }
  if (journaled.counted) journaled.counted();
}

Result<FlowEngine::Results> FlowEngine::prepare_commit(base::EventTime now) {
  if (committed_record_ == committing_record_) flow_.committed();
  auto info = PURVEY_TRY(flow_.commit_info());
  info.stored_at = now;
  committing_record_ = flow_.next_record();
  return Results{flow_.take_rows(), std::move(info), committing_record_};
}

Result<void> FlowEngine::write(const Results& results) {
  PURVEY_TRY(writer_->append(results.rows));
  if (!results.commit) return {};
  PURVEY_TRY(store_->commit(*results.commit));
  committed_record_ = results.next_record;
  return {};
}

}  // namespace purvey::app
