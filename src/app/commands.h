#pragma once

namespace CLI {
class App;
}

namespace purvey::app {

/// Each adds one command to the command line; when it is given, it runs and sets `status`, the exit
/// status.
void add_run_command(CLI::App& app, int& status);
void add_replay_command(CLI::App& app, int& status);
void add_import_command(CLI::App& app, int& status);
void add_sql_command(CLI::App& app, int& status);
void add_digest_command(CLI::App& app, int& status);
void add_export_command(CLI::App& app, int& status);
void add_dead_letters_command(CLI::App& app, int& status);
void add_purge_command(CLI::App& app, int& status);
void add_check_command(CLI::App& app, int& status);

}  // namespace purvey::app
