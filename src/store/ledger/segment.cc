#include "store/ledger/internal/segment.h"

#include <fmt/core.h>

#include <filesystem>

#include "base/crash_point.h"
#include "base/hash.h"

namespace purvey::store::ledger::internal {
namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr int64_t kVersion = 1;
constexpr int64_t kApplicationId = 0x5055524A;  // "PURJ"

constexpr const char* kSchema = R"sql(
PRAGMA page_size=16384;
BEGIN IMMEDIATE;
CREATE TABLE segment (
  id INTEGER PRIMARY KEY CHECK (id = 1), first_number INTEGER NOT NULL, first_seq INTEGER NOT NULL) STRICT;
CREATE TABLE record (
  number INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, events INTEGER NOT NULL,
  kind INTEGER NOT NULL, received INTEGER NOT NULL, hash INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
PRAGMA application_id = 1347768906;
PRAGMA user_version = 1;
)sql";
static_assert(kApplicationId == 1347768906 && kVersion == 1, "kSchema says so too");

// The log of a segment is merged into its file when it is closed, not by the thread that writes.
constexpr const char* kPragmas =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;";

Result<int64_t> number_of(Sqlite& db, std::string_view sql) {
  Statement statement = PURVEY_TRY(Statement::prepare(db, sql));
  PURVEY_TRY(statement.step());
  return statement.integer(0);
}

/// Of all that a record says.
int64_t hash_of(const JournalRecord& record) {
  uint64_t hash = base::hash64(record.body);
  hash = base::mix64(hash, static_cast<uint64_t>(record.number));
  hash = base::mix64(hash, static_cast<uint64_t>(record.first_seq));
  hash = base::mix64(hash, record.events);
  hash = base::mix64(hash, static_cast<uint64_t>(record.kind));
  return static_cast<int64_t>(base::mix64(hash, static_cast<uint64_t>(record.received.micros)));
}

}  // namespace

Result<void> Segment::make(const std::string& path, int64_t first_number, int64_t first_seq,
                           base::Disk& disk) {
  const std::string fresh = path + ".new";
  PURVEY_TRY(disk.remove(fresh));
  {
    Sqlite db;
    PURVEY_TRY(db.open(fresh, Access::kMake, disk.sqlite_vfs()));
    PURVEY_TRY(db.run(kSchema));
    PURVEY_TRY(db.run(
        fmt::format("INSERT INTO segment VALUES (1, {}, {}); COMMIT", first_number, first_seq)
            .c_str()));
    // While nobody knows it yet: a crash in the middle can leave a file that does not say that it
    // has a log, and an empty log beside it; of two connections to such a file one would lock the
    // other out.
    PURVEY_TRY(db.run("PRAGMA journal_mode=WAL"));
  }
  base::crash_point("segment_before_rename");
  PURVEY_TRY(disk.rename(fresh, path));
  return disk.sync(fs::path(path).parent_path().string());
}

Result<std::unique_ptr<Segment>> Segment::open(const std::string& path, base::Disk& disk) {
  std::unique_ptr<Segment> segment(new Segment(path));
  PURVEY_TRY(segment->open(disk));
  return segment;
}

Result<void> Segment::open(base::Disk& disk) {
  const bool is_writable = disk.can_write(fs::path(path_).parent_path().string());
  PURVEY_TRY(
      db_.open(path_, is_writable ? Access::kExisting : Access::kImmutable, disk.sqlite_vfs()));
  if (PURVEY_TRY(number_of(db_, "PRAGMA application_id")) != kApplicationId) {
    return base::corrupt(fmt::format("{}: is no segment of a Purvey journal", path_));
  }
  const int64_t version = PURVEY_TRY(number_of(db_, "PRAGMA user_version"));
  if (version > kVersion) {
    return base::unsupported(
        fmt::format("{}: has format {}, this Purvey knows up to {}; use the newer Purvey", path_,
                    version, kVersion));
  }
  if (is_writable) PURVEY_TRY(db_.run(kPragmas));
  Statement first = PURVEY_TRY(
      Statement::prepare(db_, "SELECT first_number, first_seq FROM segment WHERE id = 1"));
  if (!PURVEY_TRY(first.step())) return base::corrupt(path_ + ": does not say where it begins");
  span_ = {first.integer(0), first.integer(1), first.integer(0), first.integer(1)};
  Statement last = PURVEY_TRY(Statement::prepare(
      db_, "SELECT number, first_seq + events FROM record ORDER BY number DESC LIMIT 1"));
  if (PURVEY_TRY(last.step())) {
    span_.next_number = last.integer(0) + 1;
    span_.next_seq = last.integer(1);
  }
  const int64_t pages = PURVEY_TRY(number_of(db_, "PRAGMA page_count"));
  bytes_ = static_cast<uint64_t>(pages * PURVEY_TRY(number_of(db_, "PRAGMA page_size")));
  return {};
}

Result<void> Segment::merge_log(base::Disk& disk) {
  return db_.merge_log(path_, disk);
}

Result<void> Segment::append(std::span<JournalRecord> records) {
  PURVEY_TRY(db_.run("BEGIN IMMEDIATE"));
  const SegmentSpan before = span_;
  auto done = insert(records);
  base::crash_point("journal_before_commit");
  if (done) done = db_.run("COMMIT");
  if (!done) {
    span_ = before;
    static_cast<void>(db_.run("ROLLBACK"));  // the first error is the one to tell
    return done;
  }
  base::crash_point("journal_after_commit");
  for (const JournalRecord& record : records) bytes_ += record.body.size();
  return {};
}

Result<void> Segment::insert(std::span<JournalRecord> records) {
  Statement insert =
      PURVEY_TRY(Statement::prepare(db_, "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)"));
  for (JournalRecord& record : records) {
    record.number = span_.next_number++;
    record.first_seq = span_.next_seq;
    span_.next_seq += record.events;
    insert.bind(record.number).bind(record.first_seq).bind(int64_t{record.events});
    insert.bind(static_cast<int64_t>(record.kind)).bind(record.received.micros);
    insert.bind(hash_of(record)).bind_bytes(record.body);
    PURVEY_TRY(insert.run());
  }
  return {};
}

Result<bool> Segment::read(int64_t number, const Journal::Visit& visit) {
  Statement row = PURVEY_TRY(Statement::prepare(
      db_,
      "SELECT number, first_seq, events, kind, received, hash, body FROM record WHERE number >= ? "
      "ORDER BY number"));
  row.bind(number);
  int64_t expected = std::max(number, span_.first_number);
  while (PURVEY_TRY(row.step())) {
    const JournalRecord record{.number = row.integer(0),
                               .first_seq = row.integer(1),
                               .events = static_cast<uint32_t>(row.integer(2)),
                               .kind = static_cast<RecordKind>(row.integer(3)),
                               .received = {row.integer(4)},
                               .body = row.bytes(6)};
    if (record.number != expected) return damaged(expected, "is missing");
    if (row.integer(5) != hash_of(record)) return damaged(record.number, "is damaged");
    ++expected;
    if (!PURVEY_TRY(visit(record))) return false;
  }
  return true;
}

base::Error Segment::damaged(int64_t number, std::string_view what) const {
  return base::corrupt(
      fmt::format("{}: record {} {}; bring the file back from a backup", path_, number, what));
}

}  // namespace purvey::store::ledger::internal
