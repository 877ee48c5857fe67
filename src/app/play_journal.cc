#include "app/play_journal.h"

#include <fmt/core.h>

#include <chrono>

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

Result<FlowInput> decode_record(const JournalRecord& record, base::Dictionary& names) {
  if (record.kind > RecordKind::kStop) {
    return base::unsupported(fmt::format(
        "record {} of the journal is of a newer Purvey than this; use that one", record.number));
  }
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

Result<void> play_journal(Journal& journal, base::Dictionary& names, FlowState& flow,
                          Store& store) {
  if (journal.next_number() == flow.next_record()) return {};
  RowWriter writer(store, names);
  return journal.read(flow.next_record(), [&](const JournalRecord& record) -> Result<bool> {
    take_input(PURVEY_TRY(decode_record(record, names)), record.number, flow);
    if (flow.rows_waiting() >= kRowsHandedOver) PURVEY_TRY(writer.append(flow.take_rows()));
    return true;
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
  PURVEY_TRY(play_journal(records, names, flow, store));
  flow.finish();
  const auto info = PURVEY_TRY(flow.commit_info());
  PURVEY_TRY(RowWriter(store, names).append(flow.take_rows()));
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
