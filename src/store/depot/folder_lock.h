#pragma once

#include <memory>
#include <string>

#include "base/disk.h"
#include "base/result.h"

namespace purvey::store::depot {

/// A hold on a data folder while it lives: either one process changes it and keeps everybody else
/// out, or any number only ask. The system lets go of it when the process ends, however that
/// happens.
///
/// Only who changes the folder writes its number into `lock`, so a number is never told of a
/// process that has only asked.
class FolderLock {
 public:
  /// For who changes the folder. Errors: kConflict with the number of the process that changes it,
  /// or saying that questions are running; kUnavailable.
  static base::Result<std::unique_ptr<FolderLock>> take_alone(const std::string& folder,
                                                              base::Disk& disk);

  /// For who asks. Writes nothing, but makes the file where it is missing; if that is not allowed
  /// there is nothing to hold, and nobody has changed the folder since it came here. Errors:
  /// kConflict with the number of the process that changes the folder; kUnavailable.
  static base::Result<std::unique_ptr<FolderLock>> take_shared(const std::string& folder,
                                                               base::Disk& disk);

 private:
  explicit FolderLock(std::unique_ptr<base::FileHold> hold) : hold_(std::move(hold)) {}
  std::unique_ptr<base::FileHold> hold_;
};

}  // namespace purvey::store::depot
