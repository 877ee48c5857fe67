#include "base/whole_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "base/file.h"

namespace purvey::base {
namespace {

constexpr size_t kBuffer = 1U << 22;

}  // namespace

WholeFile::~WholeFile() {
  if (behind_.valid()) behind_.wait();
  if (file_ >= 0) close(file_);
  if (has_name_) unlink(temporary_.c_str());
}

Error WholeFile::failed(std::string_view what) const {
  return unavailable(fmt::format("{}: cannot be {}: {}", path_, what, std::strerror(errno)));
}

Result<void> WholeFile::open() {
  struct stat status{};
  is_special_ = stat(path_.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  if (is_special_) {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    return file_ < 0 ? Result<void>(failed("opened")) : Result<void>();
  }
  temporary_ = fmt::format("{}.part-{}", path_, getpid());
  file_ = ::open(folder_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
  if (file_ < 0) {
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file_ < 0) return failed("made");
    has_name_ = true;
  }
  buffer_.reserve(kBuffer);
  return {};
}

Result<void> WholeFile::write(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > kBuffer) PURVEY_TRY(flush_behind());
  buffer_.append(bytes);
  return {};
}

Result<void> WholeFile::wait() {
  if (!behind_.valid()) return {};
  return behind_.get();
}

Result<void> WholeFile::flush_behind() {
  PURVEY_TRY(wait());
  leaving_.swap(buffer_);
  buffer_.clear();
  try {
    behind_ = std::async(std::launch::async, [this] { return write_out(leaving_); });
  } catch (const std::system_error&) {  // no thread to be had
    return write_out(leaving_);
  }
  return {};
}

Result<void> WholeFile::write_out(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(file_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return failed("written");
    bytes.remove_prefix(static_cast<size_t>(done));
  }
  return {};
}

Result<void> WholeFile::sync() {
  PURVEY_TRY(wait());
  PURVEY_TRY(write_out(buffer_));
  buffer_.clear();
  if (!is_special_ && fsync(file_) != 0) return failed("made durable");
  return {};
}

Result<void> WholeFile::commit() {
  PURVEY_TRY(sync());
  if (is_special_) return {};
  if (!has_name_) PURVEY_TRY(give_temporary_name());
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return failed("renamed");
  has_name_ = false;
  close(file_);
  file_ = -1;
  return sync_folder(folder_of(path_));
}

Result<void> WholeFile::give_temporary_name() {
  const std::string self = fmt::format("/proc/self/fd/{}", file_);
  unlink(temporary_.c_str());  // of a process that had this number and was killed here
  if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
    return failed("named");
  }
  has_name_ = true;
  return {};
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace purvey::base
