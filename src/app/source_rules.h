#pragma once

#include <string>
#include <vector>

#include "base/settings/settings.h"

namespace purvey::app {

extern const base::SettingsSection kSourceSection;  ///< `[[source]]`

/// What the settings say of one live source.
struct SourceRule {
  std::string name;
  /// Its events fill in the past: no age is too old for them, they revise every window they fall
  /// in, and they move no watermark.
  bool backfill = false;
  /// Its time is its own, as that of a simulation at another speed: an event is in the future only
  /// a year beyond the source's highest time, whatever the wall clock says. It moves time only
  /// where no source goes by the wall clock.
  bool own_clock = false;
};

std::vector<SourceRule> read_source_rules(const base::Settings& settings);

}  // namespace purvey::app
