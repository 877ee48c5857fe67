#include "store/ledger/ledger.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "store/ledger/internal/sqlite.h"

namespace purvey::store::ledger {
namespace {

using base::Hash128;
using base::Result;
using internal::Access;
using internal::Sqlite;
using internal::Statement;

constexpr int64_t kVersion = 2;
constexpr int64_t kApplicationId = 0x50555256;  // "PURV"

constexpr const char* kPragmas =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;";

constexpr const char* kSchema = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE progress (
  id INTEGER PRIMARY KEY CHECK (id = 1), commits INTEGER NOT NULL, next_seq INTEGER NOT NULL,
  watermark INTEGER NOT NULL) STRICT;
INSERT INTO progress VALUES (1, 0, 1, -9223372036854775807 - 1);
CREATE TABLE part (
  table_name TEXT NOT NULL, month TEXT NOT NULL, name TEXT NOT NULL, rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL, seq_from INTEGER NOT NULL, seq_to INTEGER NOT NULL,
  time_from INTEGER NOT NULL, time_to INTEGER NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (table_name, month, name)) STRICT, WITHOUT ROWID;
CREATE TABLE known_file (
  fingerprint TEXT PRIMARY KEY, size INTEGER NOT NULL, head_hash TEXT NOT NULL,
  name TEXT NOT NULL, events INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX known_file_by_head ON known_file (size, head_hash);
CREATE TABLE checkpoint (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, hash TEXT NOT NULL) STRICT;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
PRAGMA application_id = 1347768918;
COMMIT;
)sql";
static_assert(kApplicationId == 1347768918, "kSchema says so too");

// Of version 2: how a file is taken in again. A file of version 1 has no such rows (taken_by = 0).
constexpr const char* kSchemaOfFiles = R"sql(
BEGIN IMMEDIATE;
ALTER TABLE known_file ADD COLUMN path TEXT NOT NULL DEFAULT '';
ALTER TABLE known_file ADD COLUMN taken_by INTEGER NOT NULL DEFAULT 0;
ALTER TABLE known_file ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
ALTER TABLE known_file ADD COLUMN received INTEGER NOT NULL DEFAULT 0;
ALTER TABLE known_file ADD COLUMN next_record INTEGER NOT NULL DEFAULT 1;
CREATE TABLE known_file_source (
  fingerprint TEXT NOT NULL REFERENCES known_file, source TEXT NOT NULL, events INTEGER NOT NULL,
  purged INTEGER NOT NULL CHECK (purged IN (0, 1)),
  PRIMARY KEY (fingerprint, source)) STRICT, WITHOUT ROWID;
PRAGMA user_version = 2;
COMMIT;
)sql";
static_assert(kVersion == 2, "kSchemaOfFiles says so too");

Result<int64_t> pragma(Sqlite& db, std::string_view name) {
  Statement statement = PURVEY_TRY(Statement::prepare(db, fmt::format("PRAGMA {}", name)));
  PURVEY_TRY(statement.step());
  return statement.integer(0);
}

/// Tables and indexes of the file, whoever made them.
Result<int64_t> count_objects(Sqlite& db) {
  Statement statement = PURVEY_TRY(Statement::prepare(db, "SELECT count(*) FROM sqlite_master"));
  PURVEY_TRY(statement.step());
  return statement.integer(0);
}

/// True if nothing was made in the file yet; an error if another program or a newer Purvey did.
Result<bool> is_fresh(Sqlite& db, const std::string& path) {
  const int64_t version = PURVEY_TRY(pragma(db, "user_version"));
  const int64_t application = PURVEY_TRY(pragma(db, "application_id"));
  if (version == 0 && application == 0 && PURVEY_TRY(count_objects(db)) == 0) return true;
  if (application != kApplicationId) {
    return base::corrupt(
        fmt::format("{}: is not a Purvey ledger; choose another data folder", path));
  }
  if (version > kVersion) {
    return base::unsupported(
        fmt::format("{}: has format {}, this Purvey knows up to {}; use the newer Purvey", path,
                    version, kVersion));
  }
  return false;
}

Result<void> prepare_file(Sqlite& db, const std::string& path) {
  const bool fresh = PURVEY_TRY(is_fresh(db, path));
  PURVEY_TRY(db.run(kPragmas));
  if (fresh) PURVEY_TRY(db.run(kSchema));
  const int64_t version = PURVEY_TRY(pragma(db, "user_version"));
  return version < 2 ? db.run(kSchemaOfFiles) : Result<void>();
}

bool can_write_beside(const std::string& path, base::Disk& disk) {
  const auto folder = std::filesystem::path(path).parent_path();
  return disk.can_write(folder.empty() ? "." : folder.string());
}

/// Without the log, the file alone says what is committed.
Result<void> check_no_log(const std::string& path, base::Disk& disk) {
  const std::string log = path + "-wal";
  const auto status = PURVEY_TRY(disk.status(log));
  if (!status || status->bytes == 0) return {};
  return base::unavailable(fmt::format(
      "{}: a run that broke off left this to be finished, and its folder cannot be written; copy "
      "the data folder to a place that can be written and ask there",
      log));
}

/// SQLite finds a damaged page only when it meets it; this meets them all.
Result<void> check_pages(Sqlite& db, const std::string& path) {
  Statement check = PURVEY_TRY(Statement::prepare(db, "PRAGMA integrity_check(1)"));
  PURVEY_TRY(check.step());
  if (check.text(0) == "ok") return {};
  return base::corrupt(fmt::format(
      "{}: {}; bring it back from a backup, or move the data folder away", path, check.text(0)));
}

Result<TableId> table_by_name(std::string_view name) {
  for (const TableSpec& table : all_tables()) {
    if (table.name == name) return table.id;
  }
  return base::corrupt(fmt::format("state.db: a part of the unknown table '{}'", name));
}

class SqliteLedger final : public Ledger {
 public:
  Result<void> open(const std::string& path, base::Disk& disk) {
    PURVEY_TRY(db_.open(path, Access::kMake, disk.sqlite_vfs()));
    PURVEY_TRY(prepare_file(db_, path));
    PURVEY_TRY(check_pages(db_, path));
    // A log that is found may be in memory alone, where a sync failed: see Segment::merge_log().
    return db_.merge_log(path, disk);
  }

