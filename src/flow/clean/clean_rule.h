#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algo/outlier/outlier.h"
#include "algo/series/fill.h"
#include "base/result.h"
#include "base/settings/settings.h"

namespace purvey::flow {

/// `[[clean]]`: what is done about missing values, outliers and units of the metrics it names.
extern const base::SettingsSection kCleanSection;

/// One `[[clean]]`. Lengths of time are in microseconds.
struct CleanRule {
  std::string name;  ///< of a metric; `*` stands for any letters, `?` for one
  algo::FillOptions fill;
  std::optional<algo::OutlierOptions> outlier;
  std::string unit;  ///< that values are brought to; empty: as they come

  /// Whether a metric's name fits.
  bool names(std::string_view metric) const;

  /// Equal for rules that clean alike: saved state of another rule is not taken over.
  uint64_t fingerprint() const;
};

/// The rules of the settings, in file order; the first that names a metric is its rule.
std::vector<CleanRule> read_clean_rules(const base::Settings& settings);

/// Whether `text` fits `pattern`, in which `*` stands for any letters and `?` for one byte.
bool fits_pattern(std::string_view text, std::string_view pattern);

}  // namespace purvey::flow
