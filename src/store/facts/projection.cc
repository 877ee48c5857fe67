#include "store/facts/internal/projection.h"

#include <fmt/core.h>

#include <cstdio>
#include <filesystem>

#include "base/file.h"
#include "base/hash.h"
#include "store/facts/views.h"

namespace purvey::store::facts::internal {
namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr int kFormat = 1;  ///< raised when the text of a view changes
constexpr int kSetAsideMax = 5;
constexpr size_t kFileBytesMax = size_t{1} << 30;

std::string absolute(const std::string& path) {
  return fs::absolute(path).lexically_normal().string();
}

}  // namespace

Projection::Projection(FactsOptions options)
    : options_(std::move(options)),
      file_(options_.folder + "/facts.duckdb"),
      key_file_(options_.folder + "/facts.key"),
      archive_folder_(absolute(options_.folder + "/archive")) {}

Result<Session> Projection::open(const Committed& committed, const OpenOptions& options) {
  PURVEY_TRY(refresh(committed));
  auto session = open_file(options);
  if (session) return session;
  PURVEY_TRY(set_aside());
  PURVEY_TRY(build(committed, key_of(committed)));
  return open_file(options);
}

Result<void> Projection::refresh(const Committed& committed) {
  const std::string key = key_of(committed);
  if (is_intact(key)) return {};
  return build(committed, key);
}

/// True if the file shows what `key` says; a damaged file is set aside on the way.
bool Projection::is_intact(const std::string& key) const {
  const auto bytes = base::read_file(file_, kFileBytesMax);
  if (!bytes) return false;
  const auto recorded = base::read_file(key_file_, kFileBytesMax);
  // Without a record the file is one that we were replacing.
  if (!recorded) return false;
  const std::string hash = base::hash128(*bytes).hex();
  if (*recorded == fmt::format("{} {}\n", key, hash)) return true;
  if (recorded->find(hash) == std::string::npos) static_cast<void>(set_aside());
  return false;
}

std::string Projection::key_of(const Committed& committed) const {
  const std::string all =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", kFormat, duckdb_library_version(), archive_folder_,
                  options_.timezone, committed.watermark.micros, committed.commits);
  return base::hash128(all).hex();
}

Result<void> Projection::set_aside() const {
  int n = 1;
  while (n < kSetAsideMax && fs::exists(fmt::format("{}.corrupt-{}", file_, n))) ++n;
  const std::string kept = fmt::format("{}.corrupt-{}", file_, n);
  std::error_code error;
  fs::rename(file_, kept, error);
  if (error) return base::unavailable(fmt::format("{}: {}", kept, error.message()));
  return {};
}

Result<void> Projection::build(const Committed& committed, const std::string& key) {
  const std::string fresh = file_ + ".new";
  for (const std::string& old : {fresh, fresh + ".wal", file_ + ".wal", key_file_}) {
    std::remove(old.c_str());
  }
  {
    const Session session = PURVEY_TRY(open_session(
        {.path = fresh, .memory_limit_mb = options_.memory_limit_mb, .threads = options_.threads}));
    PURVEY_TRY(run(session, "BEGIN"));
    const ViewContext context{.archive_folder = archive_folder_,
                              .timezone = options_.timezone,
                              .watermark = committed.watermark};
    for (const View& view : all_views(committed.parts, context)) {
      const auto made =
          run(session, fmt::format("CREATE VIEW \"{}\" AS {}", view.name, view.select));
      if (!made) {
        return base::Error{made.error().code,
                           fmt::format("view {}: {}", view.name, made.error().message)};
      }
    }
    PURVEY_TRY(run(session, "COMMIT"));
    PURVEY_TRY(run(session, "CHECKPOINT"));
  }
  const std::string bytes = PURVEY_TRY(base::read_file(fresh, kFileBytesMax));
  if (std::rename(fresh.c_str(), file_.c_str()) != 0) {
    return base::unavailable(fmt::format("{}: cannot be put in place", file_));
  }
  return base::write_file(key_file_, fmt::format("{} {}\n", key, base::hash128(bytes).hex()));
}

Result<Session> Projection::open_file(const OpenOptions& options) const {
  Session session = PURVEY_TRY(open_session({.path = file_,
                                             .read_only = true,
                                             .memory_limit_mb = options.memory_limit_mb,
                                             .threads = options_.threads}));
  PURVEY_TRY(run(session, "SET TimeZone = 'UTC'"));
  PURVEY_TRY(run(session, fmt::format("SET temp_directory = {}",
                                      sql_text(absolute(options_.folder + "/facts.tmp")))));
  if (!options.jailed) return session;
  for (const std::string& setting : {
           fmt::format("SET allowed_directories = [{}]", sql_text(archive_folder_)),
           std::string("SET enable_external_access = false"),
           std::string("SET lock_configuration = true"),
       }) {
    PURVEY_TRY(run(session, setting));
  }
  return session;
}

}  // namespace purvey::store::facts::internal