  Result<void> open_read_only(const std::string& path, base::Disk& disk) {
    const bool writable = can_write_beside(path, disk);
    if (!writable) PURVEY_TRY(check_no_log(path, disk));
    PURVEY_TRY(
        db_.open(path, writable ? Access::kExisting : Access::kImmutable, disk.sqlite_vfs()));
    if (PURVEY_TRY(is_fresh(db_, path))) {
      return base::not_found(
          fmt::format("{}: holds nothing yet; replay something into the data folder first", path));
    }
    PURVEY_TRY(db_.run("PRAGMA query_only=ON"));
    return check_pages(db_, path);
  }

  Result<void> commit(const LedgerCommit& commit) override {
    PURVEY_TRY(db_.run("BEGIN IMMEDIATE"));
    auto done = write(commit);
    if (done) done = db_.run("COMMIT");
    if (!done) static_cast<void>(db_.run("ROLLBACK"));  // the first error is the one to tell
    return done;
  }

  Result<Progress> progress() override {
    Statement row = PURVEY_TRY(
        Statement::prepare(db_, "SELECT commits, next_seq, watermark FROM progress WHERE id = 1"));
    if (!PURVEY_TRY(row.step())) return base::corrupt("state.db: progress is missing");
    return Progress{.commits = static_cast<uint64_t>(row.integer(0)),
                    .next_seq = row.integer(1),
                    .watermark = {row.integer(2)}};
  }

  Result<std::vector<Part>> parts() override;

  Result<std::map<std::string, std::string>> meta() override {
    Statement row = PURVEY_TRY(Statement::prepare(db_, "SELECT key, value FROM meta"));
    std::map<std::string, std::string> all;
    while (PURVEY_TRY(row.step())) all.emplace(row.text(0), row.text(1));
    return all;
  }

