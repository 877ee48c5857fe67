#include "store/ledger/internal/sqlite.h"

#include <fmt/core.h>
#include <sqlite3.h>

#include <charconv>
#include <filesystem>
#include <utility>

namespace purvey::store::ledger::internal {

using base::Error;
using base::Result;

namespace {

/// Who opens or closes the file at the same moment holds it for some milliseconds.
constexpr int kOthersMs = 5000;

int flags_of(Access access) {
  switch (access) {
    case Access::kMake:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case Access::kExisting:
      return SQLITE_OPEN_READWRITE;
    case Access::kImmutable:
      return SQLITE_OPEN_READONLY;
  }
  return 0;
}

std::string uri_of(const std::string& path, Access access) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(path).lexically_normal().string()) {
    const bool special = c == '%' || c == '?' || c == '#';
    uri += special ? fmt::format("%{:02x}", static_cast<unsigned>(c)) : std::string(1, c);
  }
  return access == Access::kImmutable ? uri + "?immutable=1" : uri;
}

}  // namespace

Sqlite::~Sqlite() {
  sqlite3_close(db_);
}

Result<void> Sqlite::open(const std::string& path, Access access, const char* vfs) {
  path_ = path;
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | flags_of(access);
  if (sqlite3_open_v2(uri_of(path, access).c_str(), &db_, flags, vfs) != SQLITE_OK) {
    return error();
  }
  sqlite3_busy_timeout(db_, kOthersMs);
  return {};
}

Result<void> Sqlite::run(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error();
  return {};
}

Result<void> Sqlite::merge_log(const std::string& path, base::Disk& disk) {
  PURVEY_TRY(run("PRAGMA wal_checkpoint(TRUNCATE)"));
  const auto log = PURVEY_TRY(disk.status(path + "-wal"));
  return log ? disk.sync(path + "-wal") : Result<void>();
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

Statement& Statement::bind_bytes(std::string_view bytes) {
  // A null pointer would be bound as NULL.
  const char* data = bytes.empty() ? "" : bytes.data();
  sqlite3_bind_blob64(statement_, ++bound_, data, bytes.size(), SQLITE_STATIC);
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

std::string_view Statement::bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column));
  return bytes == nullptr ? std::string_view() : std::string_view(bytes, size);
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
