#include "verification.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "app/open_store.h"
#include "app/play_journal.h"
#include "base/file.h"
#include "base/packed.h"
#include "event/batch_codec.h"
#include "oracle.h"
#include "sim_engine.h"
#include "store/ledger/journal.h"

namespace purvey::simulation {
namespace {

using base::Error;
using base::Result;
using store::TableId;
using store::ledger::Journal;
using store::ledger::JournalRecord;
using store::ledger::RecordKind;

constexpr size_t kFileMax = size_t{1} << 30;
constexpr unsigned kMode = 0644;

Error wrong(std::string what) {
  return {base::ErrorCode::kInvalidInput, std::move(what)};
}

/// A record of the journal that outlives its reading.
struct Kept {
  JournalRecord record;
  std::string body;
};

/// The whole journal: segments that were dropped, and those that are there.
Result<std::vector<Kept>> read_journal(const Story& story, SimDisk& disk) {
  const std::string from = story.folder + "/journal";
  PURVEY_TRY(disk.make_folders("/journal"));
  const auto copy = [&](const std::string& name, const std::string& bytes) {
    return disk.write("/journal/" + name, bytes, kMode);
  };
  for (const auto& [path, bytes] : story.disk->removed()) {
    // The log too: a segment that was dropped before it was closed has its records there.
    if (bytes.empty() || !(path.ends_with(".db") || path.ends_with(".db-wal"))) continue;
    PURVEY_TRY(copy(path.substr(path.rfind('/') + 1), bytes));
  }
  for (const std::string& name : PURVEY_TRY(story.disk->list(from))) {
    const std::string path = from + "/" + name;
    const std::string bytes = PURVEY_TRY(base::read_file(path, kFileMax, *story.disk));
    PURVEY_TRY(copy(name, bytes));
  }
  const auto journal = PURVEY_TRY(Journal::open_to_read("/journal", disk));
  std::vector<Kept> all;
  PURVEY_TRY(journal->read(1, [&](const JournalRecord& record) -> Result<bool> {
    all.push_back({record, std::string(record.body)});
    return true;
  }));
  return all;
}

/// Records in memory, as a journal to be played.
class KeptJournal final : public Journal {
 public:
  explicit KeptJournal(const std::vector<Kept>& records) : records_(records) {}
  int64_t next_number() const override {
    return records_.empty() ? 1 : records_.back().record.number + 1;
  }
  int64_t next_seq() const override { return 1; }
  Result<void> append(std::span<JournalRecord>) override { return wrong("is only read"); }
  Result<void> read(int64_t number, const Visit& visit) override {
    for (const Kept& kept : records_) {
      if (kept.record.number < number) continue;
      JournalRecord record = kept.record;
      record.body = kept.body;
      if (!PURVEY_TRY(visit(record))) break;
    }
    return {};
  }
  Result<void> drop_before(int64_t) override { return wrong("is only read"); }

