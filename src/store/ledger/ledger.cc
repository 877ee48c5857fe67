#include "store/ledger/ledger.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "store/ledger/internal/schema.h"
#include "store/ledger/internal/sqlite.h"

namespace purvey::store::ledger {
namespace {

using base::Hash128;
using base::Result;
using internal::Access;
using internal::Sqlite;
using internal::Statement;

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
    PURVEY_TRY(internal::prepare_ledger(db_, path));
    PURVEY_TRY(check_pages(db_, path));
    // A log that is found may be in memory alone, where a sync failed: see Segment::merge_log().
    return db_.merge_log(path, disk);
  }

  Result<void> open_read_only(const std::string& path, base::Disk& disk) {
    const bool writable = can_write_beside(path, disk);
    if (!writable) PURVEY_TRY(check_no_log(path, disk));
    PURVEY_TRY(
        db_.open(path, writable ? Access::kExisting : Access::kImmutable, disk.sqlite_vfs()));
    if (PURVEY_TRY(internal::is_fresh_ledger(db_, path))) {
      return base::not_found(
          fmt::format("{}: holds nothing yet; replay something into the data folder first", path));
    }
    knows_days_ = PURVEY_TRY(internal::ledger_version(db_)) >= internal::kVersionOfDays;
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
  Result<std::vector<std::string>> replaced_files() override {
    std::vector<std::string> paths;
    if (!knows_days_) return paths;
    Statement row = PURVEY_TRY(Statement::prepare(db_, "SELECT path FROM replaced_file"));
    while (PURVEY_TRY(row.step())) paths.push_back(row.text(0));
    return paths;
  }
  Result<std::vector<DroppedRows>> dropped() override;

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
  Result<void> write_parts(const LedgerCommit& commit);
  Result<void> write_part(Statement& insert, const Part& part, int32_t stored_day);
  Result<void> remove_part(const Part& part);
  Result<void> write_dropped(const DroppedRows& dropped);
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
  bool knows_days_ = true;  ///< not so in an older file that is opened for questions only
};

Result<void> SqliteLedger::write(const LedgerCommit& commit) {
  PURVEY_TRY(write_parts(commit));
  for (const DroppedRows& dropped : commit.dropped) PURVEY_TRY(write_dropped(dropped));

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

Result<void> SqliteLedger::write_parts(const LedgerCommit& commit) {
  for (const Part& part : commit.removed) PURVEY_TRY(remove_part(part));
  Statement clear = PURVEY_TRY(Statement::prepare(db_, "DELETE FROM replaced_file WHERE path = ?"));
  for (const std::string& path : commit.cleared) {
    PURVEY_TRY(clear.bind(std::string_view(path)).run());
  }
  if (commit.stored_day != Part::kUnknownDay) {
    Statement date = PURVEY_TRY(Statement::prepare(
        db_, "UPDATE part SET stored_from = ?, stored_to = ? WHERE stored_from IS NULL"));
    PURVEY_TRY(date.bind(int64_t{commit.stored_day}).bind(int64_t{commit.stored_day}).run());
  }
  Statement insert = PURVEY_TRY(Statement::prepare(
      db_,
      "INSERT INTO part (table_name, month, name, rows, bytes, seq_from, seq_to, time_from, "
      "time_to, hash, stored_from, stored_to, is_thinned) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, -2147483648), nullif(?, -2147483648), ?)"));
  for (const Part& part : commit.parts) PURVEY_TRY(write_part(insert, part, commit.stored_day));
  return {};
}

Result<void> SqliteLedger::remove_part(const Part& part) {
  Statement remove = PURVEY_TRY(Statement::prepare(
      db_, "DELETE FROM part WHERE table_name = ? AND month = ? AND name = ? RETURNING name"));
  remove.bind(table_spec(part.table).name).bind(std::string_view(part.month));
  remove.bind(std::string_view(part.name));
  if (!PURVEY_TRY(remove.step())) {
    return base::conflict(fmt::format("state.db: {} is not there to be removed", part.path()));
  }
  PURVEY_TRY(remove.step());
  Statement replaced =
      PURVEY_TRY(Statement::prepare(db_, "INSERT OR IGNORE INTO replaced_file VALUES (?)"));
  return replaced.bind(std::string_view(part.path())).run();
}

Result<void> SqliteLedger::write_dropped(const DroppedRows& dropped) {
  Statement add = PURVEY_TRY(Statement::prepare(
      db_,
      "INSERT INTO dropped VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET rows = rows + "
      "excluded.rows, seq_to = max(seq_to, excluded.seq_to), stored_to = max(stored_to, "
      "excluded.stored_to)"));
  add.bind(table_spec(dropped.table).name).bind(std::string_view(dropped.cause));
  add.bind(static_cast<int64_t>(dropped.rows)).bind(dropped.seq_to);
  return add.bind(int64_t{dropped.stored_to}).run();
}

Result<std::vector<DroppedRows>> SqliteLedger::dropped() {
  std::vector<DroppedRows> all;
  if (!knows_days_) return all;
  Statement row = PURVEY_TRY(Statement::prepare(
      db_,
      "SELECT table_name, cause, rows, seq_to, stored_to FROM dropped ORDER BY table_name, cause"));
  while (PURVEY_TRY(row.step())) {
    all.push_back({.table = PURVEY_TRY(table_by_name(row.text(0))),
                   .cause = row.text(1),
                   .rows = static_cast<uint64_t>(row.integer(2)),
                   .seq_to = row.integer(3),
                   .stored_to = static_cast<int32_t>(row.integer(4))});
  }
  return all;
}

Result<void> SqliteLedger::write_part(Statement& insert, const Part& part, int32_t stored_day) {
  static_assert(Part::kUnknownDay == -2147483647 - 1, "the statement says so");
  insert.bind(table_spec(part.table).name).bind(std::string_view(part.month));
  insert.bind(std::string_view(part.name));
  insert.bind(static_cast<int64_t>(part.rows)).bind(static_cast<int64_t>(part.bytes));
  insert.bind(part.seq_from).bind(part.seq_to);
  insert.bind(part.time_from.micros).bind(part.time_to.micros).bind(part.hash);
  const bool is_dated = part.stored_from != Part::kUnknownDay;
  insert.bind(int64_t{is_dated ? part.stored_from : stored_day});
  insert.bind(int64_t{is_dated ? part.stored_to : stored_day});
  return insert.bind(int64_t{part.is_thinned}).run();
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
  const std::string_view days = knows_days_ ? "ifnull(stored_from, -2147483648), "
                                              "ifnull(stored_to, -2147483648), is_thinned"
                                            : "-2147483648, -2147483648, 0";
  const std::string select = fmt::format(
      "SELECT table_name, month, name, rows, bytes, seq_from, seq_to, time_from, time_to, hash, {} "
      "FROM part",
      days);
  Statement row = PURVEY_TRY(Statement::prepare(db_, select));
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
                     .hash = PURVEY_TRY(row.hash(9)),
                     .stored_from = static_cast<int32_t>(row.integer(10)),
                     .stored_to = static_cast<int32_t>(row.integer(11)),
                     .is_thinned = row.integer(12) != 0});
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
