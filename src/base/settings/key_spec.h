#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace purvey::base {

class SettingsFaults;
class SettingsTable;

/// What a value is; in the file, all but the first three and the last two stand in quotes.
enum class KeyType : uint8_t {
  kBoolean,
  kInteger,
  kNumber,
  kText,
  kChoice,    ///< one of KeySpec::choices
  kDuration,  ///< "5s", as parse_duration()
  kSize,      ///< "64MiB", as parse_byte_size()
  kZone,      ///< "Asia/Shanghai", a name of the IANA data base
  kCurrency,  ///< "CNY", a code of ISO 4217
  kTexts,     ///< ["a", "b"]
  kTextMap,   ///< {name = "text"}
};

/// Whether a key may be left out.
enum class KeyNeed : uint8_t {
  kDefault,   ///< absent means KeySpec::fallback
  kOptional,  ///< absent means unset, which SettingsTable::has() tells
  kRequired,
};

/// Where a changed value takes effect.
enum class KeyChange : uint8_t {
  kAtOnce,     ///< a running server takes it without a restart
  kNewFolder,  ///< what a data folder holds was counted by it: only in a new one
};

/// All there is to know of one key of the settings. Docs, `purvey check` and every error come from
/// it. Values are written as in the file, without the quotes.
struct KeySpec {
  std::string_view name;  ///< "*" takes every key that no other row names
  KeyType type = KeyType::kText;
  std::string_view fallback = "";
  std::string_view help = "";     ///< what it does, one sentence without the full stop
  std::string_view unit = "";     ///< of integers and numbers
  std::string_view least = "";    ///< smallest value taken; empty for no bound
  std::string_view most = "";     ///< largest value taken
  std::string_view choices = "";  ///< "a|b|c"
  std::string_view example = "";  ///< for messages; without it, the fallback
  KeyNeed need = KeyNeed::kDefault;
  KeyChange change = KeyChange::kAtOnce;
  bool unique = false;  ///< in a repeated section: no two tables have the same value
  bool secret = false;  ///< never printed
};

/// One table of the settings file, `[name]`, or of a repeated section each of `[[name]]`.
struct SettingsSection {
  std::string_view name;  ///< may have dots: "money.rates"
  std::span<const KeySpec> keys;
  std::string_view help = "";
  bool repeated = false;
  /// Adds a fault for each broken relation between keys, if given; called for a table in which each
  /// key by itself is right.
  void (*check)(const SettingsTable& table, SettingsFaults& faults) = nullptr;
};

}  // namespace purvey::base
