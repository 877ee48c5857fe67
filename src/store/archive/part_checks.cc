#include "store/archive/part_checks.h"

#include <fmt/core.h>

#include <optional>
#include <set>
#include <vector>

#include "store/archive/archive.h"

namespace purvey::store::archive {
namespace {

/// About a second of reading.
constexpr uint64_t kBytesPerQuestionMax = uint64_t{4} << 30;

}  // namespace

base::Result<void> PartChecks::check_all(std::span<const Part> parts) {
  forget_all_but(parts);
  std::vector<const Part*> all;
  for (const Part& part : parts) all.push_back(&part);
  return check(all, parts.size());
}

base::Result<void> PartChecks::check_changed(std::span<const Part> parts) {
  forget_all_but(parts);
  std::vector<const Part*> changed;
  uint64_t bytes = 0;
  for (const Part& part : parts) {
    const auto seen = good_.find(part.path());
    if (seen != good_.end() && seen->second == stamp_of(part.path())) continue;
    changed.push_back(&part);
    bytes += part.bytes;
  }
  if (bytes > kBytesPerQuestionMax) return {};
  return check(changed, parts.size());
}

PartChecks::Stamp PartChecks::stamp_of(const std::string& path) const {
  const auto status = disk_.status(folder_ + "/" + path);
  if (!status || !*status) return {};
  return {.bytes = (*status)->bytes, .changed_ns = (*status)->changed_ns};
}

void PartChecks::forget_all_but(std::span<const Part> parts) {
  std::set<std::string> paths;
  for (const Part& part : parts) paths.insert(part.path());
  std::erase_if(good_, [&](const auto& seen) { return !paths.contains(seen.first); });
}

base::Result<void> PartChecks::check(std::span<const Part* const> parts, size_t of) {
  std::optional<base::Error> first;
  size_t bad = 0;
  for (const Part* part : parts) {
    const Stamp stamp = stamp_of(part->path());
    const auto verified = verify_part(folder_, *part, disk_);
    if (verified) {
      good_[part->path()] = stamp;
      continue;
    }
    if (!first) first = verified.error();
    ++bad;
  }
  if (!first) return {};
  return base::Error{first->code,
                     fmt::format("{} ({} of {} parts are bad)", first->message, bad, of)};
}

}  // namespace purvey::store::archive
