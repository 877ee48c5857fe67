#include "store/ledger/internal/schema.h"

#include <fmt/core.h>

namespace purvey::store::ledger::internal {
namespace {

using base::Result;

constexpr int64_t kVersion = 3;
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

// Of version 3: days on which rows were stored, and parts that are merged or go.
constexpr const char* kSchemaOfDays = R"sql(
BEGIN IMMEDIATE;
ALTER TABLE part ADD COLUMN stored_from INTEGER;
ALTER TABLE part ADD COLUMN stored_to INTEGER;
ALTER TABLE part ADD COLUMN is_thinned INTEGER NOT NULL DEFAULT 0;
CREATE TABLE replaced_file (path TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE dropped (
  table_name TEXT NOT NULL, cause TEXT NOT NULL, rows INTEGER NOT NULL, seq_to INTEGER NOT NULL,
  stored_to INTEGER NOT NULL, PRIMARY KEY (table_name, cause)) STRICT, WITHOUT ROWID;
PRAGMA user_version = 3;
COMMIT;
)sql";
static_assert(kVersion == 3 && kVersionOfDays == 3, "kSchemaOfDays says so too");

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

}  // namespace

Result<int64_t> ledger_version(Sqlite& db) {
  return pragma(db, "user_version");
}

Result<bool> is_fresh_ledger(Sqlite& db, const std::string& path) {
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

Result<void> prepare_ledger(Sqlite& db, const std::string& path) {
  const bool fresh = PURVEY_TRY(is_fresh_ledger(db, path));
  PURVEY_TRY(db.run(kPragmas));
  if (fresh) PURVEY_TRY(db.run(kSchema));
  const int64_t version = PURVEY_TRY(pragma(db, "user_version"));
  if (version < 2) PURVEY_TRY(db.run(kSchemaOfFiles));
  return version < kVersionOfDays ? db.run(kSchemaOfDays) : Result<void>();
}

}  // namespace purvey::store::ledger::internal
