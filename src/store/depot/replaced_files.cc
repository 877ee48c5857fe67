#include "store/depot/replaced_files.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace purvey::store::depot {

void ReplacedFiles::watch(const std::shared_ptr<const CommittedParts>& committed) {
  std::erase_if(readable_, [](const auto& list) { return list.expired(); });
  readable_.push_back(committed);
}

bool ReplacedFiles::is_read(const std::string& path) const {
  return std::any_of(readable_.begin(), readable_.end(), [&](const auto& list) {
    const auto committed = list.lock();
    return committed && std::any_of(committed->parts.begin(), committed->parts.end(),
                                    [&](const Part& part) { return part.path() == path; });
  });
}

base::Result<void> ReplacedFiles::remove_unread() {
  if (waiting_.empty()) return {};
  const auto unread = std::stable_partition(waiting_.begin(), waiting_.end(),
                                            [&](const auto& path) { return is_read(path); });
  std::set<std::string> folders;
  for (auto path = unread; path != waiting_.end(); ++path) {
    const std::string file = folder_ + "/" + *path;
    PURVEY_TRY(disk_.remove(file));
    folders.insert(std::filesystem::path(file).parent_path().string());
  }
  PURVEY_TRY(disk_.sync_all(std::vector<std::string>(folders.begin(), folders.end())));
  gone_.insert(gone_.end(), unread, waiting_.end());
  waiting_.erase(unread, waiting_.end());
  return {};
}

uint64_t ReplacedFiles::bytes_waiting() const {
  uint64_t bytes = 0;
  for (const std::string& path : waiting_) {
    const auto status = disk_.status(folder_ + "/" + path);
    if (status && *status) bytes += (*status)->bytes;
  }
  return bytes;
}

}  // namespace purvey::store::depot
