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

base::Error failed(const std::string& path, const char* what) {
  return base::unavailable(fmt::format("{}: {}: {}", path, what, std::strerror(errno)));
}

base::Error changed_by_other(const std::string& folder) {
  constexpr size_t kPidBytesMax = 64;
  auto pid = base::read_file(folder + "/lock", kPidBytesMax).value_or("");
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

int open_to_hold(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor >= 0 || errno != ENOENT) return descriptor;
  return open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
}

}  // namespace

base::Result<std::unique_ptr<FolderLock>> FolderLock::take_alone(const std::string& folder) {
  const std::string path = folder + "/lock";
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return failed(path, "cannot be opened");
  std::unique_ptr<FolderLock> lock(new FolderLock(descriptor));
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed(path, "cannot be locked");
    const bool only_asked = flock(descriptor, LOCK_SH | LOCK_NB) == 0;
    return only_asked ? asked_by_others(folder) : changed_by_other(folder);
  }
  const std::string pid = fmt::format("{}\n", getpid());
  const bool noted = ftruncate(descriptor, 0) == 0 && pwrite(descriptor, pid.data(), pid.size(),
                                                             0) == static_cast<ssize_t>(pid.size());
  if (noted) return lock;
  return failed(path, "cannot be written");
}

base::Result<std::unique_ptr<FolderLock>> FolderLock::take_shared(const std::string& folder) {
  const std::string path = folder + "/lock";
  std::unique_ptr<FolderLock> lock(new FolderLock(open_to_hold(path)));
  if (lock->descriptor_ < 0) {
    const bool missing = errno == EROFS || (errno == EACCES && access(path.c_str(), F_OK) != 0);
    if (missing) return lock;
    return failed(path, "cannot be opened");
  }
  if (flock(lock->descriptor_, LOCK_SH | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return failed(path, "cannot be locked");
  return changed_by_other(folder);
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) close(descriptor_);  // and with it the lock
}

}  // namespace purvey::store::depot
