// Files of any bytes, plain, gzip or zstd: small and large reads give the same content and end.
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/check.h"

namespace purvey::base {
namespace {

constexpr size_t kContentMost = 8U << 20;  // a bomb: enough was seen

/// A file in memory, with a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : fd_(memfd_create("input", MFD_CLOEXEC)) {
    PURVEY_CHECK(fd_ >= 0, "no file in memory");
    const auto written = write(fd_, bytes.data(), bytes.size());
    PURVEY_CHECK(written == static_cast<ssize_t>(bytes.size()), "a short write");
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  const int fd_;
};

struct Content {
  std::string bytes;
  std::string error;
  Hash128 fingerprint;
};

Content read_all(const std::string& path, size_t piece) {
  Content content;
  auto source = open_byte_source(path);
  PURVEY_CHECK(source.has_value(), "a file that cannot be opened");
  std::vector<char> into(piece);
  while (content.bytes.size() < kContentMost) {
    const auto got = (*source)->read(into);
    if (!got) {
      PURVEY_CHECK(got.error().code == ErrorCode::kCorrupt, "an error that is no damage");
      content.error = got.error().message;
      return content;
    }
    if (*got == 0) break;
    content.bytes.append(into.data(), *got);
  }
  PURVEY_CHECK((*source)->raw_bytes() <= (*source)->raw_size(), "more bytes than the file has");
  content.fingerprint = (*source)->fingerprint();
  return content;
}

void run(std::string_view bytes, size_t piece) {
  const MemoryFile file(bytes);
  const Content large = read_all(file.path(), 1U << 16);
  const Content small = read_all(file.path(), piece);
  if (large.bytes.size() >= kContentMost) return;
  PURVEY_CHECK(large.error.empty() == small.error.empty(), "an end that depends on the reads");
  if (!large.error.empty()) return;
  PURVEY_CHECK(large.bytes == small.bytes, "content that depends on the reads");
  PURVEY_CHECK(large.fingerprint == small.fingerprint, "a fingerprint that depends on the reads");
}

}  // namespace
}  // namespace purvey::base

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  purvey::base::run({reinterpret_cast<const char*>(data) + 1, size - 1}, 1 + data[0] * 16U);
  return 0;
}
