#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/disk.h"
#include "base/hash.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace purvey::store::ledger::internal {

/// How a file is opened.
enum class Access {
  kMake,       ///< made if it is not there
  kExisting,   ///< several processes at once
  kImmutable,  ///< where nothing can be written and nobody changes it: no locks, no file beside it
};

/// An open SQLite file.
class Sqlite {
 public:
  Sqlite() = default;
  ~Sqlite();
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  /// `vfs`: see base::Disk::sqlite_vfs().
  base::Result<void> open(const std::string& path, Access access, const char* vfs);
  /// Runs statements that give no rows.
  base::Result<void> run(const char* sql);
  /// Writes what the log holds into the file at `path`, and syncs both: the log is empty then, on
  /// disk too, so that no earlier state of it is ever played over the file.
  base::Result<void> merge_log(const std::string& path, base::Disk& disk);
  /// The error of the last call: which file, what, and what kind of trouble it is.
  base::Error error() const;
  sqlite3* get() const { return db_; }

 private:
  sqlite3* db_ = nullptr;
  std::string path_;
};

/// A prepared statement: bind all parameters from left to right, then step.
class Statement {
 public:
  static base::Result<Statement> prepare(Sqlite& db, std::string_view sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::string_view text);
  Statement& bind(int64_t value);
  /// `bytes` must stay until the statement was stepped.
  Statement& bind_bytes(std::string_view bytes);
  Statement& bind(const base::Hash128& hash) { return bind(std::string_view(hash.hex())); }

  /// True if there is a row. Errors: kUnavailable, kConflict (a constraint), kCorrupt.
  base::Result<bool> step();
  /// Runs a statement that gives no rows, and makes it ready to be bound again.
  base::Result<void> run();

  std::string text(int column) const;
  int64_t integer(int column) const;
  /// Until the next step.
  std::string_view bytes(int column) const;
  base::Result<base::Hash128> hash(int column) const;

 private:
  Statement(Sqlite& db, sqlite3_stmt* statement) : db_(&db), statement_(statement) {}

  Sqlite* db_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

}  // namespace purvey::store::ledger::internal
