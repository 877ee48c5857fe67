#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/hook_settings.h"
#include "app/source_rules.h"
#include "base/exchange_rates.h"
#include "base/settings/settings.h"
#include "base/site_zone.h"
#include "event/personal_fields.h"
#include "flow/metric/pack.h"
#include "flow/shard/shards.h"
#include "serve/token.h"
#include "watch/rule_book.h"

namespace purvey::app {

/// Every section of `purvey.toml`, of all parts: what `purvey check` and docs/configuration.md
/// know.
std::span<const base::SettingsSection> all_sections();

/// What a run needs of its settings, the metric pack and the rules.
struct Configuration {
  base::Settings settings;
  std::string file;    ///< of the settings, empty for none
  std::string text;    ///< of that file
  std::string folder;  ///< of the settings file, where relative files are looked for
  base::SiteZone zone;
  base::Micros disorder{};
  base::Micros allowed_lateness{};
  base::Micros idle_timeout{};
  base::Micros dedupe_horizon{};
  /// Unset: that of the first amount that is counted.
  std::optional<base::Currency> base_currency;
  std::shared_ptr<const base::ExchangeRates> rates;
  std::shared_ptr<const flow::Pack> pack;
  std::shared_ptr<const watch::RuleBook> rules;
  std::vector<SourceRule> sources;
  event::PersonalFields personal;  ///< beside `customer_id`
  flow::ShardOptions shards;       ///< results are the same for any
  std::vector<Hook> hooks;
  std::vector<serve::Token> tokens;  ///< beside the administrator's
};

/// The settings file of a command: the one that was named, else ./purvey.toml if there is one.
std::optional<std::string> settings_file(const std::optional<std::string>& named);

/// Reads `path`, or takes the defaults without one. Errors: kInvalidInput with a line for each
/// thing that is wrong, those of reading.
base::Result<Configuration> load_configuration(const std::optional<std::string>& path);

/// As if `text` stood in the file `path`.
base::Result<Configuration> parse_configuration(std::string text, const std::string& path);

}  // namespace purvey::app
