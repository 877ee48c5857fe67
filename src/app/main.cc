#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>

#include "app/commands.h"
#include "app/console.h"
#include "app/version.h"

namespace {

/// One line for what was typed wrong, with the way to help.
int usage_error(const CLI::ParseError& error) {
  fmt::print(stderr, "purvey: {}; see purvey --help\n", error.what());
  return purvey::app::kBadInput;
}

/// Whether the first word is there to be a command and is none.
bool is_unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return false;
  const auto commands = app.get_subcommands({});
  return std::none_of(commands.begin(), commands.end(),
                      [&](const CLI::App* command) { return command->get_name() == argv[1]; });
}

int run(int argc, char** argv) {
  using namespace purvey::app;
  CLI::App app{"Purvey raises the supply capability of a shop: flow, watch, decide.", "purvey"};
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  int status = kDone;
  add_run_command(app, status);
  add_replay_command(app, status);
  add_import_command(app, status);
  add_sql_command(app, status);
  add_digest_command(app, status);
  add_export_command(app, status);
  add_dead_letters_command(app, status);
  add_purge_command(app, status);
  add_check_command(app, status);
  if (is_unknown_command(app, argc, argv)) {
    fmt::print(stderr, "purvey: there is no command \"{}\"; see purvey --help\n", argv[1]);
    return kBadInput;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : usage_error(error);
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    fmt::print(stderr, "purvey: standard output could not be written\n");
    return kOutsideFailed;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "purvey: {}\n", error.what());
    return purvey::app::kOutsideFailed;
  }
}
