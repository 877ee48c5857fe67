#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "app/configuration.h"
#include "app/settings_watch.h"
#include "base/event_time.h"

namespace purvey::app {

struct ServerOptions {
  std::string data = "purvey-data";
  std::string address = "127.0.0.1";
  uint16_t port = 8080;  ///< 0: any free one; the line that the server prints names it
  std::function<base::EventTime()> clock = {};  ///< of the wall; the system's without one
  int listener = -1;  ///< a socket that listens there already, which the server takes over
  std::function<void()> serving = {};  ///< called once it listens
};

/// How a server ended that was not stopped: with other settings to go on with.
struct NewSettings {
  Configuration configuration;
  int listener = -1;  ///< where clients wait meanwhile; ServerOptions::listener of the next run
  uint16_t port = 0;
};

/// Serves until SIGTERM or SIGINT, until `watch` gives new settings (SIGHUP has it read the file at
/// once), or until the flow ends for good. Prints one line on standard error once it listens.
/// Stopping finishes what is in work, counts all that was acknowledged and commits. To be called
/// before any other thread is started: the three signals are blocked for all.
///
/// Errors: those of LiveFlow::open() and HttpServer::start(); what ended the flow.
base::Result<std::optional<NewSettings>> run_server(const ServerOptions& options,
                                                    const Configuration& configuration,
                                                    SettingsWatch& watch);

}  // namespace purvey::app
