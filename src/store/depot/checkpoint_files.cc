#include "store/depot/checkpoint_files.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/file.h"
#include "base/packed.h"

namespace purvey::store::depot {
namespace {

constexpr unsigned kMode = 0644;
constexpr size_t kCheckpointBytesMax = size_t{1} << 36;  ///< 64 GiB: far above the keyed state
constexpr int kZstdLevel = 1;                            ///< 0.2 s for a million keys

base::Error damaged(const std::string& path, std::string_view why) {
  return base::corrupt(fmt::format(
      "{}: {}; bring the file back from a backup, or delete the data folder and replay its inputs",
      path, why));
}

}  // namespace

base::Result<ledger::CheckpointRef> CheckpointFiles::save(std::string_view bytes, uint64_t commit) {
  const std::string packed = PURVEY_TRY(base::pack(bytes, kZstdLevel));
  ledger::CheckpointRef checkpoint{.name = fmt::format("checkpoint-{}.zst", commit),
                                   .hash = base::hash128(packed)};
  PURVEY_TRY(base::write_file(folder_ + "/" + checkpoint.name, packed, kMode, disk_));
  return checkpoint;
}

base::Result<std::string> CheckpointFiles::load(const ledger::CheckpointRef& checkpoint) {
  const std::string path = folder_ + "/" + checkpoint.name;
  const auto packed = base::read_file(path, kCheckpointBytesMax, disk_);
  if (!packed) return damaged(path, "the newest checkpoint cannot be read");
  if (base::hash128(*packed) != checkpoint.hash) {
    return damaged(path, "the newest checkpoint is damaged (its hash is not the recorded one)");
  }
  auto bytes = base::unpack(*packed, kCheckpointBytesMax);
  if (!bytes) return damaged(path, bytes.error().message);
  return bytes;
}

void CheckpointFiles::prune(std::span<const ledger::CheckpointRef> keep) {
  const auto names = disk_.list(folder_);
  if (!names) return;  // tried again at the next commit
  for (const std::string& name : *names) {
    const bool kept = std::any_of(keep.begin(), keep.end(),
                                  [&](const auto& checkpoint) { return checkpoint.name == name; });
    const bool ours = name.starts_with("checkpoint-");
    if (!kept && ours) static_cast<void>(disk_.remove(folder_ + "/" + name));
  }
}

}  // namespace purvey::store::depot
