#pragma once

#include <array>
#include <optional>
#include <string>

#include "app/configuration.h"

namespace purvey::app {

/// Looks whether the settings file of a server has changed.
///
/// A file that is being written is left alone until two looks find it the same. One thread.
class SettingsWatch {
 public:
  /// `path`: of the file that the present settings came from; none: nothing ever changes.
  explicit SettingsWatch(std::optional<std::string> path);

  /// To be called about ten times a second. New settings, once, when the file has changed and is
  /// valid; `asked`: whether it has changed or not. What is wrong with a file is told once, on
  /// standard error.
  std::optional<Configuration> look(bool asked);

  /// Whether the file as it stands was refused.
  bool is_refused() const { return refused_; }

  /// Settings that look() gave could not be taken, for the reason given.
  void refuse(const std::string& why);

 private:
  /// What tells one state of a file from another: device, inode, size, times of change.
  using Stamp = std::array<int64_t, 5>;
  Stamp stamp() const;

  const std::optional<std::string> path_;
  Stamp taken_{};  ///< of the file that was read last
  Stamp seen_{};   ///< at the last look
  bool refused_ = false;
};

}  // namespace purvey::app
