#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/disk.h"
#include "base/result.h"
#include "store/ledger/ledger.h"

namespace purvey::store::depot {

/// Saved states in `checkpoint/`, zstd-compressed, each known to the ledger by name and hash.
class CheckpointFiles {
 public:
  CheckpointFiles(std::string folder, base::Disk& disk) : folder_(std::move(folder)), disk_(disk) {}

  /// Writes `bytes` durably as the checkpoint of the `commit`-th commit. Errors: kUnavailable.
  base::Result<ledger::CheckpointRef> save(std::string_view bytes, uint64_t commit);

  /// Gives the bytes of a checkpoint. Errors: kCorrupt naming the file if it is missing or damaged.
  base::Result<std::string> load(const ledger::CheckpointRef& checkpoint);

  /// Deletes every file that `keep` does not name.
  void prune(std::span<const ledger::CheckpointRef> keep);

 private:
  const std::string folder_;
  base::Disk& disk_;
};

}  // namespace purvey::store::depot
