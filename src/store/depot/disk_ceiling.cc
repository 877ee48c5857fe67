#include "store/depot/disk_ceiling.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "store/depot/rebuilt_folder.h"
#include "store/facts/facts.h"

namespace purvey::store::depot {
namespace {

constexpr std::chrono::seconds kLookEvery{10};
constexpr std::chrono::seconds kLookEveryAtCeiling{1};
constexpr uint64_t kFreeShare = 10;

bool passes(const std::string& folder, const std::string& path) {
  return path == rebuild_folder(folder) ||
         path.starts_with(fmt::format("{}/{}", folder, facts::kSpillPrefix));
}

/// Below `within`, a folder of the data folder or that itself.
uint64_t bytes_below(const std::string& within, const std::string& folder, base::Disk& disk) {
  const auto names = disk.list(within);
  if (!names) return 0;
  uint64_t bytes = 0;
  for (const std::string& name : *names) {
    const std::string path = within + "/" + name;
    if (passes(folder, path)) continue;
    const auto status = disk.status(path);
    if (!status || !*status) continue;
    bytes += (*status)->is_folder ? bytes_below(path, folder, disk) : (*status)->bytes;
  }
  return bytes;
}

}  // namespace

uint64_t folder_bytes(const std::string& folder, base::Disk& disk) {
  return bytes_below(folder, folder, disk);
}

bool DiskCeiling::look(base::EventTime now, uint64_t going) {
  if (limit_ == 0) return false;
  const auto every = is_reached() ? kLookEveryAtCeiling : kLookEvery;
  // A clock that was set back must not keep it from looking.
  const bool is_soon = looked_ != base::kNever && now >= looked_ && now < looked_ + every;
  if (is_soon) return false;
  const uint64_t bytes = folder_bytes(folder_, disk_);
  bytes_ = bytes - std::min(bytes, going);
  looked_ = now;
  return true;
}

uint64_t DiskCeiling::bytes_too_many() const {
  const uint64_t aim = limit_ - limit_ / kFreeShare;
  const uint64_t bytes = bytes_;
  return bytes > aim ? bytes - aim : 0;
}

}  // namespace purvey::store::depot
