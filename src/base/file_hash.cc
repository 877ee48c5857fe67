#include "base/file_hash.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <vector>

#include "base/file.h"

namespace purvey::base {

Result<FileHash> hash_file(const std::string& path, uint64_t limit) {
  constexpr size_t kBlock = 1 << 18;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             std::fclose);
  if (!file) {
    return read_error(path, "cannot be opened", errno);
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
      return read_error(path, "cannot be read", errno);
    }
    break;
  }
  result.hash = hash.value();
  return result;
}

}  // namespace purvey::base
