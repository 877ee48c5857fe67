#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace purvey::store::depot {

/// Keeps every other process out of a data folder while it lives. The system lets go of it when the
/// process ends, however that happens.
class FolderLock {
 public:
  /// Locks `folder/lock` and writes our process number into it. Errors: kConflict with the number
  /// of the process that holds it; kUnavailable.
  static base::Result<std::unique_ptr<FolderLock>> take(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace purvey::store::depot
