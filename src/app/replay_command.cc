#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "app/commands.h"
#include "app/console.h"
#include "app/findings.h"
#include "app/play_journal.h"
#include "app/progress_bar.h"
#include "app/replay.h"
#include "base/json_text.h"

namespace purvey::app {
namespace {

struct ReplayArguments {
  std::vector<std::string> files;
  std::string journal;  ///< instead of files
  std::string data;
  std::optional<std::string> settings;
  std::optional<size_t> shards;
  bool json = false;
};

base::EventTime wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<base::Micros>(now).count()};
}

std::string verdicts_json(const flow::VerdictCounts& verdicts) {
  std::string text;
  for (size_t i = 0; i < verdicts.size(); ++i) {
    text += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", event::kVerdictNames[i], verdicts[i]);
  }
  return text;
}

void print_json(const ReplaySummary& summary) {
  std::string known;
  for (const KnownInput& input : summary.known) {
    known += known.empty() ? "" : ",";
    base::append_json_string(known, input.file);
  }
  fmt::print(
      "{{\"events\":{},\"seconds\":{:.6f},\"verdicts\":{{{}}},\"incidents\":{},"
      "\"digest\":\"{}\",\"kpi_rows\":{},\"fact_rows\":{},\"known_files\":[{}]}}\n",
      summary.events, summary.seconds, verdicts_json(summary.verdicts), summary.incidents,
      summary.digest, summary.kpi_rows, summary.fact_rows, known);
}

void print_summary(const ReplaySummary& summary) {
  for (const KnownInput& input : summary.known) {
    fmt::print("{}: taken in before, as {}; nothing added\n", input.file, input.known_as);
    for (const std::string& source : input.purged) {
      fmt::print("  {} was purged from it; its events count again in a file of their own\n",
                 source);
    }
  }
  const double rate =
      summary.seconds > 0 ? static_cast<double>(summary.events) / summary.seconds : 0;
  fmt::print("{} events in {:.2f} s ({}/s)\n", with_commas(summary.events), summary.seconds,
             with_commas(static_cast<uint64_t>(rate)));
  for (size_t i = 0; i < summary.verdicts.size(); ++i) {
    if (summary.verdicts[i] == 0) continue;
    fmt::print("  {:12} {:>14}\n", event::kVerdictNames[i], with_commas(summary.verdicts[i]));
  }
  fmt::print("{} facts, {} KPI rows, {} incidents\n", with_commas(summary.fact_rows),
             with_commas(summary.kpi_rows), with_commas(summary.incidents));
  if (summary.unknown_fields > 0) {
    fmt::print("{} fields that no schema knows were left out\n",
               with_commas(summary.unknown_fields));
  }
  if (summary.unconverted > 0) {
    fmt::print(
        "{} amounts have no rate to the base currency and are missing from money KPIs; "
        "give rates in [money]\n",
        with_commas(summary.unconverted));
  }
}

int run(const ReplayArguments& arguments) {
  const auto settings = settings_file(arguments.settings);
  if (settings && !arguments.settings) {
    fmt::print(stderr, "purvey: settings from ./{}\n", *settings);
  }
  auto configuration = load_configuration(settings);
  if (!configuration) return report(configuration.error());
  if (arguments.shards) configuration->shards.shards = *arguments.shards;
  ReplayOptions options{.files = arguments.files, .data = arguments.data, .now = wall_clock()};
  auto bar = std::make_unique<ProgressBar>("replay", "events", !arguments.json);
  options.progress = [&](const ReplayProgress& at) {
    bar->update(at.bytes, at.bytes_total, at.events);
  };
  std::string findings;
  if (!arguments.json) {
    options.inspect = [&](const std::string& folder) -> base::Result<void> {
      findings = PURVEY_TRY(describe_findings(folder));
      return {};
    };
  }
  if (!arguments.journal.empty()) options.inspect = {};
  const auto summary = arguments.journal.empty()
                           ? run_replay(options, *configuration)
                           : replay_journal(arguments.journal, arguments.data, *configuration);
  bar.reset();
  if (!summary) return report(summary.error());
  if (arguments.json) {
    print_json(*summary);
    return kDone;
  }
  print_summary(*summary);
  fmt::print("{}", findings);
  fmt::print("digest {}\n", summary->digest);
  if (arguments.data.empty()) {
    fmt::print("nothing was kept; --data DIR keeps it for purvey sql\n");
  } else {
    fmt::print(
        "data lies in {}; ask it with: purvey sql --data {} \"select * from orders limit 5\"\n",
        arguments.data, arguments.data);
  }
  return kDone;
}

}  // namespace

void add_replay_command(CLI::App& app, int& status) {
  auto arguments = std::make_shared<ReplayArguments>();
  auto* const command = app.add_subcommand("replay", "bring files of events through the flow");
  command->footer("Example: purvey replay events.ndjson --data ./purvey-data");
  command->add_option("FILE", arguments->files,
                      "NDJSON, also .gz and .zst; several are merged by time");
  command
      ->add_option("--journal", arguments->journal,
                   "the journal of a server instead of files, into a new folder")
      ->excludes(command->get_option("FILE"));
  command->add_option("--data", arguments->data, "data folder; a temporary one without it");
  command->add_option("-c,--config", arguments->settings, "settings; else ./purvey.toml, if there");
  command
      ->add_option("--shards", arguments->shards,
                   "threads that keep state; the results are the same for any number")
      ->check(CLI::Range(1, 64));
  command->add_flag("--json", arguments->json, "for programs");
  command->callback([arguments, &status] {
    if (arguments->files.empty() && arguments->journal.empty()) throw CLI::RequiredError("FILE");
    status = run(*arguments);
  });
}

}  // namespace purvey::app
