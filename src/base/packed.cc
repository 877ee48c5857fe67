#include "base/packed.h"

#include <fmt/core.h>
#include <zstd.h>

namespace purvey::base {

Result<std::string> pack(std::string_view bytes, int level) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size =
      ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), level);
  if (ZSTD_isError(size) != 0) return exhausted("no memory to compress with");
  packed.resize(size);
  return packed;
}

Result<std::string> unpack(std::string_view packed, size_t limit) {
  const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    return corrupt("is no zstd frame that tells its size");
  }
  if (size > limit) return corrupt(fmt::format("says that it unpacks to {} bytes", size));
  std::string bytes(size, '\0');
  const size_t got = ZSTD_decompress(bytes.data(), bytes.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) != 0 || got != size) return corrupt("cannot be decompressed");
  return bytes;
}

}  // namespace purvey::base
