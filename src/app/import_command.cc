#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/console.h"
#include "app/output_file.h"
#include "app/progress_bar.h"
#include "base/file.h"
#include "flow/import/import.h"

namespace purvey::app {
namespace {

struct ImportArguments {
  flow::ImportOptions options;
  std::string guess;
  uint64_t memory_mb = flow::ImportOptions::kMemoryUsual >> 20;
  bool json = false;
};

base::Result<void> guess(const ImportArguments& arguments) {
  if (base::is_same_file(arguments.guess, arguments.options.out)) {
    return base::invalid_input(
        fmt::format("{}: would be read and written at once; name another --out", arguments.guess));
  }
  const auto draft = PURVEY_TRY(flow::guess_map(arguments.guess));
  auto file = PURVEY_TRY(OutputFile::open(arguments.options.out));
  PURVEY_TRY(file.write(draft));
  return file.finish();
}

void print_summary(const flow::ImportSummary& summary, const flow::ImportOptions& options) {
  for (const auto& file : summary.files) {
    fmt::print("{}: {} rows, {} rejected ({})\n", file.path, with_commas(file.rows),
               with_commas(file.rejected), file.table);
  }
  for (const auto& ignored : summary.ignored)
    fmt::print("{}: not in the map, left alone\n", ignored);
  fmt::print("{} rows = {} mapped + {} rejected; {} events in {}\n", with_commas(summary.rows),
             with_commas(summary.mapped), with_commas(summary.rejected),
             with_commas(summary.events), options.out);
  for (const auto& [reason, count] : summary.reasons) {
    fmt::print("  rejected {:>12}  {}\n", with_commas(count), reason);
  }
  if (summary.rejected > 0 && options.report.empty()) {
    fmt::print("--report FILE lists them by file and line\n");
  }
}

std::string stage_name(flow::ImportProgress::Stage stage) {
  switch (stage) {
    case flow::ImportProgress::Stage::kReading:
      return "import 1/3, reading";
    case flow::ImportProgress::Stage::kMaking:
      return "import 2/3, making events";
    case flow::ImportProgress::Stage::kWriting:
      return "import 3/3, writing";
  }
  return "import";
}

int run(ImportArguments& arguments) {
  if (!arguments.guess.empty()) {
    const auto guessed = guess(arguments);
    return guessed ? kDone : report(guessed.error());
  }
  auto& options = arguments.options;
  if (options.map.empty() || options.inputs.empty() || options.out.empty()) {
    return report(base::invalid_input(
        "import: give a map, inputs and an output: purvey import --map MAP.toml DIR --out "
        "events.ndjson; or --guess FILE to draft a map"));
  }
  options.memory = static_cast<size_t>(arguments.memory_mb) << 20;
  std::unique_ptr<ProgressBar> bar;
  auto stage = flow::ImportProgress::Stage::kReading;
  options.progress = [&](const flow::ImportProgress& at) {
    if (!bar || at.stage != stage) {
      stage = at.stage;
      bar.reset();
      bar = std::make_unique<ProgressBar>(stage_name(stage), "rows", !arguments.json);
    }
    bar->update(at.bytes, at.bytes_total, 0);
    return true;
  };
  const auto summary = flow::run_import(options);
  bar.reset();
  if (!summary) return report(summary.error());
  if (arguments.json) {
    fmt::print("{}\n", summary->json());
  } else {
    print_summary(*summary, options);
  }
  return kDone;
}

}  // namespace

void add_import_command(CLI::App& app, int& status) {
  auto arguments = std::make_shared<ImportArguments>();
  auto* const command =
      app.add_subcommand("import", "CSV files of any layout to events in time order");
  command->footer(
      "Example: purvey import --map packs/import/olist.toml ./olist --out events.ndjson");
  auto* const files = command->add_option("FILE", arguments->options.inputs,
                                          "files, or folders whose files are matched");
  auto* const map =
      command->add_option("--map", arguments->options.map, "mapping file (docs/import.md)");
  command->add_option("--out", arguments->options.out, "NDJSON file of the events");
  auto* const report_file =
      command->add_option("--report", arguments->options.report, "CSV of the rejected rows");
  auto* const memory = command->add_option("--memory", arguments->memory_mb, "memory, MB")
                           ->capture_default_str()
                           ->check(CLI::Range(1, 1'000'000));
  auto* const json = command->add_flag("--json", arguments->json, "for programs");
  auto* const guess_file =
      command->add_option("--guess", arguments->guess, "draft a map for this file instead");
  for (auto* const other : {files, map, report_file, memory, json}) guess_file->excludes(other);
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace purvey::app
