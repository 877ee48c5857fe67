#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "app/commands.h"
#include "app/console.h"
#include "app/server.h"
#include "app/settings_in_force.h"
#include "app/worker_process.h"

namespace purvey::app {
namespace {

struct RunArguments {
  std::string data = "purvey-data";
  std::string listen = "127.0.0.1:8080";
  std::optional<std::string> settings;
  bool single = false;
};

/// `127.0.0.1:8080` or `[::1]:8080` as address and port.
base::Result<ServerOptions> read_listen(const std::string& text) {
  const size_t colon = text.rfind(':');
  ServerOptions options;
  if (colon != std::string::npos) {
    options.address = text.substr(0, colon);
    if (options.address.starts_with('[') && options.address.ends_with(']')) {
      options.address = options.address.substr(1, options.address.size() - 2);
    }
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + colon + 1, end, options.port);
    if (!options.address.empty() && read.ec == std::errc() && read.ptr == end) return options;
  }
  return base::invalid_input(
      fmt::format("--listen {}: write an address and a port, such as 127.0.0.1:8080", text));
}

/// What a worker begins with.
struct Start {
  Configuration configuration;
  std::optional<Configuration> before = {};  ///< to fall back on
};

/// Of the first worker what its parent read; of one that takes another's place the settings file
/// as it is now, or if that is refused the settings that were in force. Errors: neither can be
/// read.
base::Result<Start> find_start(const Configuration& first,
                               const std::optional<std::string>& settings,
                               const SettingsInForce& in_force, SettingsWatch& watch) {
  const auto text = in_force.text();
  if (!settings || !text) return Start{first, std::nullopt};
  auto now = load_configuration(settings);
  if (now && now->text == *text) return Start{*std::move(now), std::nullopt};
  auto before = parse_configuration(*text, *settings);
  if (now) {
    return Start{*std::move(now), before ? std::optional(*std::move(before)) : std::nullopt};
  }
  if (!before) return now.error();
  watch.refuse(now.error().message);
  return Start{*std::move(before)};
}

/// Serves, with one settings file after the other. What cannot even begin would fail again; what
/// ended while it served may go on after a new start.
int serve(ServerOptions options, const Configuration& first,
          const std::optional<std::string>& settings, SettingsInForce& in_force) {
  SettingsWatch watch(settings);
  auto start = find_start(first, settings, in_force, watch);
  if (!start) return report(start.error());
  Configuration& configuration = start->configuration;
  std::optional<Configuration>& before = start->before;
  bool began = false;
  options.serving = [&] {
    began = true;
    if (before) fmt::print(stderr, "purvey: new settings are in force\n");
    before.reset();
    in_force.keep(configuration.text);
  };
  for (;;) {
    auto end = run_server(options, configuration, watch);
    if (!end && before) {
      watch.refuse(end.error().message);
      configuration = *std::exchange(before, std::nullopt);
      continue;
    }
    if (!end) {
      const int status = report(end.error());
      return began ? kStartAgain : status;
    }
    if (!*end) return kDone;
    before = std::exchange(configuration, std::move((*end)->configuration));
    if (options.listener >= 0) close(options.listener);
    options.listener = (*end)->listener;
    options.port = (*end)->port;
  }
}

int run(const RunArguments& arguments) {
  const auto settings = settings_file(arguments.settings);
  if (settings && !arguments.settings) {
    fmt::print(stderr, "purvey: settings from ./{}\n", *settings);
  }
  const auto configuration = load_configuration(settings);
  if (!configuration) return report(configuration.error());
  auto options = read_listen(arguments.listen);
  if (!options) return report(options.error());
  options->data = arguments.data;
  SettingsInForce in_force;
  const auto work = [&] { return serve(*options, *configuration, settings, in_force); };
  if (!arguments.single) return run_worker(work);
  const int done = work();
  return done == kStartAgain ? kOutsideFailed : done;
}

}  // namespace

void add_run_command(CLI::App& app, int& status) {
  auto arguments = std::make_shared<RunArguments>();
  auto* const command = app.add_subcommand("run", "the server: events in over HTTP, results out");
  command->footer("Example: purvey run --data ./purvey-data --listen 127.0.0.1:8080");
  add_data_option(*command, arguments->data);
  command->add_option("--listen", arguments->listen, "address and port; port 0 is any free one")
      ->capture_default_str();
  command->add_option("-c,--config", arguments->settings, "settings; else ./purvey.toml, if there");
  command->add_flag("--single-process", arguments->single, "no parent that starts it again");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace purvey::app
