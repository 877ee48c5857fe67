#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "base/disk.h"
#include "base/event_time.h"

namespace purvey::store::depot {

/// The size of all files below a data folder, but for what passes: what large questions put on disk
/// while they run, and a folder that is being worked out anew. What goes meanwhile, or may not be
/// looked at (`lost+found` of a mount point), is not counted. Cost: one look-up for each file.
uint64_t folder_bytes(const std::string& folder, base::Disk& disk);

/// Whether a data folder is as large as it may be. One thread looks; any may ask.
class DiskCeiling {
 public:
  /// `limit` 0: no ceiling, nothing is ever measured.
  DiskCeiling(std::string folder, uint64_t limit, base::Disk& disk)
      : folder_(std::move(folder)), limit_(limit), disk_(disk) {}

  /// Measures, unless it did a moment ago: every ten seconds, each second while the ceiling is
  /// reached. True if it did. `now`: of the wall clock. `going`: bytes of files that nobody has to
  /// make room for any more, as they go by themselves; not counted.
  bool look(base::EventTime now, uint64_t going);

  bool is_reached() const { return limit_ > 0 && bytes_ >= limit_; }
  uint64_t bytes() const { return bytes_; }
  /// What has to go so that a tenth is free again.
  uint64_t bytes_too_many() const;

 private:
  const std::string folder_;
  const uint64_t limit_;
  base::Disk& disk_;
  base::EventTime looked_ = base::kNever;
  std::atomic<uint64_t> bytes_{0};
};

}  // namespace purvey::store::depot
