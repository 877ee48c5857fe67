#include "store/facts/internal/projection.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/hash.h"
#include "store/facts/views.h"

namespace purvey::store::facts::internal {
namespace {

namespace fs = std::filesystem;
using base::Result;

/// What questions may put on disk while they run; the flow needs the rest of it.
constexpr const char* kSpillMax = "8GB";
constexpr int kSetAsideMax = 5;
constexpr size_t kFileBytesMax = size_t{1} << 30;

std::string absolute(const std::string& path) {
  return fs::absolute(path).lexically_normal().string();
}

Result<void> make_views(const Session& session, const std::vector<View>& views) {
  PURVEY_TRY(run(session, "BEGIN"));
  for (const View& view : views) {
    const auto made = run(session, fmt::format("CREATE VIEW \"{}\" AS {}", view.name, view.select));
    if (made) continue;
    return base::Error{made.error().code,
                       fmt::format("view {}: {}", view.name, made.error().message)};
  }
  return run(session, "COMMIT");
}

/// The name of a folder that no other session uses, not made yet, for what a large question puts on
/// disk: the engine makes it when it needs it and removes it at its end. Empty, which keeps the
/// engine from the disk, if the data folder cannot be written.
std::string name_for_spilling(const std::string& folder) {
  std::string name = absolute(fmt::format("{}/{}XXXXXX", folder, kSpillPrefix));
  if (mkdtemp(name.data()) == nullptr) return "";
  static_cast<void>(rmdir(name.c_str()));
  return name;
}

}  // namespace

Projection::Projection(FactsOptions options)
    : options_(std::move(options)),
      file_(options_.folder + "/facts.duckdb"),
      key_file_(options_.folder + "/facts.key"),
      archive_folder_(absolute(options_.folder + "/archive")) {}

Result<Session> Projection::open(const Committed& committed, const OpenOptions& options) const {
  const auto views = all_views(committed.parts, {.archive_folder = archive_folder_,
                                                 .timezone = options_.timezone,
                                                 .watermark = committed.watermark,
                                                 .dropped = committed.dropped});
  const std::string key = key_of(views);
  if (!options_.in_memory && is_intact(key)) {
    auto session = open_file(options);
    if (session) return session;
    if (!options_.shared) PURVEY_TRY(set_aside());
  }
  if (options_.shared) return open_in_memory(views, options);
  PURVEY_TRY(build(views, key));
  return open_file(options);
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

std::string Projection::key_of(const std::vector<View>& views) {
  base::StreamHash hash;
  hash.add(duckdb_library_version());
  for (const View& view : views) hash.add(fmt::format("\n{}\n{}", view.name, view.select));
  return hash.value().hex();
}

void Projection::clear_spilled() const {
  std::error_code ignored;  // tried again at the next start
  const std::string prefix = fmt::format("{}/{}", options_.folder, kSpillPrefix);
  for (const auto& entry : fs::directory_iterator(options_.folder, ignored)) {
    if (entry.path().string().starts_with(prefix)) fs::remove_all(entry.path(), ignored);
  }
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

Result<void> Projection::build(const std::vector<View>& views, const std::string& key) const {
  const std::string fresh = file_ + ".new";
  for (const std::string& old : {fresh, fresh + ".wal", file_ + ".wal", key_file_}) {
    std::remove(old.c_str());
  }
  {
    const Session session = PURVEY_TRY(open_session(
        {.path = fresh, .memory_limit_mb = options_.memory_limit_mb, .threads = options_.threads}));
    PURVEY_TRY(make_views(session, views));
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
  PURVEY_TRY(confine(session, options));
  return session;
}

Result<Session> Projection::open_in_memory(const std::vector<View>& views,
                                           const OpenOptions& options) const {
  Session session = PURVEY_TRY(
      open_session({.memory_limit_mb = options.memory_limit_mb, .threads = options_.threads}));
  PURVEY_TRY(make_views(session, views));
  PURVEY_TRY(confine(session, options));
  return session;
}

Result<void> Projection::confine(const Session& session, const OpenOptions& options) const {
  PURVEY_TRY(run(session, "SET TimeZone = 'UTC'"));
  const std::string spill = name_for_spilling(options_.folder);
  PURVEY_TRY(run(session, fmt::format("SET temp_directory = {}", sql_text(spill))));
  if (!spill.empty()) {
    PURVEY_TRY(run(session, fmt::format("SET max_temp_directory_size = '{}'", kSpillMax)));
  }
  if (!options.jailed) return {};
  for (const std::string& setting : {
           fmt::format("SET allowed_directories = [{}]", sql_text(archive_folder_)),
           std::string("SET enable_external_access = false"),
           std::string("SET lock_configuration = true"),
       }) {
    PURVEY_TRY(run(session, setting));
  }
  return {};
}

}  // namespace purvey::store::facts::internal
