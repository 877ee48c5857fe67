#include "app/flow_engine.h"

#include <fmt/core.h>

#include <utility>

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
  committed_record_ = flow_.next_record();
  committing_record_ = flow_.next_record();
  return open_journal();
}

Result<void> FlowEngine::open_journal() {
  const std::string folder = options_.data + "/journal";
  journal_ = PURVEY_TRY(Journal::open({.folder = folder,
                                       .segment_bytes = options_.segment_bytes,
                                       .disk = options_.ground.disk,
                                       .behind = options_.behind}));
  const int64_t from = flow_.next_record();
  if (journal_->next_number() < from) {
    return base::corrupt(
        fmt::format("{}: ends before record {}, which results rest on; bring the folder back whole",
                    folder, from));
  }
  if (journal_->next_number() == from) return {};
  to_play_ = PURVEY_TRY(Journal::open_to_read(folder, *options_.ground.disk));
  // Nothing is acknowledged behind what cannot be played.
  return to_play_->read(from, [](const JournalRecord& record) -> Result<bool> {
    PURVEY_TRY(check_kind(record));
    return true;
  });
}

Result<void> FlowEngine::recover(const std::function<Result<void>(Results)>& hand_over) {
  const auto records = std::exchange(to_play_, nullptr);
  if (!records) return {};
  return play_journal(*records, records->next_number(), names_, flow_,
                      [&](flow::PendingRows rows) { return hand_over({.rows = std::move(rows)}); });
}

Result<std::string> FlowEngine::pack(const event::EventBatch& batch) const {
  return pack_events(batch, names_);
}

Result<std::string> FlowEngine::pack(const OperatorCommand& command) const {
  return pack_command(command, names_);
}

Result<void> FlowEngine::write_journal(std::vector<Submitted> submitted,
                                       std::optional<base::EventTime> tick, const PassOn& pass_on) {
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
  if (records.empty()) return {};
  const auto done = journal_->append(records);
  for (size_t i = 0; done && i < records.size(); ++i) {
    Journaled one{
        .number = records[i].number, .received = records[i].received, .kind = records[i].kind};
    if (i < submitted.size()) {
      one.batch = std::move(submitted[i].batch);
      one.command = std::move(submitted[i].command);
      one.counted = std::move(submitted[i].counted);
    }
    pass_on(std::move(one));
  }
  for (const Submitted& one : submitted) one.done(done);
  return done;
}

Result<void> FlowEngine::write_stop(base::EventTime now, const PassOn& pass_on) {
  if (journal_->next_number() == 1) return {};  // nothing ever came
  JournalRecord stop{.kind = RecordKind::kStop, .received = now};
  PURVEY_TRY(journal_->append({&stop, 1}));
  pass_on({.number = stop.number, .received = stop.received, .kind = stop.kind});
  return {};
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
