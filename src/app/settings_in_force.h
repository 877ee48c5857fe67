#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/configuration.h"

namespace purvey::app {

/// The text of the settings that a server runs with, in memory that its parent and whoever takes
/// its place share: a worker that is killed is followed by one with the settings that were in
/// force, also where the file has since been spoilt. Made before the first of them.
class SettingsInForce {
 public:
  SettingsInForce();
  ~SettingsInForce();
  SettingsInForce(const SettingsInForce&) = delete;
  SettingsInForce& operator=(const SettingsInForce&) = delete;

  void keep(std::string_view text);
  /// Nothing before keep(), or if who kept it died over it.
  std::optional<std::string> text() const;

 private:
  struct Shared;
  Shared* shared_ = nullptr;  ///< null if the system gives no memory: nothing is kept then
};

}  // namespace purvey::app
