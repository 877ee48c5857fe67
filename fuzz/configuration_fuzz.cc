// Settings files from any bytes: errors that name a place, and values that survive a second
// writing.
#include <algorithm>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/settings/settings.h"
#include "base/toml.h"
#include "fuzz/sample_sections.h"

namespace purvey::base {
namespace {

void check_error(const Error& error) {
  PURVEY_CHECK(error.message.starts_with("input.toml:"), "an error without its place");
  PURVEY_CHECK(error.message.find('\n') == std::string::npos, "an error of several lines");
}

void check_places(const TomlNode& node, uint32_t lines) {
  PURVEY_CHECK(node.line() >= 1 && node.line() <= lines, "a line that the file has not");
  PURVEY_CHECK(!node.file().empty(), "a value without a file");
  for (const TomlNode& item : node.items()) check_places(item, lines);
}

/// Every value in force, written as `purvey check` lists it, reads back as itself.
void check_values(const Settings& settings) {
  for (const SettingsSection& section : fuzz::sample_sections()) {
    if (section.repeated) continue;
    for (const auto& entry : settings.section(section.name).entries()) {
      if (entry.value.index() == 0) continue;
      const std::string written = format_setting(entry.spec->type, entry.value);
      const auto document = parse_toml("value = " + written + "\n", "again.toml");
      PURVEY_CHECK(document.has_value(), "a value that cannot be read again");
      const auto again = read_setting(*entry.spec, document->root().items()[0]);
      PURVEY_CHECK(again.has_value() && *again == entry.value, "a value that changed on the way");
    }
  }
  PURVEY_CHECK(!effective_values(settings).empty(), "settings without values");
}

void run(std::string_view text) {
  const auto document = parse_toml(text, "input.toml");
  if (!document) return check_error(document.error());
  // The library counts lines by LF, as editors do.
  check_places(document->root(), static_cast<uint32_t>(std::ranges::count(text, '\n')) + 1);
  const auto check = check_settings(*document, fuzz::sample_sections());
  PURVEY_CHECK(check.errors.empty() == check.settings.has_value(), "neither errors nor settings");
  for (const Error& error : check.errors) check_error(error);
  if (check.settings) check_values(*check.settings);
}

}  // namespace
}  // namespace purvey::base

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  purvey::base::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
