#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>

#include "base/disk.h"
#include "base/file.h"

namespace purvey::base {
namespace {

namespace fs = std::filesystem;

Error io_error(const std::string& path, std::string_view what) {
  auto message = fmt::format("{}: {}: {}", path, what, std::strerror(errno));
  return errno == ENOENT ? not_found(std::move(message)) : unavailable(std::move(message));
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags, unsigned mode = 0)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
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
    const ssize_t done = ::write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return io_error(path, "cannot be written");
    bytes.remove_prefix(static_cast<size_t>(done));
  }
  return {};
}

class Mapping final : public MappedFile {
 public:
  Mapping(void* memory, size_t size) : memory_(memory), size_(size) {}
  ~Mapping() override { munmap(memory_, size_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  std::string_view bytes() const override { return {static_cast<const char*>(memory_), size_}; }

 private:
  void* const memory_;
  const size_t size_;
};

/// By flock(): the system lets go of it when the process ends, however that happens.
class Flock final : public FileHold {
 public:
  explicit Flock(int descriptor) : descriptor_(descriptor) {}
  ~Flock() override {
    if (descriptor_ >= 0) close(descriptor_);  // and with it the lock
  }
  Flock(const Flock&) = delete;
  Flock& operator=(const Flock&) = delete;
  int get() const { return descriptor_; }

 private:
  const int descriptor_;  ///< below 0: nothing to hold
};

int open_to_hold(const std::string& path, Holding holding) {
  constexpr unsigned kMode = 0644;
  if (holding == Holding::kAlone) return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor >= 0 || errno != ENOENT) return descriptor;
  return ::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, kMode);
}

class SystemDisk final : public Disk {
 public:
  Result<void> read(const std::string& path, const Visit& visit) override {
    const Descriptor file(path, O_RDONLY);
    if (!file.ok()) return read_error(path, "cannot be opened", errno);
    constexpr size_t kBlock = size_t{1} << 18;
    const auto block = std::make_unique_for_overwrite<char[]>(kBlock);
    for (;;) {
      const ssize_t got = ::read(file.get(), block.get(), kBlock);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return read_error(path, "cannot be read", errno);
      if (got == 0 || !visit({block.get(), static_cast<size_t>(got)})) return {};
    }
  }

  Result<std::unique_ptr<MappedFile>> map(const std::string& path) override {
    const Descriptor file(path, O_RDONLY);
    if (!file.ok()) return read_error(path, "cannot be opened", errno);
    struct stat status{};
    if (fstat(file.get(), &status) != 0) return read_error(path, "cannot be read", errno);
    const auto size = static_cast<size_t>(status.st_size);
    if (size == 0) return corrupt(path + ": is empty");
    void* const memory = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED) return read_error(path, "cannot be mapped", errno);
    return std::unique_ptr<MappedFile>(std::make_unique<Mapping>(memory, size));
  }

  Result<std::optional<PathStatus>> status(const std::string& path) override {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return std::optional<PathStatus>();
      return io_error(path, "cannot be looked at");
    }
    return std::optional(PathStatus{
        .bytes = static_cast<uint64_t>(status.st_size),
        .changed_ns = status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec,
        .is_folder = S_ISDIR(status.st_mode),
    });
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      names.push_back(entry->path().filename().string());
    }
    if (error) {
      auto message = fmt::format("{}: {}", folder, error.message());
      const bool missing = error == std::errc::no_such_file_or_directory;
      return missing ? not_found(std::move(message)) : unavailable(std::move(message));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  bool can_write(const std::string& folder) override { return access(folder.c_str(), W_OK) == 0; }

  Result<void> write(const std::string& path, std::string_view bytes, unsigned mode) override {
    const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (!file.ok()) return io_error(path, "cannot be made");
    return write_all(file.get(), path, bytes);
  }

  Result<void> sync(const std::string& path) override {
    const Descriptor file(path, O_RDONLY);
    if (!file.ok()) return io_error(path, "cannot be opened");
    if (fsync(file.get()) != 0) return io_error(path, "cannot be made durable");
    return {};
  }

  Result<void> sync_all(std::span<const std::string> paths) override;

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) == 0) return {};
    return io_error(to, "cannot be put in place");
  }

  Result<void> remove(const std::string& path) override {
    if (std::remove(path.c_str()) == 0 || errno == ENOENT) return {};
    return io_error(path, "cannot be removed");
  }

  Result<bool> make_folders(const std::string& folder) override {
    std::error_code error;
    const bool made = fs::create_directories(folder, error);
    if (error) return unavailable(fmt::format("{}: cannot be made: {}", folder, error.message()));
    return made;
  }

  Result<std::unique_ptr<FileHold>> hold(const std::string& path, Holding holding) override {
    auto file = std::make_unique<Flock>(open_to_hold(path, holding));
    if (file->get() < 0) {
      const bool missing = errno == EROFS || (errno == EACCES && access(path.c_str(), F_OK) != 0);
      if (holding == Holding::kShared && missing) return std::unique_ptr<FileHold>(std::move(file));
      return unavailable(fmt::format("{}: cannot be opened: {}", path, std::strerror(errno)));
    }
    const int how = holding == Holding::kAlone ? LOCK_EX : LOCK_SH;
    if (flock(file->get(), how | LOCK_NB) == 0) return std::unique_ptr<FileHold>(std::move(file));
    auto message = fmt::format("{}: cannot be locked: {}", path, std::strerror(errno));
    return errno == EWOULDBLOCK ? conflict(std::move(message)) : unavailable(std::move(message));
  }

  const char* sqlite_vfs() const override { return nullptr; }
};

Result<void> SystemDisk::sync_all(std::span<const std::string> paths) {
  // Threads that wait for the disk, not for a processor: 2,000 small files took 7 s one by one,
  // 0.15 s with 16.
  constexpr size_t kThreadsMax = 16;
  std::vector<Result<void>> results(paths.size());
  std::atomic<size_t> next = 0;
  const auto sync_some = [&] {
    for (size_t i = next++; i < paths.size(); i = next++) results[i] = sync(paths[i]);
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

}  // namespace

Disk& Disk::system() {
  static SystemDisk disk;
  return disk;
}

}  // namespace purvey::base
