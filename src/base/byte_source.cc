#include "base/byte_source.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/decompressor.h"
#include "base/file.h"

namespace purvey::base {
namespace {

constexpr size_t kRawBlock = 1U << 18;
constexpr int kZstdWindowLogMax = 27;  // 128 MiB, as the zstd tool takes without being asked

/// The file itself: reads, counts and hashes raw bytes.
class RawFile {
 public:
  RawFile(int fd, std::string path, uint64_t size) : fd_(fd), path_(std::move(path)), size_(size) {}
  ~RawFile() { close(fd_); }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  Result<size_t> read(std::span<char> into) {
    for (;;) {
      const ssize_t got = ::read(fd_, into.data(), into.size());
      if (got >= 0) {
        const auto count = static_cast<size_t>(got);
        hash_.add({into.data(), count});
        taken_ += count;
        return count;
      }
      if (errno != EINTR) {
        return read_error(path_, "cannot be read", errno);
      }
    }
  }

  const std::string& path() const { return path_; }
  uint64_t taken() const { return taken_; }
  uint64_t size() const { return size_; }
  Hash128 fingerprint() const { return hash_.value(); }

 private:
  const int fd_;
  const std::string path_;
  const uint64_t size_;
  uint64_t taken_ = 0;
  StreamHash hash_;
};

/// What the three forms share: the file, and the raw bytes read ahead to tell the form.
class FileSource : public ByteSource {
 public:
  FileSource(std::unique_ptr<RawFile> file, std::vector<char> head)
      : file_(std::move(file)), block_(std::move(head)), block_end_(block_.size()) {}
  uint64_t raw_bytes() const override { return file_->taken(); }
  uint64_t raw_size() const override { return file_->size(); }
  Hash128 fingerprint() const override { return file_->fingerprint(); }

 protected:
  /// Makes sure that raw bytes are at hand, if any are left.
  Result<void> refill() {
    if (block_at_ < block_end_) return {};
    block_at_ = 0;
    block_.resize(kRawBlock);
    block_end_ = PURVEY_TRY(file_->read(block_));
    return {};
  }
  std::span<char> raw() { return std::span(block_).subspan(block_at_, block_end_ - block_at_); }
  void consume(size_t count) { block_at_ += count; }
  RawFile& file() { return *file_; }

  Error damaged(std::string_view what) const {
    return corrupt(fmt::format("{}: {}", file_->path(), what));
  }

 private:
  std::unique_ptr<RawFile> file_;
  std::vector<char> block_;
  size_t block_at_ = 0;
  size_t block_end_;
};

class PlainSource final : public FileSource {
 public:
  using FileSource::FileSource;

  Result<size_t> read(std::span<char> into) override {
    if (raw().empty()) return file().read(into);
    const size_t count = std::min(into.size(), raw().size());
    std::memcpy(into.data(), raw().data(), count);
    consume(count);
    return count;
  }
};

class PackedSource final : public FileSource {
 public:
  PackedSource(std::unique_ptr<RawFile> file, std::vector<char> head, std::string_view form,
               std::unique_ptr<Decompressor> decompressor)
      : FileSource(std::move(file), std::move(head)),
        form_(form),
        decompressor_(std::move(decompressor)) {}

  Result<size_t> read(std::span<char> into) override {
    size_t made = 0;
    while (made == 0) {
      PURVEY_TRY(refill());
      const auto given = raw();
      if (given.empty() && decompressor_->is_whole()) return size_t{0};
      const auto step = decompressor_->step(given, into);
      if (!step) return Error{step.error().code, damaged(step.error().message).message};
      consume(step->taken);
      made = step->made;
      if (given.empty() && made == 0) {
        return damaged(fmt::format("the {} stream ends in the middle", form_));
      }
    }
    return made;
  }

 private:
  const std::string_view form_;
  const std::unique_ptr<Decompressor> decompressor_;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return read_error(path, "cannot be opened", errno);
  }
  struct stat status{};
  const bool known = fstat(fd, &status) == 0;
  if (known && S_ISDIR(status.st_mode)) {
    close(fd);
    return read_error(path, "cannot be opened", EISDIR);
  }
  const uint64_t size =
      known && S_ISREG(status.st_mode) ? static_cast<uint64_t>(status.st_size) : 0;
  auto file = std::make_unique<RawFile>(fd, path, size);

  std::vector<char> head(4);
  size_t have = 0;
  while (have < head.size()) {
    const size_t got = PURVEY_TRY(file->read(std::span(head).subspan(have)));
    if (got == 0) break;
    have += got;
  }
  head.resize(have);
  const std::string_view magic(head.data(), head.size());
  using namespace std::string_view_literals;
  std::unique_ptr<ByteSource> source;
  if (magic.starts_with("\x1f\x8b"sv)) {
    source = std::make_unique<PackedSource>(std::move(file), std::move(head), "gzip",
                                            make_gzip_decompressor());
  } else if (magic == "\x28\xb5\x2f\xfd"sv) {
    source = std::make_unique<PackedSource>(std::move(file), std::move(head), "zstd",
                                            make_zstd_decompressor(kZstdWindowLogMax));
  } else {
    source = std::make_unique<PlainSource>(std::move(file), std::move(head));
  }
  return source;
}

}  // namespace purvey::base
