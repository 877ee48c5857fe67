#include "base/file.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

namespace purvey::base {

Error read_error(const std::string& path, std::string_view what, int error_number) {
  if (error_number == EISDIR) return invalid_input(fmt::format("{}: a folder; name a file", path));
  auto message = fmt::format("{}: {}: {}", path, what, std::strerror(error_number));
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return not_found(std::move(message));
    case EACCES:
    case EPERM:
    case ELOOP:
    case ENAMETOOLONG:
      return invalid_input(std::move(message));
    default:
      return unavailable(std::move(message));
  }
}

bool is_same_file(const std::string& one, const std::string& other) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const auto file = fs::weakly_canonical(fs::absolute(one, failed), failed);
  if (file != fs::weakly_canonical(fs::absolute(other, failed), failed)) return false;
  return !fs::exists(file, failed) || fs::is_regular_file(file, failed);
}

Result<void> write_file(const std::string& path, std::string_view bytes, unsigned mode,
                        Disk& disk) {
  const std::string temporary = path + ".tmp";
  auto done = disk.write(temporary, bytes, mode);
  if (done) done = disk.sync(temporary);
  if (done) done = disk.rename(temporary, path);
  if (!done) {
    static_cast<void>(disk.remove(temporary));  // the first error is the one to tell
    return done;
  }
  const auto folder = std::filesystem::path(path).parent_path();
  return disk.sync(folder.empty() ? "." : folder.string());
}

Result<std::string> read_file(const std::string& path, size_t limit, Disk& disk) {
  std::string bytes;
  PURVEY_TRY(disk.read(path, [&](std::string_view piece) {
    bytes.append(piece);
    return bytes.size() <= limit;
  }));
  if (bytes.size() <= limit) return bytes;
  return exhausted(fmt::format("{}: larger than {} bytes", path, limit));
}

Result<void> make_folder(const std::string& path, Disk& disk) {
  namespace fs = std::filesystem;
  const fs::path whole = fs::absolute(path).lexically_normal();
  std::vector<fs::path> parents;  // whose names change
  for (fs::path at = whole; at.has_relative_path(); at = at.parent_path()) {
    if (PURVEY_TRY(disk.status(at.string()))) break;
    parents.push_back(at.parent_path());
  }
  PURVEY_TRY(disk.make_folders(whole.string()));
  for (const fs::path& parent : parents) PURVEY_TRY(disk.sync(parent.string()));
  // The folder above one that was there may be somebody else's, whom nobody can ask for durability.
  if (parents.empty()) static_cast<void>(disk.sync(whole.parent_path().string()));
  return {};
}

Result<void> sync_file(const std::string& path) {
  return Disk::system().sync(path);
}

Result<void> sync_folder(const std::string& path) {
  return Disk::system().sync(path);
}

}  // namespace purvey::base
