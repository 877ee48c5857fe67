#pragma once

#include <string>

#include "base/result.h"

namespace purvey::app {

/// A new folder under $TMPDIR (or /tmp) that is removed with all it holds when the object goes.
class TemporaryFolder {
 public:
  /// Errors: kUnavailable.
  static base::Result<TemporaryFolder> make();

  TemporaryFolder() = default;
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept {
    path_.swap(other.path_);
    return *this;
  }
  ~TemporaryFolder();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace purvey::app
