#pragma once

#include <string>

namespace purvey::app {

/// A data folder that a run makes where none was, and that goes again when the run ends without
/// having taken anything in. A folder that was there before stays.
///
/// Made before the store is opened; the store is closed before this goes.
class NewDataFolder {
 public:
  explicit NewDataFolder(std::string folder);
  ~NewDataFolder();
  NewDataFolder(const NewDataFolder&) = delete;
  NewDataFolder& operator=(const NewDataFolder&) = delete;

  /// The store is open, so the folder is this run's.
  void opened() { is_mine_ = was_missing_; }
  /// It stays, whatever it holds.
  void keep() { is_mine_ = false; }

 private:
  const std::string folder_;
  const bool was_missing_;
  bool is_mine_ = false;
};

}  // namespace purvey::app
