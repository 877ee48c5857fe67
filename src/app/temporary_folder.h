#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "base/result.h"

namespace purvey::app {

/// A new folder under $TMPDIR (or /tmp) that is removed with all it holds when the object goes, or
/// when the process ends in any other way: a small process of its own waits for that. Made while
/// few other threads run.
class TemporaryFolder {
 public:
  /// Errors: kUnavailable.
  static base::Result<TemporaryFolder> make();

  TemporaryFolder() = default;
  TemporaryFolder(TemporaryFolder&& other) noexcept { *this = std::move(other); }
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept {
    path_.swap(other.path_);
    std::swap(guard_, other.guard_);
    std::swap(alive_, other.alive_);
    return *this;
  }
  ~TemporaryFolder();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  pid_t guard_ = 0;  ///< the process that removes the folder if this one cannot
  int alive_ = -1;   ///< the end of a pipe that closes with this process
};

}  // namespace purvey::app
