#include "app/server.h"

#include <fmt/core.h>
#include <prometheus/gauge.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <filesystem>

#include "app/event_intake.h"
#include "app/hook_intake.h"
#include "app/limit_settings.h"
#include "app/live_flow.h"
#include "app/new_data_folder.h"
#include "app/routes.h"
#include "app/upkeep_metrics.h"
#include "serve/http_server.h"
#include "serve/server_settings.h"
#include "serve/token.h"

namespace purvey::app {
namespace {

constexpr std::chrono::seconds kGrace{10};
// Commits before a question, and forming its answer.
constexpr std::chrono::seconds kBesideQuestion{30};
constexpr long kLookNs = 100'000'000;  // how often it is looked whether the flow has ended

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  return signals;
}

/// Every connection needs a descriptor, and the store some: as many as the system allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Until somebody stops the process, the flow has ended, or there are new settings: then these.
std::optional<Configuration> wait_for_end(const LiveFlow& flow, const sigset_t& signals,
                                          SettingsWatch& watch, prometheus::Gauge& in_force,
                                          UpkeepMetrics& upkeep) {
  const timespec look{.tv_sec = 0, .tv_nsec = kLookNs};
  while (!flow.failure()) {
    const int signal = sigtimedwait(&signals, nullptr, &look);
    if (signal > 0 && signal != SIGHUP) return std::nullopt;
    if (auto settings = watch.look(signal == SIGHUP)) return settings;
    in_force.Set(watch.is_refused() ? 0 : 1);
    upkeep.show(flow.upkeep(), flow.refusal().has_value());
  }
  return std::nullopt;
}

prometheus::Gauge& settings_in_force(prometheus::Registry& metrics) {
  return prometheus::BuildGauge()
      .Name("purvey_settings_in_force")
      .Help("1 if the settings file as it stands is in force, 0 if it was refused")
      .Register(metrics)
      .Add({}, 1);
}

/// Where the commands of this machine find the server.
store::depot::Announcement announcement(const serve::HttpServer& server, const std::string& address,
                                        const std::string& certificate) {
  store::depot::Announcement here{.url = server.url()};
  const std::string scheme = certificate.empty() ? "http" : "https";
  if (address == "0.0.0.0") here.url = fmt::format("{}://127.0.0.1:{}", scheme, server.port());
  if (address == "::") here.url = fmt::format("{}://[::1]:{}", scheme, server.port());
  if (!certificate.empty()) here.certificate = std::filesystem::absolute(certificate).string();
  return here;
}

}  // namespace

base::Result<std::optional<NewSettings>> run_server(const ServerOptions& options,
                                                    const Configuration& configuration,
                                                    SettingsWatch& watch) {
  raise_descriptor_limit();
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto live = live_options(options.data, configuration);
  live.clock = options.clock;
  live.tell = [](const std::string& line) { fmt::print(stderr, "purvey: {}\n", line); };
  NewDataFolder made(options.data);
  const auto flow = PURVEY_TRY(LiveFlow::open(live, configuration));
  made.opened();
  const auto metrics = std::make_shared<serve::Metrics>();
  const auto& limits = configuration.settings.section("limits");
  EventIntake intake(*flow, metrics->registry(), static_cast<size_t>(limits.integer("events")));
  const auto hooks = PURVEY_TRY(HookIntake::open(configuration.hooks, intake));
  auto http =
      serve::read_server_options(configuration.settings.section("server"), configuration.folder);
  const bool needs_token = http.needs_token;
  http.limits = read_http_limits(limits);
  http.address = options.address;
  http.port = options.port;
  http.listener = options.listener;
  http.tokens = configuration.tokens;
  http.tokens.push_back({.secret = PURVEY_TRY(serve::load_admin_token(options.data))});
  auto desk = std::make_unique<QuestionDesk>(
      *flow, read_question_limits(configuration.settings.section("sql")));
  DeadLetterDesk letters(*flow, intake, *desk);
  http.limits.answer_time =
      std::max(http.limits.answer_time, desk->limits().time + kBesideQuestion);
  const std::string certificate = http.tls.certificate;
  const auto server = PURVEY_TRY(serve::HttpServer::start(
      std::move(http),
      make_routes(*flow, intake, *hooks, *desk, letters, *configuration.pack, metrics), metrics));
  PURVEY_TRY(flow->announce(announcement(*server, options.address, certificate)));
  made.keep();
  fmt::print(stderr, "purvey: serving {}, data in {}\n", server->url(), options.data);
  if (!needs_token && !configuration.tokens.empty()) {
    fmt::print(stderr,
               "purvey: [[token]] does not restrict anybody on this machine; "
               "[server] auth = true asks everybody for a token\n");
  }
  if (options.serving) options.serving();
  UpkeepMetrics upkeep(metrics->registry());
  auto settings =
      wait_for_end(*flow, signals, watch, settings_in_force(metrics->registry()), upkeep);
  std::optional<NewSettings> next;
  if (settings) next = {*std::move(settings), server->keep_listening(), server->port()};
  server->stop(kGrace);
  desk.reset();  // it asks the store, which the flow closes
  const auto stopped = flow->stop();
  if (stopped) return next;
  if (next) close(next->listener);
  return stopped.error();
}

}  // namespace purvey::app
