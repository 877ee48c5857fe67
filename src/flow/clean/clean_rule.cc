#include "flow/clean/clean_rule.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/units.h"

namespace purvey::flow {
namespace {

using algo::FillMethod;
using algo::OutlierMethod;
using base::KeyNeed;
using base::KeySpec;
using base::KeyType;
using base::SettingsFaults;
using base::SettingsTable;

constexpr KeySpec kKeys[] = {
    {.name = "name",
     .help = "metric that the table is for; `*` stands for any letters, `?` for one; the first "
             "table that fits counts",
     .example = "cold_room_*",
     .need = KeyNeed::kRequired,
     .unique = true},
    {.name = "missing",
     .type = KeyType::kChoice,
     .fallback = "drop",
     .help = "what takes the place of a missing value",
     .choices = "drop|default|carry|linear|polynomial|seasonal"},
    {.name = "default",
     .type = KeyType::kNumber,
     .help = "the value that `missing = \"default\"` puts in",
     .least = "-1e100",
     .most = "1e100",
     .example = "0",
     .need = KeyNeed::kOptional},
    {.name = "max_gap",
     .type = KeyType::kDuration,
     .fallback = "1h",
     .help = "widest gap between known values that is bridged",
     .least = "1ms"},
    {.name = "degree",
     .type = KeyType::kInteger,
     .fallback = "2",
     .help = "degree of the curve of `missing = \"polynomial\"`",
     .least = "2",
     .most = "3"},
    {.name = "season",
     .type = KeyType::kDuration,
     .help = "length of a season, for `missing = \"seasonal\"`",
     .least = "1s",
     .example = "1d",
     .need = KeyNeed::kOptional},
    {.name = "season_tolerance",
     .type = KeyType::kDuration,
     .help = "how far from the same phase a value may lie; unset: a 48th of the season",
     .example = "10m",
     .need = KeyNeed::kOptional},
    {.name = "outlier",
     .type = KeyType::kChoice,
     .fallback = "none",
     .help = "how values that stand out are found; they are marked, never changed",
     .choices = "none|hampel|zscore|iqr"},
    {.name = "threshold",
     .type = KeyType::kNumber,
     .help = "score above which a value stands out, in spreads (hampel, zscore; unset: 6) or "
             "inter-quartile ranges (iqr; unset: 3)",
     .least = "0.1",
     .most = "1000000",
     .example = "6",
     .need = KeyNeed::kOptional},
    {.name = "window",
     .type = KeyType::kInteger,
     .fallback = "60",
     .help = "how many earlier values a value is compared with; none is judged before 10, or the "
             "window if it is smaller",
     .unit = "values",
     .least = "5",
     .most = "4096"},
    {.name = "smallest_spread",
     .type = KeyType::kNumber,
     .fallback = "0",
     .help = "spreads below this count as this much, so that small steps of a quiet series do not "
             "stand out; in the unit of the values",
     .least = "0"},
    {.name = "unit",
     .help = "unit that values are brought to; a value without a unit has it already",
     .example = "C",
     .need = KeyNeed::kOptional}};

/// A fault if `key` is given although nothing reads it.
void check_idle(const SettingsTable& table, std::string_view key, bool is_read,
                std::string_view needed, SettingsFaults& faults) {
  if (is_read || !table.given(key)) return;
  faults.add(table, key, fmt::format("has no effect; write {} or leave it out", needed));
}

void check_clean(const SettingsTable& table, SettingsFaults& faults) {
  const std::string& missing = table.text("missing");
  const std::string& outlier = table.text("outlier");
  const bool seasonal = missing == "seasonal";
  const bool judged = outlier != "none";
  if (table.text("name").empty()) {
    faults.add(table, "name", "is empty; write a metric, or * for all");
  }
  if (missing == "default" && !table.has("default")) {
    faults.add(table, "default", "is missing; write default = 0");
  }
  if (seasonal && !table.has("season")) {
    faults.add(table, "season", "is missing; write season = \"1d\"");
  }
  check_idle(table, "default", missing == "default", "missing = \"default\"", faults);
  check_idle(table, "degree", missing == "polynomial", "missing = \"polynomial\"", faults);
  check_idle(table, "season", seasonal, "missing = \"seasonal\"", faults);
  check_idle(table, "season_tolerance", seasonal, "missing = \"seasonal\"", faults);
  for (const std::string_view key : {"threshold", "window", "smallest_spread"}) {
    check_idle(table, key, judged, "outlier = \"hampel\"", faults);
  }
  if (table.has("season") && table.has("season_tolerance") &&
      table.duration("season_tolerance") * 2 >= table.duration("season")) {
    faults.add(table, "season_tolerance", "must be below half of the season");
  }
  if (table.has("unit")) {
    const auto symbol = base::unit_symbol(table.text("unit"));
    if (!symbol) faults.add(table, "unit", symbol.error().message);
  }
}

double micros(base::Micros span) {
  return static_cast<double>(span.count());
}

algo::FillOptions fill_options(const SettingsTable& table) {
  constexpr std::array kMethods = {FillMethod::kDrop,       FillMethod::kDefault,
                                   FillMethod::kCarry,      FillMethod::kLinear,
                                   FillMethod::kPolynomial, FillMethod::kSeasonal};
  constexpr int kTolerances = 48;
  algo::FillOptions options;
  options.method = kMethods[table.choice("missing")];
  options.degree = static_cast<int>(table.integer("degree"));
  options.max_gap = micros(table.duration("max_gap"));
  if (table.has("default")) options.default_value = table.number("default");
  if (table.has("season")) {
    const auto season = table.duration("season");
    const auto tolerance =
        table.has("season_tolerance") ? table.duration("season_tolerance") : season / kTolerances;
    options.season = {micros(season), micros(tolerance)};
  }
  return options;
}

std::optional<algo::OutlierOptions> outlier_options(const SettingsTable& table) {
  constexpr std::array kMethods = {OutlierMethod::kHampel, OutlierMethod::kModifiedZ,
                                   OutlierMethod::kIqr};
  constexpr double kSpreads = 6;
  constexpr double kQuartileRanges = 3;  // "far out" as Tukey has it
  const size_t choice = table.choice("outlier");
  if (choice == 0) return std::nullopt;
  algo::OutlierOptions options;
  options.method = kMethods[choice - 1];
  options.threshold = options.method == OutlierMethod::kIqr ? kQuartileRanges : kSpreads;
  if (table.has("threshold")) options.threshold = table.number("threshold");
  options.window = static_cast<size_t>(table.integer("window"));
  options.least = std::min(options.least, options.window);
  options.smallest_spread = table.number("smallest_spread");
  return options;
}

}  // namespace

const base::SettingsSection kCleanSection = {
    .name = "clean",
    .keys = kKeys,
    .help = "Repairs values of metrics before they count: docs/cleaning.md.",
    .repeated = true,
    .check = check_clean};

bool fits_pattern(std::string_view text, std::string_view pattern) {
  size_t at = 0;
  size_t p = 0;
  size_t star = std::string_view::npos;  // the last `*`, and where its letters end for now
  size_t star_end = 0;
  while (at < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_end = at;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[at])) {
      ++p;
      ++at;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      at = ++star_end;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool CleanRule::names(std::string_view metric) const {
  return fits_pattern(metric, name);
}

uint64_t CleanRule::fingerprint() const {
  std::string text = fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}", name, static_cast<int>(fill.method),
                                 fill.default_value, fill.degree, fill.points_before,
                                 fill.season.length, fill.season.tolerance, fill.max_gap, unit);
  if (outlier) {
    text += fmt::format("|{}|{}|{}|{}|{}", static_cast<int>(outlier->method), outlier->threshold,
                        outlier->window, outlier->least, outlier->smallest_spread);
  }
  return base::hash64(text);
}

std::vector<CleanRule> read_clean_rules(const base::Settings& settings) {
  std::vector<CleanRule> rules;
  for (const SettingsTable& table : settings.tables("clean")) {
    CleanRule rule;
    rule.name = table.text("name");
    rule.fill = fill_options(table);
    rule.outlier = outlier_options(table);
    if (table.has("unit")) rule.unit = table.text("unit");
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace purvey::flow
