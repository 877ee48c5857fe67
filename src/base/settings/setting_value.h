#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/event_time.h"
#include "base/result.h"
#include "base/settings/key_spec.h"
#include "base/toml.h"

namespace purvey::base {

using TextMap = std::vector<std::pair<std::string, std::string>>;

/// A value of a key: unset, kBoolean, kInteger or kSize (bytes), kNumber, kText, kChoice, kZone or
/// kCurrency, kDuration, kTexts, kTextMap.
using SettingValue = std::variant<std::monostate, bool, int64_t, double, std::string, Micros,
                                  std::vector<std::string>, TextMap>;

/// The value that stands in `node`, checked against type, choices and bounds. Errors: kInvalidInput
/// with file, line, what and what to write.
Result<SettingValue> read_setting(const KeySpec& spec, const TomlNode& node);

/// The value of a text written as in KeySpec::fallback.
Result<SettingValue> parse_setting(const KeySpec& spec, std::string_view text);

/// The value as it would stand in a file.
std::string format_setting(KeyType type, const SettingValue& value);

/// `"5s"`: what a message gives as an example of a right value.
std::string setting_example(const KeySpec& spec);

/// "duration", "one of a, b": the type in words.
std::string setting_type_name(const KeySpec& spec);

/// `0s to 24h`, `at least 1`, or empty.
std::string setting_bounds(const KeySpec& spec);

/// The choices of a kChoice key.
std::vector<std::string_view> setting_choices(const KeySpec& spec);

}  // namespace purvey::base
