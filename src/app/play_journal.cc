#include "app/play_journal.h"

#include <fmt/core.h>

#include <chrono>
#include <mutex>

#include "app/new_data_folder.h"
#include "app/open_store.h"
#include "app/row_writer.h"
#include "app/temporary_folder.h"
#include "base/packed.h"
#include "event/batch_codec.h"

namespace purvey::app {
namespace {

using base::Result;
using store::depot::Store;
using store::ledger::Journal;
using store::ledger::JournalRecord;
using store::ledger::RecordKind;

constexpr size_t kBodyBytesMax = size_t{1} << 30;
constexpr size_t kPackedMax = 900'000'000;  // SQLite takes a body of 10^9 bytes, and no more
constexpr int kPackLevel = -5;              // a third of the size at half a gigabyte a second
constexpr size_t kRowsHandedOver = 16'384;

}  // namespace

Result<void> check_kind(const JournalRecord& record) {
  if (record.kind <= RecordKind::kStop) return {};
  return base::unsupported(fmt::format(
      "record {} of the journal is of a newer Purvey than this; use that one", record.number));
}

Result<FlowInput> decode_record(const JournalRecord& record, base::Dictionary& names) {
  PURVEY_TRY(check_kind(record));
  FlowInput input{.kind = record.kind, .received = record.received};
  if (record.kind == RecordKind::kCommand) {
    const std::string bytes = PURVEY_TRY(base::unpack(record.body, kBodyBytesMax));
    input.command = PURVEY_TRY(decode_command(bytes, names));
  } else if (record.kind == RecordKind::kEvents) {
    const std::string rows = PURVEY_TRY(base::unpack(record.body, kBodyBytesMax));
    input.batch = std::make_shared<event::EventBatch>();
    PURVEY_TRY(event::decode_rows(rows, names, *input.batch));
  }
  return input;
}

Result<std::string> pack_events(const event::EventBatch& batch, const base::Dictionary& names) {
  std::string rows;
  event::encode_rows(batch, 0, batch.rows.size(), names, rows);
  if (rows.size() > kPackedMax) {
    return base::exhausted(
        fmt::format("a batch of {} bytes, at most {}; send smaller ones", rows.size(), kPackedMax));
  }
  return base::pack(rows, kPackLevel);
}

Result<std::string> pack_command(const OperatorCommand& command, const base::Dictionary& names) {
  return base::pack(encode_command(command, names), kPackLevel);
}

void take_input(const FlowInput& input, int64_t number, FlowState& flow) {
  switch (input.kind) {
    case RecordKind::kEvents:
      return flow.take_record(input.batch, number, input.received);
    case RecordKind::kTick:
      return flow.take_tick(number, input.received);
    case RecordKind::kCommand:
      return flow.take_command(*input.command, number, input.received);
    case RecordKind::kStop:
      return flow.take_stop(number, input.received);
  }
}

Result<void> play_journal(Journal& journal, int64_t end, base::Dictionary& names, FlowState& flow,
                          const HandOver& hand_over) {
  const auto decode = [&](const JournalRecord& record) {
    const std::lock_guard lock(names.interning());
    return decode_record(record, names);
  };
  if (flow.next_record() >= end) return {};
  return journal.read(flow.next_record(), [&](const JournalRecord& record) -> Result<bool> {
    take_input(PURVEY_TRY(decode(record)), record.number, flow);
    if (flow.rows_waiting() >= kRowsHandedOver) PURVEY_TRY(hand_over(flow.take_rows()));
    return flow.next_record() < end;
  });
}

Result<ReplaySummary> replay_records(Journal& records, const std::string& folder, Store& store,
                                     const Configuration& configuration) {
  if (store.next_seq() != 1) {
    return base::conflict(
        fmt::format("{}: holds events already; a journal is played into a new folder", folder));
  }
  base::Dictionary names;
  FlowState flow(configuration, names, {});
  flow.go_live();
  PURVEY_TRY(flow.open(store, folder));
  RowWriter writer(store, names);
  PURVEY_TRY(play_journal(records, records.next_number(), names, flow,
                          [&](const flow::PendingRows& rows) { return writer.append(rows); }));
  flow.finish();
  const auto info = PURVEY_TRY(flow.commit_info());
  PURVEY_TRY(writer.append(flow.take_rows()));
  PURVEY_TRY(store.commit(info));
  ReplaySummary summary;
  flow.fill(summary);
  summary.digest = PURVEY_TRY(store.digest());
  return summary;
}

Result<ReplaySummary> replay_journal(const std::string& journal, const std::string& data,
                                     const Configuration& configuration) {
  const auto begun = std::chrono::steady_clock::now();
  const auto records = PURVEY_TRY(Journal::open_to_read(journal));
  TemporaryFolder temporary;
  if (data.empty()) temporary = PURVEY_TRY(TemporaryFolder::make());
  const std::string& folder = data.empty() ? temporary.path() : data;
  NewDataFolder made(folder);
  const auto store = PURVEY_TRY(open_store(folder, configuration));
  made.opened();
  auto summary = PURVEY_TRY(replay_records(*records, folder, *store, configuration));
  made.keep();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return summary;
}

}  // namespace purvey::app
