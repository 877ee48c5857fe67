#include "base/settings/settings_docs.h"

#include <fmt/core.h>

#include "base/settings/setting_value.h"

namespace purvey::base {
namespace {

std::string default_cell(const KeySpec& spec) {
  switch (spec.need) {
    case KeyNeed::kRequired:
      return "required";
    case KeyNeed::kOptional:
      return "unset";
    case KeyNeed::kDefault:
      break;
  }
  const auto value = parse_setting(spec, spec.fallback);
  return value ? fmt::format("`{}`", format_setting(spec.type, *value)) : "";
}

std::string type_cell(const KeySpec& spec) {
  std::string cell = setting_type_name(spec);
  if (!spec.unit.empty()) cell += fmt::format(", {}", spec.unit);
  return cell;
}

std::string written_header(const SettingsSection& section) {
  return section.repeated ? fmt::format("[[{}]]", section.name) : fmt::format("[{}]", section.name);
}

std::string key_row(const KeySpec& spec) {
  const std::string name = spec.name == "*" ? "any name" : fmt::format("`{}`", spec.name);
  return fmt::format("| {} | {} | {} | {} | {} | {} |\n", name, type_cell(spec), default_cell(spec),
                     setting_bounds(spec),
                     spec.change == KeyChange::kAtOnce ? "at once" : "in a new data folder",
                     spec.help);
}

}  // namespace

std::string render_settings_docs(std::span<const SettingsSection> sections) {
  std::string page;
  for (const SettingsSection& section : sections) {
    if (!page.empty()) page += '\n';
    page += "## `" + written_header(section) + "`\n\n";
    if (!section.help.empty()) page += fmt::format("{}\n\n", section.help);
    page += "| key | type | default | bounds | a change takes effect | what it does |\n";
    page += "|---|---|---|---|---|---|\n";
    for (const KeySpec& spec : section.keys) page += key_row(spec);
  }
  return page;
}

}  // namespace purvey::base
