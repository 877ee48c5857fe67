#include "store/depot/folder_lock.h"

#include <fmt/core.h>
#include <unistd.h>

#include "base/file.h"

namespace purvey::store::depot {
namespace {

base::Error changed_by_other(const std::string& folder, base::Disk& disk) {
  constexpr size_t kPidBytesMax = 64;
  auto pid = base::read_file(folder + "/lock", kPidBytesMax, disk).value_or("");
  while (pid.ends_with('\n')) pid.pop_back();
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
  constexpr unsigned kMode = 0644;
  PURVEY_TRY(disk.write(path, fmt::format("{}\n", getpid()), kMode));
  return std::unique_ptr<FolderLock>(new FolderLock(std::move(*hold)));
}

base::Result<std::unique_ptr<FolderLock>> FolderLock::take_shared(const std::string& folder,
                                                                  base::Disk& disk) {
  auto hold = disk.hold(folder + "/lock", base::Holding::kShared);
  if (hold) return std::unique_ptr<FolderLock>(new FolderLock(std::move(*hold)));
  if (hold.error().code == base::ErrorCode::kConflict) return changed_by_other(folder, disk);
  return hold.error();
}

}  // namespace purvey::store::depot