 private:
  const std::vector<Kept>& records_;
};

/// The same events in the same order, in records cut anew.
Result<std::vector<Kept>> recut(const std::vector<Kept>& records, Random& random) {
  std::vector<Kept> all;
  for (const Kept& kept : records) {
    if (kept.record.kind != RecordKind::kEvents) {
      all.push_back(kept);
      continue;
    }
    base::Dictionary names;
    event::EventBatch batch;
    const std::string body = PURVEY_TRY(base::unpack(kept.body, kFileMax));
    PURVEY_TRY(event::decode_rows(body, names, batch));
    for (size_t begin = 0; begin < batch.rows.size();) {
      const size_t end = begin + 1 + random.below(batch.rows.size() - begin);
      std::string rows;
      event::encode_rows(batch, begin, end, names, rows);
      Kept piece{kept.record, PURVEY_TRY(base::pack(rows, 1))};
      piece.record.events = static_cast<uint32_t>(end - begin);
      all.push_back(std::move(piece));
      begin = end;
    }
  }
  for (size_t i = 0; i < all.size(); ++i) all[i].record.number = static_cast<int64_t>(i) + 1;
  return all;
}

struct Played {
  std::string digest;
  Rows rows;
};

/// What a flow makes of the records that nothing disturbs.
Result<Played> play(const std::vector<Kept>& records, const app::Configuration& configuration,
                    SimDisk& disk, const std::string& folder) {
  const SimEngine engine(disk);
  const auto store =
      PURVEY_TRY(app::open_store(folder, configuration, {.disk = &disk, .engine = &engine}));
  KeptJournal journal(records);
  Played played;
  played.digest = PURVEY_TRY(app::replay_records(journal, folder, *store, configuration)).digest;
  played.rows = PURVEY_TRY(read_rows(disk, folder + "/archive", store->parts()));
  return played;
}

struct KpiRow {
  double value = 0;
  int64_t n = 0;
  int64_t revision = 0;
  bool is_final = false;
};

/// The latest rows.
std::map<KpiKey, KpiRow> all_latest_kpis(const Rows& rows) {
  const auto column = [](std::string_view name) { return column_of(TableId::kKpi, name); };
  std::map<KpiKey, std::pair<std::pair<int64_t, int64_t>, KpiRow>> latest;
  for (const Row& row : rows[static_cast<size_t>(TableId::kKpi)]) {
    const std::string& metric = row[column("metric")].text;
    const KpiKey key{metric, row[column("dimensions")].text, row[column("window_seconds")].number,
                     row[column("window_start")].number};
    const KpiRow value{std::bit_cast<double>(row[column("value")].number), row[column("n")].number,
                       row[column("revision")].number, row[column("final")].number != 0};
    const std::pair place(value.revision, row[0].number);
    const auto [known, is_new] = latest.try_emplace(key, place, value);
    if (!is_new && place >= known->second.first) known->second = {place, value};
  }
  std::map<KpiKey, KpiRow> kept;
  for (const auto& [key, entry] : latest) kept.emplace(key, entry.second);
  return kept;
}

std::string text_of(const KpiKey& key) {
  return fmt::format("{} {} of {} s from {}", key.metric, key.dimensions, key.seconds,
                     base::format_rfc3339({key.start}));
}

/// The first KPI that differs, for people.
std::string first_kpi_that_differs(const Rows& one, const Rows& other) {
  const auto kpis = all_latest_kpis(one);
  const auto others = all_latest_kpis(other);
  for (const auto& [key, row] : kpis) {
    const auto same = others.find(key);
    if (same == others.end()) {
      return fmt::format(": {} is {} (revision {}) and missing", text_of(key), row.value,
                         row.revision);
    }
    if (same->second.value != row.value || same->second.n != row.n ||
        same->second.is_final != row.is_final) {
      return fmt::format(": {} is {} of {}{} (revision {}) and {} of {}{} (revision {})",
                         text_of(key), row.value, row.n, row.is_final ? "" : ", open", row.revision,
                         same->second.value, same->second.n, same->second.is_final ? "" : ", open",
                         same->second.revision);
    }
  }
  for (const auto& [key, row] : others) {
    if (!kpis.contains(key)) return fmt::format(": {} is missing and {}", text_of(key), row.value);
  }
  return "";
}

/// The tables whose digests differ, for people.
std::string differences(const Rows& one, const Rows& other) {
  std::string names;
  std::string kpis;
  for (const store::TableSpec& table : store::all_tables()) {
    const auto place = static_cast<size_t>(table.id);
    Rows only_one;
    Rows only_other;
    only_one[place] = one[place];
    only_other[place] = other[place];
    if (digest_of(only_one) == digest_of(only_other)) continue;
    if (table.id == TableId::kKpi) kpis = first_kpi_that_differs(one, other);
    names += fmt::format("{}{} ({} and {} rows)", names.empty() ? "" : ", ", table.name,
                         one[place].size(), other[place].size());
  }
  return names + kpis;
}

bool is_close(double one, double other) {
  return std::abs(one - other) <= 1e-9 * std::max({1.0, std::abs(one), std::abs(other)});
}

Result<void> compare_verdicts(const Oracle& oracle, const Rows& rows) {
  const auto column = [](std::string_view name) { return column_of(TableId::kQuality, name); };
  Oracle::Verdicts seen;
  for (const Row& row : rows[static_cast<size_t>(TableId::kQuality)]) {
    seen[{row[column("source")].text, row[column("verdict")].text}] +=
        static_cast<uint64_t>(row[column("n")].number);
  }
  if (seen == oracle.verdicts()) return {};
  std::string text;
  for (const auto& verdicts : {seen, oracle.verdicts()}) {
    text += text.empty() ? "verdicts are" : "; the oracle says";
    for (const auto& [key, count] : verdicts) {
      text += fmt::format(" {}:{}={}", key.first, key.second, count);
    }
  }
  return wrong(text);
}

Result<void> compare_facts(const Oracle& oracle, const Rows& rows) {
  constexpr TableId kTables[] = {TableId::kOrderHead, TableId::kOrderStep, TableId::kOrderLine,
                                 TableId::kPayment,   TableId::kStockMove, TableId::kStockLevel,
                                 TableId::kCatalog,   TableId::kDeadLetter};
  for (const TableId table : kTables) {
    const std::string name(store::table_spec(table).name);
    const auto expected = oracle.facts().find(name);
    const uint64_t count = expected == oracle.facts().end() ? 0 : expected->second;
    const uint64_t seen = rows[static_cast<size_t>(table)].size();
    if (seen != count) return wrong(fmt::format("{} has {} rows instead of {}", name, seen, count));
  }
  return {};
}

Result<void> compare_kpis(Oracle& oracle, const Rows& rows) {
  const auto seen = all_latest_kpis(rows);
  for (const auto& [key, row] : seen) {
    if (!Oracle::knows(key.metric)) continue;
    const auto value = oracle.value(key);
    if (value && is_close(*value, row.value)) continue;
    // A row once told stays, when what it told was taken back.
    if (!value && row.value == 0 && row.n == 0 && row.revision > 0) continue;
    return wrong(fmt::format("{} rev {} is {}, the oracle says {}", text_of(key), row.revision,
                             row.value, value ? fmt::format("{}", *value) : "nothing"));
  }
  for (const KpiKey& key : oracle.expected_rows()) {
    if (!seen.contains(key)) {
      return wrong(fmt::format("{} is missing, the oracle says {}", text_of(key),
                               oracle.value(key).value_or(0)));
    }
  }
  return {};
}

Result<void> compare_statuses(const Oracle& oracle, const Story& story) {
  const auto expected = oracle.statuses();
  for (const auto& [order, status] : expected) {
    const auto seen = story.statuses->find(order);
    const std::string text = seen == story.statuses->end() ? "not known" : seen->second;
    if (text != status) {
      return wrong(fmt::format("order {} is {}, the oracle says {}", order, text, status));
    }
  }
  if (expected.size() == story.statuses->size()) return {};
  return wrong(
      fmt::format("{} orders are known instead of {}", story.statuses->size(), expected.size()));
}

/// The records as the oracle sees them: by what was sent, not by what was decoded.
Result<std::vector<JournaledInput>> inputs_of(const Story& story,
                                              const std::vector<Kept>& records) {
  std::vector<JournaledInput> inputs;
  std::set<size_t> missing = *story.acknowledged;
  for (const Kept& kept : records) {
    if (kept.record.kind == RecordKind::kStop)
      continue;  // says what is told when, not what is true
    JournaledInput input{.received = kept.record.received.micros,
                         .is_tick = kept.record.kind == RecordKind::kTick};
    if (!input.is_tick) {
      const auto batches = story.bodies->find(kept.body);
      if (batches == story.bodies->end()) {
        return wrong(fmt::format("record {} holds what nobody sent", kept.record.number));
      }
      input.events = story.clients->events(*batches->second.begin());
      for (const size_t batch : batches->second) missing.erase(batch);
    }
    inputs.push_back(std::move(input));
  }
  if (missing.empty()) return inputs;
  return wrong(fmt::format("{} acknowledged batches are lost, one of them of the event {}",
                           missing.size(), story.clients->events(*missing.begin()).front()->json));
}

Result<void> compare_with_oracle(const Story& story, const std::vector<JournaledInput>& inputs,
                                 const Rows& rows) {
  Oracle oracle;
  for (const JournaledInput& input : inputs) oracle.take(input);
  PURVEY_TRY(compare_verdicts(oracle, rows));
  PURVEY_TRY(compare_facts(oracle, rows));
  PURVEY_TRY(compare_statuses(oracle, story));
  return compare_kpis(oracle, rows);
}

}  // namespace

Result<std::string> verify(const Story& story) {
  Random random = story.random;
  const SimEngine engine(*story.disk);
  const auto store = PURVEY_TRY(
      app::open_store(story.folder, *story.configuration, {.disk = story.disk, .engine = &engine}));
  PURVEY_TRY(store->verify());
  const Rows rows = PURVEY_TRY(read_rows(*story.disk, story.folder + "/archive", store->parts()));
  SimDisk fresh(random.next());
  const auto records = PURVEY_TRY(read_journal(story, fresh));
  const auto inputs = PURVEY_TRY(inputs_of(story, records));
  PURVEY_TRY(compare_with_oracle(story, inputs, rows));

  const std::string digest = digest_of(rows);
  const Played again = PURVEY_TRY(play(records, *story.configuration, fresh, "/again"));
  if (again.digest != digest) {
    return wrong("its journal, played into a fresh folder, gives another digest: " +
                 differences(rows, again.rows));
  }
  app::Configuration other = *story.configuration;
  constexpr size_t kShards[] = {1, 2, 4, 7};
  other.shards.shards = kShards[random.below(std::size(kShards))];
  const auto cut = PURVEY_TRY(recut(records, random));
  const Played differently = PURVEY_TRY(play(cut, other, fresh, "/otherwise"));
  if (differently.digest != digest) {
    return wrong(
        fmt::format("its journal, cut anew and played with {} shards, gives another "
                    "digest: {}",
                    other.shards.shards, differences(rows, differently.rows)));
  }
  return digest;
}

}  // namespace purvey::simulation