  Result<std::vector<CheckpointRef>> checkpoints() override {
    Statement row = PURVEY_TRY(
        Statement::prepare(db_, "SELECT name, hash FROM checkpoint ORDER BY id DESC LIMIT 2"));
    std::vector<CheckpointRef> found;
    while (PURVEY_TRY(row.step())) {
      found.push_back({.name = row.text(0), .hash = PURVEY_TRY(row.hash(1))});
    }
    return found;
  }

  Result<std::optional<KnownFile>> file_by_fingerprint(Hash128 fingerprint) override {
    Statement row = PURVEY_TRY(select_file("fingerprint = ?"));
    row.bind(fingerprint);
    return read_file_row(row);
  }

  Result<std::optional<KnownFile>> file_by_head(uint64_t size, Hash128 head_hash) override {
    Statement row = PURVEY_TRY(select_file("size = ? AND head_hash = ? ORDER BY fingerprint"));
    row.bind(static_cast<int64_t>(size)).bind(head_hash);
    return read_file_row(row);
  }

  Result<std::vector<KnownFile>> files() override;

 private:
  Result<void> write(const LedgerCommit& commit);
  Result<void> write_files(const LedgerCommit& commit);
  Result<void> write_part(Statement& insert, const Part& part);
  Result<void> write_checkpoint(const CheckpointRef& checkpoint);

  Result<Statement> select_file(std::string_view where) {
    return Statement::prepare(
        db_,
        fmt::format("SELECT fingerprint, size, head_hash, name, events FROM known_file WHERE {}",
                    where));
  }

  static Result<std::optional<KnownFile>> read_file_row(Statement& row) {
    if (!PURVEY_TRY(row.step())) return std::optional<KnownFile>();
    return std::optional<KnownFile>(KnownFile{.fingerprint = PURVEY_TRY(row.hash(0)),
                                              .size = static_cast<uint64_t>(row.integer(1)),
                                              .head_hash = PURVEY_TRY(row.hash(2)),
                                              .name = row.text(3),
                                              .events = static_cast<uint64_t>(row.integer(4))});
  }

