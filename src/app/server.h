#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "app/configuration.h"
#include "base/event_time.h"

namespace purvey::app {

struct ServerOptions {
  std::string data = "purvey-data";
  std::string address = "127.0.0.1";
  uint16_t port = 8080;  ///< 0: any free one; the line that the server prints names it
  std::function<base::EventTime()> clock = {};  ///< of the wall; the system's without one
  std::function<void()> serving = {};           ///< called once it listens
};

/// Serves until SIGTERM or SIGINT, or until the flow ends for good. Prints one line on standard
/// error once it listens. Stopping finishes what is in work, counts all that was acknowledged and
/// commits. To be called before any other thread is started: the two signals are blocked for all.
///
/// Errors: those of LiveFlow::open() and HttpServer::start(); what ended the flow.
base::Result<void> run_server(const ServerOptions& options, const Configuration& configuration);

}  // namespace purvey::app
