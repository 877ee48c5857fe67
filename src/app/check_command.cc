#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "app/commands.h"
#include "app/configuration.h"
#include "app/console.h"
#include "base/json_text.h"

namespace purvey::app {
namespace {

struct CheckArguments {
  std::optional<std::string> settings;
  bool json = false;
};

void print_values(const base::Settings& settings) {
  std::string section;
  for (const auto& value : base::effective_values(settings)) {
    if (value.section != section) fmt::print("[{}]\n", value.section);
    section = value.section;
    const std::string from = value.line > 0 ? fmt::format("line {}", value.line) : "default";
    fmt::print("  {} = {}  ({})\n", value.key, value.value.empty() ? "(unset)" : value.value, from);
  }
}

int print_errors(const base::Error& error, bool json) {
  if (json) {
    std::string lines;
    std::string_view left = error.message;
    while (!left.empty()) {
      const size_t end = std::min(left.find('\n'), left.size());
      if (!lines.empty()) lines += ',';
      base::append_json_string(lines, left.substr(0, end));
      left.remove_prefix(std::min(end + 1, left.size()));
    }
    fmt::print("{{\"valid\":false,\"errors\":[{}]}}\n", lines);
  } else {
    fmt::print(stderr, "{}\n", error.message);
  }
  return exit_status(error);
}

int run(const CheckArguments& arguments) {
  const auto path = settings_file(arguments.settings);
  const auto configuration = load_configuration(path);
  if (!configuration) return print_errors(configuration.error(), arguments.json);
  if (arguments.json) {
    fmt::print("{{\"valid\":true,\"rules\":{},\"kpis\":{}}}\n",
               configuration->rules->rules().size(), configuration->pack->kpis.size());
    return kDone;
  }
  fmt::print("{} is valid: {} KPIs, {} rules\n", path.value_or("the default configuration"),
             configuration->pack->kpis.size(), configuration->rules->rules().size());
  print_values(configuration->settings);
  return kDone;
}

}  // namespace

void add_check_command(CLI::App& app, int& status) {
  auto arguments = std::make_shared<CheckArguments>();
  auto* const command = app.add_subcommand(
      "check", "the configuration: valid, or each error with what to write instead");
  command->footer("Example: purvey check -c purvey.toml");
  command->add_option("-c,--config", arguments->settings, "settings; else ./purvey.toml, if there");
  command->add_flag("--json", arguments->json, "for programs");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace purvey::app
