#include "store/archive/file_hash.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace purvey::store::archive {

base::Result<FileHash> hash_file(const std::string& path) {
  constexpr size_t kBlock = 1 << 18;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             std::fclose);
  if (!file) {
    auto message = fmt::format("{}: cannot be opened: {}", path, std::strerror(errno));
    return errno == ENOENT ? base::not_found(message) : base::unavailable(message);
  }
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  std::vector<char> block(kBlock);
  base::StreamHash hash;
  FileHash result;
  for (;;) {
    const size_t got = std::fread(block.data(), 1, block.size(), file.get());
    hash.add({block.data(), got});
    result.bytes += got;
    if (got == block.size()) continue;
    if (std::ferror(file.get()) != 0) {
      return base::unavailable(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    }
    result.hash = hash.value();
    return result;
  }
}

}  // namespace purvey::store::archive
