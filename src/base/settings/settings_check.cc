#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/check.h"
#include "base/closest_name.h"
#include "base/settings/settings.h"
#include "base/shown_text.h"

namespace purvey::base {
namespace {

constexpr std::string_view kAnyName = "*";

/// The node of a dotted section name, or null.
const TomlNode* locate(const TomlNode& root, std::string_view name) {
  const TomlNode* node = &root;
  while (node != nullptr && !name.empty()) {
    const size_t dot = name.find('.');
    node = node->find(name.substr(0, dot));
    name = dot == std::string_view::npos ? "" : name.substr(dot + 1);
  }
  return node;
}

const KeySpec* find_spec(const SettingsSection& section, std::string_view name) {
  for (const KeySpec& spec : section.keys) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

/// What is wrong with a declaration by itself; empty if nothing.
std::string spec_fault(const KeySpec& spec) {
  if (spec.help.empty()) return "has no help";
  if (spec.type == KeyType::kChoice && spec.choices.empty()) return "has no choices";
  const bool has_fallback = spec.need == KeyNeed::kDefault && spec.name != kAnyName;
  const std::string_view bound = spec.least.empty() ? spec.most : spec.least;
  if (!has_fallback && bound.empty()) return "";
  const auto value = parse_setting(spec, has_fallback ? spec.fallback : bound);
  return value ? "" : value.error().message;
}

std::string joined(std::string_view prefix, std::string_view key) {
  return prefix.empty() ? std::string(key) : fmt::format("{}.{}", prefix, key);
}

}  // namespace

/// Fills the tables of every section from a document and gathers what is wrong.
class SettingsLoader {
 public:
  SettingsLoader(const TomlDocument& document, std::span<const SettingsSection> sections)
      : document_(document), sections_(sections) {}

