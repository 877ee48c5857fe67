#include "store/depot/folder_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"

namespace purvey::store::depot {
namespace {

base::Error held_by_other(const std::string& folder) {
  constexpr size_t kPidBytesMax = 64;
  auto pid = base::read_file(folder + "/lock", kPidBytesMax).value_or("");
  while (pid.ends_with('\n')) pid.pop_back();
  return base::conflict(fmt::format(
      "{}: process {} is using this data folder; wait for it or stop it, or give another --data",
      folder, pid.empty() ? "(number unknown)" : pid));
}

}  // namespace

base::Result<std::unique_ptr<FolderLock>> FolderLock::take(const std::string& folder) {
  const std::string path = folder + "/lock";
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    return base::unavailable(fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
  }
  std::unique_ptr<FolderLock> lock(new FolderLock(descriptor));
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) return held_by_other(folder);
  const std::string pid = fmt::format("{}\n", getpid());
  const bool noted = ftruncate(descriptor, 0) == 0 && pwrite(descriptor, pid.data(), pid.size(),
                                                             0) == static_cast<ssize_t>(pid.size());
  if (noted) return lock;
  return base::unavailable(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
}

FolderLock::~FolderLock() {
  close(descriptor_);  // and with it the lock
}

}  // namespace purvey::store::depot
