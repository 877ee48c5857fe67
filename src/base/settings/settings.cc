#include "base/settings/settings.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"

namespace purvey::base {

const SettingsTable::Entry* SettingsTable::find(std::string_view key) const {
  for (const Entry& entry : entries_) {
    if (entry.name == key) return &entry;
  }
  return nullptr;
}

const SettingsTable::Entry& SettingsTable::entry(std::string_view key) const {
  const Entry* found = find(key);
  PURVEY_CHECK(found != nullptr, fmt::format("{} declares no key {}", section_->name, key));
  return *found;
}

template <class T>
const T& SettingsTable::value(std::string_view key) const {
  const T* held = std::get_if<T>(&entry(key).value);
  PURVEY_CHECK(held != nullptr,
               fmt::format("{}.{} is unset or of another type", section_->name, key));
  return *held;
}

bool SettingsTable::has(std::string_view key) const {
  const Entry* found = find(key);
  return found != nullptr && !std::holds_alternative<std::monostate>(found->value);
}

bool SettingsTable::given(std::string_view key) const {
  const Entry* found = find(key);
  return found != nullptr && found->node != nullptr;
}

bool SettingsTable::boolean(std::string_view key) const {
  return value<bool>(key);
}
int64_t SettingsTable::integer(std::string_view key) const {
  return value<int64_t>(key);
}
double SettingsTable::number(std::string_view key) const {
  return value<double>(key);
}
Micros SettingsTable::duration(std::string_view key) const {
  return value<Micros>(key);
}

const std::string& SettingsTable::text(std::string_view key) const {
  return value<std::string>(key);
}

const std::vector<std::string>& SettingsTable::texts(std::string_view key) const {
  return value<std::vector<std::string>>(key);
}

const TextMap& SettingsTable::text_map(std::string_view key) const {
  return value<TextMap>(key);
}

size_t SettingsTable::choice(std::string_view key) const {
  const Entry& held = entry(key);
  const auto choices = setting_choices(*held.spec);
  const auto at = std::find(choices.begin(), choices.end(), value<std::string>(key));
  PURVEY_CHECK(held.spec->type == KeyType::kChoice && at != choices.end(), "not a choice");
  return static_cast<size_t>(at - choices.begin());
}

uint32_t SettingsTable::line(std::string_view key) const {
  const Entry* found = find(key);
  if (found != nullptr && found->node != nullptr) return found->node->line();
  return node_ == nullptr ? 1 : node_->line();
}

Error SettingsTable::error(std::string_view key, std::string_view what) const {
  std::string path = node_ == nullptr ? std::string(section_->name) : node_->path();
  if (!path.empty()) path += '.';
  return invalid_input(
      fmt::format("{}:{}: {}: {}", root_->file(), line(key), path + std::string(key), what));
}

void SettingsFaults::add(const SettingsTable& table, std::string_view key, std::string_view what) {
  faults_.emplace_back(table.line(key), table.error(key, what));
}

const Settings::Group& Settings::group(std::string_view name) const {
  const auto at = std::find_if(groups_.begin(), groups_.end(),
                               [&](const Group& group) { return group.section->name == name; });
  PURVEY_CHECK(at != groups_.end(), fmt::format("no section [{}] was loaded", name));
  return *at;
}

const SettingsTable& Settings::section(std::string_view name) const {
  const Group& found = group(name);
  PURVEY_CHECK(!found.section->repeated, fmt::format("[[{}]] is repeated", name));
  return found.tables.front();
}

std::span<const SettingsTable> Settings::tables(std::string_view name) const {
  return group(name).tables;
}

std::vector<EffectiveValue> effective_values(const Settings& settings) {
  std::vector<EffectiveValue> values;
  for (const Settings::Group& group : settings.groups_) {
    size_t number = 0;
    for (const SettingsTable& table : group.tables) {
      ++number;
      const std::string section = group.section->repeated
                                      ? fmt::format("{}[{}]", group.section->name, number)
                                      : std::string(group.section->name);
      for (const SettingsTable::Entry& entry : table.entries()) {
        const bool hidden = entry.spec->secret && table.has(entry.name);
        values.push_back({section, entry.name,
                          hidden ? "(secret)" : format_setting(entry.spec->type, entry.value),
                          entry.node == nullptr ? 0 : entry.node->line()});
      }
    }
  }
  return values;
}

}  // namespace purvey::base
