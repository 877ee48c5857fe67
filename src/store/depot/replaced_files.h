#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/disk.h"
#include "base/result.h"
#include "store/depot/questions.h"

namespace purvey::store::depot {

/// Files of parts that are committed no more. One goes once no question reads it any more; then the
/// ledger, which has it on its list so that a crash leaves none lying, may forget it, too.
class ReplacedFiles {
 public:
  ReplacedFiles(std::string archive_folder, base::Disk& disk)
      : folder_(std::move(archive_folder)), disk_(disk) {}

  /// Paths in the archive folder.
  void add(std::span<const std::string> paths) {
    waiting_.insert(waiting_.end(), paths.begin(), paths.end());
  }

  /// A list of parts by which questions may read: as long as it lives, its files stay.
  void watch(const std::shared_ptr<const CommittedParts>& committed);

  /// Removes what nobody reads, durably: it must not come back when the ledger has forgotten it.
  /// Errors: kUnavailable.
  base::Result<void> remove_unread();

  /// What is on disk yet. Cost: one look-up for each file.
  uint64_t bytes_waiting() const;

  /// What was removed and the ledger still lists.
  std::span<const std::string> gone() const { return gone_; }
  void forget_gone() { gone_.clear(); }

 private:
  bool is_read(const std::string& path) const;

  const std::string folder_;
  base::Disk& disk_;
  std::vector<std::weak_ptr<const CommittedParts>> readable_;
  std::vector<std::string> waiting_;
  std::vector<std::string> gone_;
};

}  // namespace purvey::store::depot
