#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/console.h"
#include "app/output_file.h"
#include "store/depot/store.h"

namespace purvey::app {
namespace {

struct SqlArguments {
  std::string sql;
  std::string data = "purvey-data";
  ResultForm form;
  uint64_t rows = 1'000'000;
  uint64_t seconds = 60;
  uint64_t memory_mb = 1024;
};

base::Result<void> ask(const SqlArguments& arguments) {
  auto store = PURVEY_TRY(store::depot::Store::open({.folder = arguments.data, .read_only = true}));
  auto file = PURVEY_TRY(OutputFile::open(arguments.form.out));
  const auto writer = make_result_writer(file, arguments.form.json);
  const store::QueryLimits limits{.time = std::chrono::seconds(arguments.seconds),
                                  .rows = arguments.rows,
                                  .memory_mb = arguments.memory_mb};
  const auto end = PURVEY_TRY(store->query(arguments.sql, limits, *writer));
  PURVEY_TRY(writer->finish());
  PURVEY_TRY(file.finish());
  if (end.truncated) {
    fmt::print(stderr, "purvey: cut off after {} rows; --rows N takes more\n",
               with_commas(arguments.rows));
  }
  return {};
}

}  // namespace

void add_sql_command(CLI::App& app, int& status) {
  auto arguments = std::make_shared<SqlArguments>();
  auto* const command =
      app.add_subcommand("sql", "ask the store: one SELECT over tables and views");
  command->footer(
      "Example: purvey sql --data ./purvey-data \"select status, count(*) from orders group by "
      "1\"");
  command->add_option("SQL", arguments->sql, "the question")->required();
  command->add_option("--data", arguments->data, "data folder")->capture_default_str();
  command->add_flag("--json", arguments->form.json, "an array of objects");
  command->add_option("--out", arguments->form.out, "file instead of standard output");
  command->add_option("--rows", arguments->rows, "most rows given")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000'000));
  command->add_option("--seconds", arguments->seconds, "longest time")
      ->capture_default_str()
      ->check(CLI::Range(1, 86'400));
  command->add_option("--memory", arguments->memory_mb, "most memory, MB")
      ->capture_default_str()
      ->check(CLI::Range(64, 1'000'000));
  command->callback([arguments, &status] {
    const auto asked = ask(*arguments);
    status = asked ? kDone : report(asked.error());
  });
}

}  // namespace purvey::app
