#include "base/file_hash.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace purvey::base {

Result<FileHash> hash_file(const std::string& path, uint64_t limit) {
  constexpr size_t kBlock = 1 << 18;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             std::fclose);
  if (!file) {
    auto message = fmt::format("{}: cannot be opened: {}", path, std::strerror(errno));
    return errno == ENOENT ? not_found(message) : unavailable(message);
  }
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  std::vector<char> block(kBlock);
  StreamHash hash;
  FileHash result;
  while (result.bytes < limit) {
    const size_t wanted = std::min<uint64_t>(block.size(), limit - result.bytes);
    const size_t got = std::fread(block.data(), 1, wanted, file.get());
    hash.add({block.data(), got});
    result.bytes += got;
    if (got == wanted) continue;
    if (std::ferror(file.get()) != 0) {
      return unavailable(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    }
    break;
  }
  result.hash = hash.value();
  return result;
}

}  // namespace purvey::base
