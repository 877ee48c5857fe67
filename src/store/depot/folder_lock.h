#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/disk.h"
#include "base/result.h"

namespace purvey::store::depot {

/// Where the process that changes a data folder can be asked meanwhile.
struct Announcement {
  std::string url;               ///< "http://127.0.0.1:8080"
  std::string certificate = {};  ///< absolute path of the PEM file that it shows; empty: no TLS

  friend bool operator==(const Announcement&, const Announcement&) = default;
};

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

  /// Where the process that changes `folder` is to be asked; nothing if there is none, or if it
  /// answers nobody. The word of a process that has ended is not told.
  static std::optional<Announcement> announced(const std::string& folder,
                                               base::Disk& disk = base::Disk::system());

  /// Writes it behind the number of this process, which must hold the folder alone. Errors:
  /// kUnavailable.
  base::Result<void> announce(const Announcement& announcement);

 private:
  FolderLock(std::unique_ptr<base::FileHold> hold, std::string path, base::Disk& disk)
      : hold_(std::move(hold)), path_(std::move(path)), disk_(disk) {}

  std::unique_ptr<base::FileHold> hold_;
  const std::string path_;
  base::Disk& disk_;
};

}  // namespace purvey::store::depot
