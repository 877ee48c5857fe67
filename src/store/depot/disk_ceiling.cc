#include "store/depot/disk_ceiling.h"

#include <chrono>

namespace purvey::store::depot {
namespace {

constexpr std::chrono::seconds kLookEvery{10};
constexpr std::chrono::seconds kLookEveryAtCeiling{1};
constexpr uint64_t kFreeShare = 10;

}  // namespace

uint64_t folder_bytes(const std::string& folder, base::Disk& disk) {
  const auto names = disk.list(folder);
  if (!names) return 0;
  uint64_t bytes = 0;
  for (const std::string& name : *names) {
    const std::string path = folder + "/" + name;
    const auto status = disk.status(path);
    if (!status || !*status) continue;
    bytes += (*status)->is_folder ? folder_bytes(path, disk) : (*status)->bytes;
  }
  return bytes;
}

bool DiskCeiling::look(base::EventTime now) {
  if (limit_ == 0) return false;
  const auto every = is_reached() ? kLookEveryAtCeiling : kLookEvery;
  // A clock that was set back must not keep it from looking.
  const bool is_soon = looked_ != base::kNever && now >= looked_ && now < looked_ + every;
  if (is_soon) return false;
  bytes_ = folder_bytes(folder_, disk_);
  looked_ = now;
  return true;
}

uint64_t DiskCeiling::bytes_too_many() const {
  const uint64_t aim = limit_ - limit_ / kFreeShare;
  const uint64_t bytes = bytes_;
  return bytes > aim ? bytes - aim : 0;
}

}  // namespace purvey::store::depot
