#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/console.h"
#include "app/up_to_date.h"

namespace purvey::app {
namespace {

struct ExportArguments {
  std::string data = "purvey-data";
  std::string parquet;
  std::string csv;
};

base::Result<void> write_tables(const ExportArguments& arguments) {
  auto store = PURVEY_TRY(open_when_stopped(arguments.data));
  if (!arguments.parquet.empty()) {
    PURVEY_TRY(store->export_parquet(arguments.parquet));
    fmt::print("tables and views are in {}\n", arguments.parquet);
  }
  if (!arguments.csv.empty()) {
    PURVEY_TRY(store->export_csv(arguments.csv));
    fmt::print("tables and views are in {}\n", arguments.csv);
  }
  return {};
}

}  // namespace

void add_export_command(CLI::App& app, int& status) {
  auto arguments = std::make_shared<ExportArguments>();
  auto* const command = app.add_subcommand("export", "write every table and view to files");
  command->footer("Example: purvey export --data ./purvey-data --parquet ./tables");
  add_data_option(*command, arguments->data);
  auto* const parquet =
      command->add_option("--parquet", arguments->parquet, "new folder for Parquet files");
  auto* const csv = command->add_option("--csv", arguments->csv, "new folder for CSV files");
  command->callback([arguments, parquet, csv, &status] {
    if (parquet->count() + csv->count() == 0) {
      status =
          report(base::invalid_input("export: say where to; write --parquet DIR or --csv DIR"));
      return;
    }
    const auto written = write_tables(*arguments);
    status = written ? kDone : report(written.error());
  });
}

}  // namespace purvey::app
