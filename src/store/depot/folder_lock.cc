#include "store/depot/folder_lock.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/file.h"

namespace purvey::store::depot {
namespace {

constexpr unsigned kMode = 0644;
constexpr size_t kLockBytesMax = 16 * 1024;

/// The lines of the file: the number of the process, its URL, its certificate.
std::vector<std::string> lines_of_lock(const std::string& folder, base::Disk& disk) {
  const auto text = base::read_file(folder + "/lock", kLockBytesMax, disk).value_or("");
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

base::Error changed_by_other(const std::string& folder, base::Disk& disk) {
  const auto lines = lines_of_lock(folder, disk);
  const std::string pid = lines.empty() ? "" : lines[0];
  return base::conflict(fmt::format(
      "{}: process {} is using this data folder; wait for it or stop it, or give another --data",
      folder, pid.empty() ? "(number unknown)" : pid));
}

base::Error asked_by_others(const std::string& folder) {
  return base::conflict(fmt::format(
      "{}: questions are running on this data folder; wait for their answers, or give another "
      "--data",
      folder));
}

}  // namespace

base::Result<std::unique_ptr<FolderLock>> FolderLock::take_alone(const std::string& folder,
                                                                 base::Disk& disk) {
  const std::string path = folder + "/lock";
  auto hold = disk.hold(path, base::Holding::kAlone);
  if (!hold && hold.error().code == base::ErrorCode::kConflict) {
    const bool only_asked = disk.hold(path, base::Holding::kShared).has_value();
    return only_asked ? asked_by_others(folder) : changed_by_other(folder, disk);
  }
  if (!hold) return hold.error();
  PURVEY_TRY(disk.write(path, fmt::format("{}\n", getpid()), kMode));
  return std::unique_ptr<FolderLock>(new FolderLock(std::move(*hold), path, disk));
}

base::Result<std::unique_ptr<FolderLock>> FolderLock::take_shared(const std::string& folder,
                                                                  base::Disk& disk) {
  const std::string path = folder + "/lock";
  auto hold = disk.hold(path, base::Holding::kShared);
  if (hold) return std::unique_ptr<FolderLock>(new FolderLock(std::move(*hold), path, disk));
  if (hold.error().code == base::ErrorCode::kConflict) return changed_by_other(folder, disk);
  return hold.error();
}

base::Result<void> FolderLock::announce(const Announcement& announcement) {
  return disk_.write(
      path_, fmt::format("{}\n{}\n{}\n", getpid(), announcement.url, announcement.certificate),
      kMode);
}

std::optional<Announcement> FolderLock::announced(const std::string& folder, base::Disk& disk) {
  const std::string path = folder + "/lock";
  // A hold would make the file where it is missing.
  const auto status = disk.status(path);
  if (!status || !*status || disk.hold(path, base::Holding::kShared)) return std::nullopt;
  const auto lines = lines_of_lock(folder, disk);
  if (lines.size() < 2) return std::nullopt;
  return Announcement{.url = lines[1], .certificate = lines.size() > 2 ? lines[2] : ""};
}

}  // namespace purvey::store::depot
