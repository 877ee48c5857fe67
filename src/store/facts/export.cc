#include "store/facts/internal/export.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/file.h"
#include "store/facts/internal/query.h"
#include "store/facts/views.h"
#include "store/result/writers.h"
#include "store/table.h"

namespace purvey::store::facts::internal {
namespace {

namespace fs = std::filesystem;
using base::Result;

std::vector<std::string> exported_names() {
  std::vector<std::string> names;
  for (const TableSpec& table : all_tables()) names.emplace_back(table.name);
  for (const std::string_view name : derived_view_names()) names.emplace_back(name);
  return names;
}

base::Error not_free(const std::string& folder) {
  return base::conflict(
      fmt::format("{}: exists and is not an empty folder; give a new one", folder));
}

Result<void> check_free(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return {};
  if (fs::is_directory(folder, error) && fs::is_empty(folder, error)) return {};
  return not_free(folder);
}

/// A new folder beside `target`, under a name that nothing had.
Result<std::string> make_partial_folder(const std::string& target) {
  constexpr int kMost = 10'000;  // left by as many exports that were killed
  std::error_code error;
  fs::create_directories(fs::path(target).parent_path(), error);
  for (int number = 1; !error && number <= kMost; ++number) {
    std::string partial = fmt::format("{}.partial-{}", target, number);
    if (mkdir(partial.c_str(), 0777) == 0) return partial;
    if (errno != EEXIST) error.assign(errno, std::generic_category());
  }
  return base::unavailable(fmt::format("{}: no folder can be made beside it: {}", target,
                                       error ? error.message() : "too many of its name are there"));
}

Result<void> put_in_place(const std::string& partial, const std::string& target) {
  if (std::rename(partial.c_str(), target.c_str()) == 0) return {};
  if (errno == ENOTEMPTY || errno == EEXIST) return not_free(target);  // another was quicker
  return base::unavailable(
      fmt::format("{}: cannot be put in place: {}", target, std::strerror(errno)));
}

Result<void> write_parquet(const Session& session, const std::string& name,
                           const std::string& path) {
  return run(session,
             fmt::format("COPY (SELECT * FROM \"{}\") TO {} (FORMAT parquet, COMPRESSION zstd)",
                         name, sql_text(path)));
}

base::Error write_error(const std::string& path) {
  return base::unavailable(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
}

Result<void> write_csv(const Session& session, const std::string& name, const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wbe"),
                                                             std::fclose);
  if (!file) return write_error(path);
  const auto writer = result::make_csv_writer([&](std::string_view bytes) -> Result<void> {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size()) return {};
    return write_error(path);
  });
  PURVEY_TRY(run_query(session, fmt::format("SELECT * FROM \"{}\"", name), kNoLimits, *writer));
  PURVEY_TRY(writer->finish());
  if (std::fflush(file.get()) != 0) return write_error(path);
  return {};
}

Result<void> write_all(const Session& session, const std::string& folder, ExportFormat format) {
  for (const std::string& name : exported_names()) {
    const bool parquet = format == ExportFormat::kParquet;
    const std::string path = fmt::format("{}/{}.{}", folder, name, parquet ? "parquet" : "csv");
    const auto done = parquet ? write_parquet(session, name, path) : write_csv(session, name, path);
    if (!done) return base::Error{done.error().code, path + ": " + done.error().message};
    PURVEY_TRY(base::sync_file(path));
  }
  return base::sync_folder(folder);
}

}  // namespace

Result<void> export_all(const Session& session, const std::string& folder, ExportFormat format) {
  const std::string target = fs::absolute(fs::path(folder) / "").parent_path().string();
  PURVEY_TRY(check_free(target));
  const std::string partial = PURVEY_TRY(make_partial_folder(target));
  auto done = write_all(session, partial, format);
  if (done) done = put_in_place(partial, target);
  if (!done) {
    std::error_code ignored;  // the first error is the one to tell
    fs::remove_all(partial, ignored);
    return done;
  }
  return base::sync_folder(fs::path(target).parent_path().string());
}

}  // namespace purvey::store::facts::internal
