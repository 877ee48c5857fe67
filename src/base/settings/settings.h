#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/settings/key_spec.h"
#include "base/settings/setting_value.h"
#include "base/toml.h"

namespace purvey::base {

/// The values of one `[section]`, or of one table of `[[section]]`, all of the right type and
/// within bounds. Asking for a key that the section does not declare, or as another type, is a bug.
class SettingsTable {
 public:
  struct Entry {
    const KeySpec* spec;
    std::string name;  ///< as spec->name, or what the file wrote for "*"
    SettingValue value;
    const TomlNode* node;  ///< null if the file does not give it
  };

  const SettingsSection& section() const { return *section_; }
  std::span<const Entry> entries() const { return entries_; }

  bool has(std::string_view key) const;    ///< a value, be it from the file or the fallback
  bool given(std::string_view key) const;  ///< in the file

  bool boolean(std::string_view key) const;
  int64_t integer(std::string_view key) const;  ///< kInteger, or the bytes of kSize
  double number(std::string_view key) const;
  const std::string& text(std::string_view key) const;  ///< kText, kChoice, kZone, kCurrency
  size_t choice(std::string_view key) const;            ///< the place of a kChoice, from 0
  Micros duration(std::string_view key) const;
  const std::vector<std::string>& texts(std::string_view key) const;
  const TextMap& text_map(std::string_view key) const;

  /// Where the key stands, else where the table begins; 1 if the file has neither.
  uint32_t line(std::string_view key) const;

  /// `file:line: section.key: what`, for what only the component can find wrong.
  Error error(std::string_view key, std::string_view what) const;

 private:
  friend class SettingsLoader;

  const Entry* find(std::string_view key) const;
  const Entry& entry(std::string_view key) const;
  template <class T>
  const T& value(std::string_view key) const;

  const SettingsSection* section_ = nullptr;
  const TomlNode* node_ = nullptr;  ///< null if the file has no such table
  const TomlNode* root_ = nullptr;
  std::vector<Entry> entries_;
};

/// The faults that a check of relations found.
class SettingsFaults {
 public:
  void add(const SettingsTable& table, std::string_view key, std::string_view what);

 private:
  friend class SettingsLoader;
  std::vector<std::pair<uint32_t, Error>> faults_;  ///< by line
};

/// All settings of a run. The sections it was loaded with must outlive it; copies share the file.
class Settings {
 public:
  /// The table of a section that is not repeated.
  const SettingsTable& section(std::string_view name) const;
  /// The tables of a repeated section, in file order.
  std::span<const SettingsTable> tables(std::string_view name) const;

 private:
  friend class SettingsLoader;
  friend std::vector<struct EffectiveValue> effective_values(const Settings& settings);

  struct Group {
    const SettingsSection* section;
    std::vector<SettingsTable> tables;
  };
  const Group& group(std::string_view name) const;

  TomlDocument document_;
  std::vector<Group> groups_;
};

/// What a check of a settings file found: settings if there is no error.
struct SettingsCheck {
  std::vector<Error> errors;  ///< each one line, by place in the file
  std::optional<Settings> settings;
};

/// Checks everything, stopping at nothing: sections and keys nobody knows (with the nearest name),
/// types, bounds, choices, missing and repeated values, relations.
SettingsCheck check_settings(const TomlDocument& document,
                             std::span<const SettingsSection> sections);

/// The settings, or one error whose message has a line for each thing that is wrong.
Result<Settings> load_settings(const TomlDocument& document,
                               std::span<const SettingsSection> sections);

/// The settings of a run without a file. An error only if a section needs a key.
Result<Settings> default_settings(std::span<const SettingsSection> sections);

/// One value as `purvey check` lists it.
struct EffectiveValue {
  std::string section;  ///< "event", or "rule[2]"
  std::string key;
  std::string value;  ///< as in a file; "(secret)" for what must not be shown, empty for unset
  uint32_t line;      ///< where the file gives it; 0 for the default
};

/// Every value in force, in order of the sections and of their keys.
std::vector<EffectiveValue> effective_values(const Settings& settings);

/// Checks the declarations themselves: fallbacks and bounds of the right type, fallbacks within
/// bounds, no name twice. Errors: kInvalidInput naming section and key. For tests of components.
Result<void> check_sections(std::span<const SettingsSection> sections);

}  // namespace purvey::base
