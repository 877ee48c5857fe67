#include "base/file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

namespace purvey::base {
namespace {

Error io_error(const std::string& path, std::string_view what) {
  auto message = fmt::format("{}: {}: {}", path, what, std::strerror(errno));
  return errno == ENOENT ? not_found(std::move(message)) : unavailable(std::move(message));
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags, unsigned mode = 0)
      : fd_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

Result<void> write_all(int fd, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return io_error(path, "cannot be written");
    bytes.remove_prefix(static_cast<size_t>(done));
  }
  return {};
}

Result<void> write_and_sync(const std::string& path, std::string_view bytes, unsigned mode) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  if (!file.ok()) return io_error(path, "cannot be made");
  PURVEY_TRY(write_all(file.get(), path, bytes));
  if (fsync(file.get()) != 0) return io_error(path, "cannot be made durable");
  return {};
}

Result<void> sync_path(const std::string& path, int flags) {
  const Descriptor file(path, flags);
  if (!file.ok()) return io_error(path, "cannot be opened");
  if (fsync(file.get()) != 0) return io_error(path, "cannot be made durable");
  return {};
}

}  // namespace

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

Result<void> write_file(const std::string& path, std::string_view bytes, unsigned mode) {
  const std::string temporary = path + ".tmp";
  auto written = write_and_sync(temporary, bytes, mode);
  if (!written) {
    std::remove(temporary.c_str());
    return written;
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    auto error = io_error(path, "cannot be put in place");
    std::remove(temporary.c_str());
    return error;
  }
  const auto folder = std::filesystem::path(path).parent_path();
  return sync_folder(folder.empty() ? "." : folder.string());
}

Result<std::string> read_file(const std::string& path, size_t limit) {
  const Descriptor file(path, O_RDONLY);
  if (!file.ok()) return read_error(path, "cannot be opened", errno);
  std::string bytes;
  char block[1 << 16];
  for (;;) {
    const ssize_t got = read(file.get(), block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return read_error(path, "cannot be read", errno);
    if (got == 0) return bytes;
    bytes.append(block, static_cast<size_t>(got));
    if (bytes.size() > limit) {
      return exhausted(fmt::format("{}: larger than {} bytes", path, limit));
    }
  }
}

Result<void> sync_file(const std::string& path) {
  return sync_path(path, O_RDONLY);
}

Result<void> sync_folder(const std::string& path) {
  return sync_path(path, O_RDONLY | O_DIRECTORY);
}

Result<void> sync_all(std::span<const std::string> paths) {
  // Threads that wait for the disk, not for a processor: 2,000 small files took 7 s one by one,
  // 0.15 s with 16.
  constexpr size_t kThreadsMax = 16;
  std::vector<Result<void>> results(paths.size());
  std::atomic<size_t> next = 0;
  const auto sync_some = [&] {
    for (size_t i = next++; i < paths.size(); i = next++)
      results[i] = sync_path(paths[i], O_RDONLY);
  };
  {
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < std::min(paths.size(), kThreadsMax); ++i)
      threads.emplace_back(sync_some);
    sync_some();
  }
  for (Result<void>& result : results) PURVEY_TRY(std::move(result));
  return {};
}

}  // namespace purvey::base