  Sqlite db_;
};

Result<void> SqliteLedger::write(const LedgerCommit& commit) {
  Statement insert_part =
      PURVEY_TRY(Statement::prepare(db_, "INSERT INTO part VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const Part& part : commit.parts) PURVEY_TRY(write_part(insert_part, part));

  PURVEY_TRY(write_files(commit));
  Statement set_meta =
      PURVEY_TRY(Statement::prepare(db_, "INSERT OR REPLACE INTO meta VALUES (?, ?)"));
  for (const auto& [key, value] : commit.meta) {
    PURVEY_TRY(set_meta.bind(std::string_view(key)).bind(std::string_view(value)).run());
  }

  if (commit.checkpoint) PURVEY_TRY(write_checkpoint(*commit.checkpoint));
  Statement update = PURVEY_TRY(Statement::prepare(
      db_, "UPDATE progress SET commits = ?, next_seq = ?, watermark = ? WHERE id = 1"));
  update.bind(static_cast<int64_t>(commit.progress.commits));
  update.bind(commit.progress.next_seq).bind(commit.progress.watermark.micros);
  return update.run();
}

Result<void> SqliteLedger::write_files(const LedgerCommit& commit) {
  Statement insert = PURVEY_TRY(
      Statement::prepare(db_, "INSERT INTO known_file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  Statement insert_source =
      PURVEY_TRY(Statement::prepare(db_, "INSERT INTO known_file_source VALUES (?, ?, ?, ?)"));
  int64_t place = 0;
  for (const KnownFile& file : commit.files) {
    insert.bind(file.fingerprint).bind(static_cast<int64_t>(file.size)).bind(file.head_hash);
    insert.bind(std::string_view(file.name)).bind(static_cast<int64_t>(file.events));
    insert.bind(std::string_view(file.path)).bind(static_cast<int64_t>(commit.progress.commits));
    insert.bind(place++).bind(file.received.micros).bind(file.next_record);
    PURVEY_TRY(insert.run());
    for (const SourceCount& source : file.sources) {
      insert_source.bind(file.fingerprint).bind(std::string_view(source.source));
      insert_source.bind(static_cast<int64_t>(source.events)).bind(int64_t{source.purged});
      PURVEY_TRY(insert_source.run());
    }
  }
  return {};
}

Result<std::vector<KnownFile>> SqliteLedger::files() {
  Statement sources = PURVEY_TRY(Statement::prepare(
      db_, "SELECT fingerprint, source, events, purged FROM known_file_source ORDER BY 1, 2"));
  std::map<std::string, std::vector<SourceCount>> by_file;
  while (PURVEY_TRY(sources.step())) {
    by_file[sources.text(0)].push_back({.source = sources.text(1),
                                        .events = static_cast<uint64_t>(sources.integer(2)),
                                        .purged = sources.integer(3) != 0});
  }
  Statement row = PURVEY_TRY(Statement::prepare(
      db_,
      "SELECT fingerprint, size, head_hash, name, events, path, taken_by, received, next_record "
      "FROM known_file ORDER BY taken_by, place, name"));
  std::vector<KnownFile> files;
  while (PURVEY_TRY(row.step())) {
    files.push_back({.fingerprint = PURVEY_TRY(row.hash(0)),
                     .size = static_cast<uint64_t>(row.integer(1)),
                     .head_hash = PURVEY_TRY(row.hash(2)),
                     .name = row.text(3),
                     .events = static_cast<uint64_t>(row.integer(4)),
                     .path = row.text(5),
                     .commit = static_cast<uint64_t>(row.integer(6)),
                     .received = {row.integer(7)},
                     .next_record = row.integer(8),
                     .sources = std::move(by_file[row.text(0)])});
  }
  return files;
}

Result<void> SqliteLedger::write_part(Statement& insert, const Part& part) {
  insert.bind(table_spec(part.table).name).bind(std::string_view(part.month));
  insert.bind(std::string_view(part.name));
  insert.bind(static_cast<int64_t>(part.rows)).bind(static_cast<int64_t>(part.bytes));
  insert.bind(part.seq_from).bind(part.seq_to);
  insert.bind(part.time_from.micros).bind(part.time_to.micros).bind(part.hash);
  return insert.run();
}

Result<void> SqliteLedger::write_checkpoint(const CheckpointRef& checkpoint) {
  Statement insert = PURVEY_TRY(
      Statement::prepare(db_, "INSERT OR REPLACE INTO checkpoint (name, hash) VALUES (?, ?)"));
  PURVEY_TRY(insert.bind(std::string_view(checkpoint.name)).bind(checkpoint.hash).run());
  return db_.run(
      "DELETE FROM checkpoint WHERE id NOT IN (SELECT id FROM checkpoint ORDER BY id DESC LIMIT "
      "2)");
}

Result<std::vector<Part>> SqliteLedger::parts() {
  Statement row = PURVEY_TRY(Statement::prepare(
      db_,
      "SELECT table_name, month, name, rows, bytes, seq_from, seq_to, time_from, time_to, hash "
      "FROM part"));
  std::vector<Part> parts;
  while (PURVEY_TRY(row.step())) {
    parts.push_back({.table = PURVEY_TRY(table_by_name(row.text(0))),
                     .month = row.text(1),
                     .name = row.text(2),
                     .rows = static_cast<uint64_t>(row.integer(3)),
                     .bytes = static_cast<uint64_t>(row.integer(4)),
                     .seq_from = row.integer(5),
                     .seq_to = row.integer(6),
                     .time_from = {row.integer(7)},
                     .time_to = {row.integer(8)},
                     .hash = PURVEY_TRY(row.hash(9))});
  }
  std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
    return std::tie(a.table, a.month, a.seq_from, a.name) <
           std::tie(b.table, b.month, b.seq_from, b.name);
  });
  return parts;
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const std::string& path, base::Disk& disk) {
  auto ledger = std::make_unique<SqliteLedger>();
  PURVEY_TRY(ledger->open(path, disk));
  return std::unique_ptr<Ledger>(std::move(ledger));
}

Result<std::unique_ptr<Ledger>> Ledger::open_read_only(const std::string& path, base::Disk& disk) {
  auto ledger = std::make_unique<SqliteLedger>();
  PURVEY_TRY(ledger->open_read_only(path, disk));
  return std::unique_ptr<Ledger>(std::move(ledger));
}

}  // namespace purvey::store::ledger
