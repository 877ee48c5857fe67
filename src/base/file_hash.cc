#include "base/file_hash.h"

#include <algorithm>

namespace purvey::base {

Result<FileHash> hash_file(const std::string& path, uint64_t limit, Disk& disk) {
  StreamHash hash;
  FileHash result;
  PURVEY_TRY(disk.read(path, [&](std::string_view piece) {
    piece = piece.substr(0, std::min<uint64_t>(piece.size(), limit - result.bytes));
    hash.add(piece);
    result.bytes += piece.size();
    return result.bytes < limit;
  }));
  result.hash = hash.value();
  return result;
}

}  // namespace purvey::base
