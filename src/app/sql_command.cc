#include "app/sql_command.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/console.h"
#include "app/output_file.h"
#include "app/up_to_date.h"

namespace purvey::app {
namespace {

using base::Result;

constexpr uint64_t kRowsMax = 1'000'000;

Result<void> ask_store(const SqlArguments& arguments, store::depot::Store& store) {
  auto file = PURVEY_TRY(OutputFile::open(arguments.form.out));
  const auto writer = make_result_writer(file, arguments.form.json);
  const store::QueryLimits defaults;
  const store::QueryLimits limits{
      .time = arguments.seconds ? std::chrono::seconds(*arguments.seconds) : defaults.time,
      .rows = arguments.rows.value_or(kRowsMax),
      .memory_mb = arguments.memory_mb.value_or(defaults.memory_mb)};
  const auto end = PURVEY_TRY(store.query(arguments.sql, limits, *writer));
  PURVEY_TRY(writer->finish());
  PURVEY_TRY(file.finish());
  if (end.truncated) {
    fmt::print(stderr, "purvey: cut off after {} rows; {}\n", with_commas(limits.rows),
               arguments.for_more);
  }
  return {};
}

std::string path_of(const SqlArguments& arguments, bool is_terminal) {
  const char* const form = arguments.form.json ? "json" : (is_terminal ? "table" : "csv");
  std::string path = fmt::format("/api/v1/sql?form={}", form);
  if (arguments.committed) path += "&fresh=false";
  if (arguments.rows) path += fmt::format("&rows={}", *arguments.rows);
  if (arguments.seconds) path += fmt::format("&seconds={}", *arguments.seconds);
  return path;
}

Result<void> ask_server(const SqlArguments& arguments, const RunningServer& server) {
  if (arguments.memory_mb) {
    return base::invalid_input(fmt::format(
        "--memory: {} answers, and [sql] memory of its settings says what a question may take",
        server.url()));
  }
  auto file = PURVEY_TRY(OutputFile::open(arguments.form.out));
  // The server has a limit of its own; this one is for a server that is no longer there.
  constexpr std::chrono::hours kLongest{2};
  const auto answer = PURVEY_TRY(server.call({.method = serve::Method::kPost,
                                              .path = path_of(arguments, file.is_terminal()),
                                              .content_type = "application/sql",
                                              .body = arguments.sql,
                                              .time = kLongest}));
  PURVEY_TRY(file.write(answer.body));
  PURVEY_TRY(file.finish());
  const auto truncated = answer.header("purvey-truncated");
  if (truncated == "rows") {
    fmt::print(stderr, "purvey: cut off; {}\n", arguments.for_more);
  } else if (truncated) {
    fmt::print(stderr, "purvey: cut off: the answer is larger than [sql] answer of {}\n",
               server.url());
  }
  return {};
}

}  // namespace

Result<void> ask_sql(const SqlArguments& arguments) {
  if (arguments.where.server.empty()) {
    const auto store = open_up_to_date(arguments.where.data);
    if (store) return ask_store(arguments, **store);
    if (store.error().code != base::ErrorCode::kConflict) return store.error();
    const auto server = PURVEY_TRY(RunningServer::find(arguments.where));
    return server ? ask_server(arguments, *server) : Result<void>(store.error());
  }
  const auto named = PURVEY_TRY(RunningServer::find(arguments.where));
  return ask_server(arguments, *named);
}

void add_sql_command(CLI::App& app, int& status) {
  auto arguments = std::make_shared<SqlArguments>();
  auto* const command =
      app.add_subcommand("sql", "ask the store: one SELECT over tables and views");
  command->footer(
      "Example: purvey sql --data ./purvey-data \"select status, count(*) from orders group by "
      "1\"");
  command->add_option("SQL", arguments->sql, "the question")->required();
  add_where_options(*command, arguments->where);
  command->add_flag("--json", arguments->form.json, "an array of objects");
  command->add_option("--out", arguments->form.out, "file instead of standard output");
  command->add_option("--rows", arguments->rows, "most rows given; 1,000,000 without it")
      ->check(CLI::Range(1, 1'000'000'000));
  command->add_option("--seconds", arguments->seconds, "longest time; 60 without it")
      ->check(CLI::Range(1, 86'400));
  command->add_option("--memory", arguments->memory_mb, "most memory, MB; 1024 without it")
      ->check(CLI::Range(64, 1'000'000));
  command->add_flag("--committed", arguments->committed,
                    "of a running server: as of its last commit, without waiting for the next");
  command->callback([arguments, &status] {
    const auto asked = ask_sql(*arguments);
    status = asked ? kDone : report(asked.error());
  });
}

}  // namespace purvey::app
