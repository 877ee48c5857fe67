#include "store/ledger/internal/sqlite.h"

#include <fmt/core.h>
#include <sqlite3.h>

#include <charconv>
#include <utility>

namespace purvey::store::ledger::internal {

using base::Error;
using base::Result;

Sqlite::~Sqlite() {
  sqlite3_close(db_);
}

Result<void> Sqlite::open(const std::string& path) {
  path_ = path;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &db_, kFlags, nullptr) != SQLITE_OK) return error();
  return {};
}

Result<void> Sqlite::run(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error();
  return {};
}

Error Sqlite::error() const {
  const int code = db_ == nullptr ? SQLITE_NOMEM : sqlite3_errcode(db_);
  const char* what = db_ == nullptr ? "out of memory" : sqlite3_errmsg(db_);
  auto message = fmt::format("{}: {}", path_, what);
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return base::corrupt(message + "; bring it back from a backup, or move the data folder away");
    case SQLITE_CONSTRAINT:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return base::conflict(std::move(message));
    default:
      return base::unavailable(std::move(message));
  }
}

Result<Statement> Statement::prepare(Sqlite& db, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
      SQLITE_OK) {
    return db.error();
  }
  return Statement(db, statement);
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_), statement_(std::exchange(other.statement_, nullptr)), bound_(other.bound_) {}

Statement& Statement::bind(std::string_view text) {
  sqlite3_bind_text64(statement_, ++bound_, text.data(), text.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind(int64_t value) {
  sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return db_->error();
}

Result<void> Statement::run() {
  PURVEY_TRY(step());
  sqlite3_reset(statement_);
  bound_ = 0;
  return {};
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column));
  return bytes == nullptr ? std::string() : std::string(bytes, size);
}

int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

Result<base::Hash128> Statement::hash(int column) const {
  constexpr size_t kHalf = 16;
  const std::string hex = text(column);
  base::Hash128 hash;
  const char* middle = hex.data() + std::min(hex.size(), kHalf);
  const char* end = hex.data() + hex.size();
  const bool good = hex.size() == 2 * kHalf &&
                    std::from_chars(hex.data(), middle, hash.high, 16).ptr == middle &&
                    std::from_chars(middle, end, hash.low, 16).ptr == end;
  if (!good) return base::corrupt(fmt::format("state.db: '{}' is not a hash", hex));
  return hash;
}

}  // namespace purvey::store::ledger::internal
