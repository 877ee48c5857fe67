#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "app/commands.h"
#include "app/console.h"
#include "app/progress_bar.h"
#include "app/purge.h"
#include "app/settings_note.h"
#include "base/json_text.h"

namespace purvey::app {
namespace {

using base::Result;

struct PurgeArguments {
  PurgeOptions what{.data = "purvey-data"};
  std::optional<std::string> settings;
  bool yes = false;
  bool dry_run = false;
  bool json = false;
};

/// Those that were named, else those that the folder's server ran with, else those of any command.
Result<Configuration> configuration_for(const PurgeArguments& arguments) {
  if (!arguments.settings) {
    auto noted = noted_settings(arguments.what.data);
    if (noted || noted.error().code != base::ErrorCode::kNotFound) return noted;
  }
  const auto settings = settings_file(arguments.settings);
  if (settings && !arguments.settings) {
    fmt::print(stderr, "purvey: settings from ./{}\n", *settings);
  }
  return load_configuration(settings);
}

void print_plan(const PurgePlan& plan, const PurgeOptions& what) {
  fmt::print("{} in {}: {} events", what.source, what.data, with_commas(plan.events));
  if (!plan.first_day.empty()) fmt::print(", {} to {}", plan.first_day, plan.last_day);
  fmt::print("\n");
  for (const auto& [verdict, events] : plan.verdicts) {
    fmt::print("  {:12} {:>14}\n", verdict, with_commas(events));
  }
  for (const PurgePlan::File& file : plan.files) {
    if (file.goes) {
      fmt::print("{}: goes as a whole\n", file.name);
    } else {
      fmt::print("{}: {} of its {} events go\n", file.name, with_commas(file.events),
                 with_commas(file.all));
    }
  }
  fmt::print("to be counted again: {} {}", with_commas(plan.files_again),
             plan.files_again == 1 ? "file" : "files");
  if (plan.records_again > 0) {
    fmt::print(", {} records of the journal", with_commas(plan.records_again));
  }
  fmt::print(", {} MiB\n", with_commas((plan.bytes_again >> 20) + (plan.bytes_again > 0 ? 1 : 0)));
}

std::string plan_json(const PurgePlan& plan, const PurgeOptions& what) {
  std::string text = "{\"source\":";
  base::append_json_string(text, what.source);
  text += fmt::format(",\"events\":{},\"verdicts\":{{", plan.events);
  for (size_t i = 0; i < plan.verdicts.size(); ++i) {
    text += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", plan.verdicts[i].first,
                        plan.verdicts[i].second);
  }
  const auto day = [](const std::string& date) {
    return date.empty() ? std::string("null") : fmt::format("\"{}\"", date);
  };
  text += fmt::format("}},\"first_day\":{},\"last_day\":{},\"files\":[", day(plan.first_day),
                      day(plan.last_day));
  for (size_t i = 0; i < plan.files.size(); ++i) {
    const PurgePlan::File& file = plan.files[i];
    text += i == 0 ? "{\"file\":" : ",{\"file\":";
    base::append_json_string(text, file.name);
    text += fmt::format(",\"events\":{},\"of\":{},\"goes\":{}}}", file.events, file.all, file.goes);
  }
  return text + fmt::format("],\"files_again\":{},\"records_again\":{}", plan.files_again,
                            plan.records_again);
}

/// Whether a person at the terminal says so.
bool is_confirmed() {
  fmt::print("they cannot be brought back but by sending them again. Purge? [y/N] ");
  std::fflush(stdout);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

Result<void> check_arguments(const PurgeArguments& arguments) {
  if (arguments.json && !arguments.yes && !arguments.dry_run) {
    return base::invalid_input("--json asks nobody; add --yes, or --dry-run to see what would go");
  }
  if (arguments.yes && arguments.dry_run) {
    return base::invalid_input("--yes and --dry-run exclude each other");
  }
  return {};
}

Result<int> run(const PurgeArguments& arguments) {
  PURVEY_TRY(check_arguments(arguments));
  const auto configuration = PURVEY_TRY(configuration_for(arguments));
  PurgeOptions what = arguments.what;
  what.checks_whole = arguments.dry_run;
  const auto purge = PURVEY_TRY(Purge::prepare(what, configuration));
  const PurgePlan& plan = purge->plan();
  if (!arguments.json) print_plan(plan, what);
  if (arguments.dry_run) {
    if (arguments.json)
      fmt::print("{},\"purged\":false}}\n", plan_json(plan, what));
    else
      fmt::print("nothing was changed\n");
    return kDone;
  }
  if (!arguments.yes) {
    const bool is_asked = isatty(STDIN_FILENO) == 1 && output_is_terminal();
    if (!is_asked) return base::invalid_input("nothing was changed; add --yes to purge");
    if (!is_confirmed()) {
      fmt::print("nothing was changed\n");
      return kFinding;
    }
  }
  auto bar = std::make_unique<ProgressBar>("purge", "events", !arguments.json);
  const auto done = purge->run(
      [&](uint64_t bytes, uint64_t events) { bar->update(bytes, plan.bytes_again, events); });
  bar.reset();
  const PurgeSummary summary = PURVEY_TRY(done);
  if (arguments.json) {
    fmt::print("{},\"purged\":true,\"events_left\":{},\"seconds\":{:.6f},\"digest\":\"{}\"}}\n",
               plan_json(plan, what), summary.events, summary.seconds, summary.digest);
  } else {
    fmt::print("purged in {:.2f} s; {} events are left\ndigest {}\n", summary.seconds,
               with_commas(summary.events), summary.digest);
  }
  return kDone;
}

}  // namespace

void add_purge_command(CLI::App& app, int& status) {
  auto arguments = std::make_shared<PurgeArguments>();
  auto* const command =
      app.add_subcommand("purge", "undo a wrong import: as if a source had never sent anything");
  command->footer("Example: purvey purge --source /shop/import --data ./purvey-data --dry-run");
  command->add_option("--source", arguments->what.source, "whose events go, as quality names it")
      ->required();
  add_data_option(*command, arguments->what.data);
  command->add_option("--files", arguments->what.files,
                      "folder to look in for replayed files that lie elsewhere by now");
  command->add_option("-c,--config", arguments->settings,
                      "settings; else those of the folder's server, or ./purvey.toml");
  command->add_flag("--dry-run", arguments->dry_run, "say what would go, and change nothing");
  command->add_flag("--yes", arguments->yes, "ask nobody");
  command->add_flag("--json", arguments->json, "for programs");
  command->callback([arguments, &status] {
    const auto done = run(*arguments);
    status = done ? *done : report(done.error());
  });
}

}  // namespace purvey::app