  SettingsCheck run() {
    Settings settings;
    settings.document_ = document_;
    for (const SettingsSection& section : sections_) {
      settings.groups_.push_back({&section, read_section(section)});
    }
    find_unknown(document_.root(), "");
    std::stable_sort(faults_.faults_.begin(), faults_.faults_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    SettingsCheck check;
    for (auto& [line, error] : faults_.faults_) check.errors.push_back(std::move(error));
    if (check.errors.empty()) check.settings = std::move(settings);
    return check;
  }

 private:
  void fault(uint32_t line, Error error) { faults_.faults_.emplace_back(line, std::move(error)); }

  std::vector<SettingsTable> read_section(const SettingsSection& section) {
    const TomlNode* node = locate(document_.root(), section.name);
    std::vector<SettingsTable> tables;
    if (!section.repeated) {
      tables.push_back(read_table(section, checked_table(section, node)));
    } else if (node != nullptr) {
      const auto nodes = node->as_tables();
      if (!nodes) {
        fault(node->line(), nodes.error());
        return tables;
      }
      for (const TomlNode& each : *nodes) tables.push_back(read_table(section, &each));
      check_unique(section, tables);
    }
    return tables;
  }

  const TomlNode* checked_table(const SettingsSection& section, const TomlNode* node) {
    if (node == nullptr || node->kind() == TomlKind::kTable) return node;
    fault(node->line(), node->error(fmt::format("expected a table, found {}; write [{}]",
                                                node->shown(), section.name)));
    return nullptr;
  }

  SettingsTable read_table(const SettingsSection& section, const TomlNode* node) {
    SettingsTable table;
    table.section_ = &section;
    table.node_ = node;
    table.root_ = &document_.root();
    const size_t faults_before = faults_.faults_.size();
    for (const KeySpec& spec : section.keys) {
      if (spec.name == kAnyName) {
        read_open_keys(table, spec);
      } else {
        read_key(table, spec, node == nullptr ? nullptr : node->find(spec.name));
      }
    }
    const bool right = faults_.faults_.size() == faults_before;
    if (right && section.check != nullptr) section.check(table, faults_);
    return table;
  }

  void read_key(SettingsTable& table, const KeySpec& spec, const TomlNode* node) {
    auto& entry = table.entries_.emplace_back(
        SettingsTable::Entry{&spec, std::string(spec.name), SettingValue{}, node});
    if (node != nullptr) {
      take(entry, read_setting(spec, *node));
    } else if (spec.need == KeyNeed::kRequired) {
      faults_.add(table, spec.name,
                  fmt::format("is missing; write {} = {}", spec.name, setting_example(spec)));
    } else if (spec.need == KeyNeed::kDefault) {
      entry.value = fallback(spec);
    }
  }

  /// The value of spec.fallback, parsed once however many tables take it.
  const SettingValue& fallback(const KeySpec& spec) {
    const auto known = fallbacks_.find(&spec);
    if (known != fallbacks_.end()) return known->second;
    auto value = parse_setting(spec, spec.fallback);
    PURVEY_CHECK(value.has_value(), value.error().message);
    return fallbacks_.emplace(&spec, *std::move(value)).first->second;
  }

  void read_open_keys(SettingsTable& table, const KeySpec& spec) {
    if (table.node_ == nullptr) return;
    for (const TomlNode& item : table.node_->items()) {
      if (find_spec(*table.section_, item.key()) != nullptr) continue;
      if (is_section_path(joined(table.section_->name, item.key()))) continue;
      auto& entry = table.entries_.emplace_back(
          SettingsTable::Entry{&spec, item.key(), SettingValue{}, &item});
      take(entry, read_setting(spec, item));
    }
  }

  void take(SettingsTable::Entry& entry, Result<SettingValue> value) {
    if (value) {
      entry.value = *std::move(value);
    } else {
      fault(entry.node->line(), std::move(value).error());
    }
  }

  void check_unique(const SettingsSection& section, const std::vector<SettingsTable>& tables) {
    for (const KeySpec& spec : section.keys) {
      if (!spec.unique) continue;
      std::map<SettingValue, uint32_t> first_lines;
      for (const SettingsTable& table : tables) {
        if (!table.has(spec.name)) continue;
        const SettingValue& value = table.entry(spec.name).value;
        const auto [at, is_new] = first_lines.emplace(value, table.line(spec.name));
        if (is_new) continue;
        faults_.add(table, spec.name,
                    fmt::format("{} is taken by line {}; write another one",
                                format_setting(spec.type, value), at->second));
      }
    }
  }

  /// Whether a section has this name, or lies below it.
  bool is_section_path(std::string_view path) const {
    return std::any_of(sections_.begin(), sections_.end(), [&](const SettingsSection& section) {
      return section.name == path ||
             (section.name.substr(0, path.size()) == path && section.name.size() > path.size() &&
              section.name[path.size()] == '.');
    });
  }

  const SettingsSection* find_section(std::string_view name) const {
    for (const SettingsSection& section : sections_) {
      if (section.name == name) return &section;
    }
    return nullptr;
  }

  /// Faults for what stands in the table `node`, known as `path`, and that no section declares.
  void find_unknown(const TomlNode& node, const std::string& path) {
    const SettingsSection* section = find_section(path);
    for (const TomlNode& item : node.items()) {
      const std::string item_path = joined(path, item.key());
      if (section != nullptr && find_spec(*section, item.key()) != nullptr) continue;
      if (is_section_path(item_path)) {
        find_unknown_below(item, item_path);
      } else if (section == nullptr || find_spec(*section, kAnyName) == nullptr) {
        fault(item.line(), unknown(item, path));
      }
    }
  }

  /// As find_unknown() for the table, or each of the tables, of one section.
  void find_unknown_below(const TomlNode& node, const std::string& path) {
    if (node.kind() == TomlKind::kTable) return find_unknown(node, path);
    for (const TomlNode& each : node.items()) {
      if (each.kind() == TomlKind::kTable) find_unknown(each, path);
    }
  }

  Error unknown(const TomlNode& node, const std::string& path) const {
    const std::set<std::string_view> names = names_below(path);
    const std::vector<std::string_view> known(names.begin(), names.end());
    const bool tables =
        node.kind() == TomlKind::kTable ||
        (node.kind() == TomlKind::kArray && node.as_tables() && !node.items().empty());
    if (!path.empty() || !tables) return unknown_key(node, known);
    constexpr size_t kShown = 200;
    std::string what = fmt::format("{}:{}: unknown section [{}]", node.file(), node.line(),
                                   shown_text(node.path(), kShown));
    const std::string_view meant = closest_name(node.key(), known);
    if (!meant.empty()) what += fmt::format("; did you mean [{}]?", meant);
    return invalid_input(std::move(what));
  }

  /// Keys and sections that may stand in the table known as `path`.
  std::set<std::string_view> names_below(std::string_view path) const {
    std::set<std::string_view> names;
    for (const SettingsSection& section : sections_) {
      if (section.name == path) {
        for (const KeySpec& spec : section.keys) names.insert(spec.name);
      }
      std::string_view rest = section.name;
      if (!path.empty()) {
        if (rest.size() <= path.size() || rest.substr(0, path.size()) != path) continue;
        if (rest[path.size()] != '.') continue;
        rest.remove_prefix(path.size() + 1);
      }
      if (!rest.empty()) names.insert(rest.substr(0, rest.find('.')));
    }
    return names;
  }

  const TomlDocument& document_;
  const std::span<const SettingsSection> sections_;
  SettingsFaults faults_;
  std::map<const KeySpec*, SettingValue> fallbacks_;
};

SettingsCheck check_settings(const TomlDocument& document,
                             std::span<const SettingsSection> sections) {
  return SettingsLoader(document, sections).run();
}

Result<Settings> load_settings(const TomlDocument& document,
                               std::span<const SettingsSection> sections) {
  SettingsCheck check = check_settings(document, sections);
  if (check.settings) return *std::move(check.settings);
  std::string message;
  for (const Error& error : check.errors) {
    if (!message.empty()) message += '\n';
    message += error.message;
  }
  return invalid_input(std::move(message));
}

Result<Settings> default_settings(std::span<const SettingsSection> sections) {
  return load_settings(PURVEY_TRY(parse_toml("", "(no settings file)")), sections);
}

Result<void> check_sections(std::span<const SettingsSection> sections) {
  std::set<std::string_view> names;
  for (const SettingsSection& section : sections) {
    if (!names.insert(section.name).second) {
      return invalid_input(fmt::format("section [{}] is declared twice", section.name));
    }
    std::set<std::string_view> keys;
    for (const KeySpec& spec : section.keys) {
      const std::string fault = keys.insert(spec.name).second ? spec_fault(spec) : "declared twice";
      if (!fault.empty()) {
        return invalid_input(fmt::format("{}.{}: {}", section.name, spec.name, fault));
      }
    }
  }
  return {};
}

}  // namespace purvey::base
