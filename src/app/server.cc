#include "app/server.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <filesystem>

#include "app/event_intake.h"
#include "app/hook_intake.h"
#include "app/live_flow.h"
#include "app/routes.h"
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
  return signals;
}

/// Every connection needs a descriptor, and the store some: as many as the system allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Until somebody stops the process, or the flow has ended.
void wait_for_end(const LiveFlow& flow, const sigset_t& signals) {
  const timespec look{.tv_sec = 0, .tv_nsec = kLookNs};
  while (!flow.failure()) {
    if (sigtimedwait(&signals, nullptr, &look) > 0) return;
  }
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

base::Result<void> run_server(const ServerOptions& options, const Configuration& configuration) {
  raise_descriptor_limit();
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto live = live_options(options.data, configuration);
  live.clock = options.clock;
  const auto flow = PURVEY_TRY(LiveFlow::open(live, configuration));
  const auto metrics = std::make_shared<serve::Metrics>();
  EventIntake intake(*flow, metrics->registry());
  const auto hooks = PURVEY_TRY(HookIntake::open(configuration.hooks, intake));
  auto http =
      serve::read_server_options(configuration.settings.section("server"), configuration.folder);
  http.address = options.address;
  http.port = options.port;
  http.tokens = {{.secret = PURVEY_TRY(serve::load_admin_token(options.data))}};
  auto desk = std::make_unique<QuestionDesk>(
      *flow, read_question_limits(configuration.settings.section("sql")));
  http.limits.answer_time =
      std::max(http.limits.answer_time, desk->limits().time + kBesideQuestion);
  const std::string certificate = http.tls.certificate;
  const auto server = PURVEY_TRY(serve::HttpServer::start(
      std::move(http), make_routes(*flow, intake, *hooks, *desk, metrics), metrics));
  PURVEY_TRY(flow->announce(announcement(*server, options.address, certificate)));
  fmt::print(stderr, "purvey: serving {}, data in {}\n", server->url(), options.data);
  if (options.serving) options.serving();
  wait_for_end(*flow, signals);
  server->stop(kGrace);
  desk.reset();  // it asks the store, which the flow closes
  return flow->stop();
}

}  // namespace purvey::app
