#include "tests/bad_input/doors.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <simdjson.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <numeric>
#include <thread>
#include <utility>

#include "app/configuration.h"
#include "app/server.h"
#include "base/check.h"
#include "serve/http_server.h"
#include "store/depot/store.h"
#include "store/result/writers.h"

namespace purvey::bad_input {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kCountedWithin{10};

/// Rows of an answer as CSV, without its header.
std::string ask(const std::string& folder, const std::string& sql) {
  auto store = store::depot::Store::open({.folder = folder, .read_only = true});
  PURVEY_CHECK(store.has_value(), store.error().message);
  std::string rows;
  const auto writer = store::result::make_csv_writer([&](std::string_view bytes) {
    rows.append(bytes);
    return base::Result<void>();
  });
  const auto end = (*store)->query(sql, {}, *writer);
  PURVEY_CHECK(end.has_value(), end.error().message);
  (void)writer->finish();
  std::erase(rows, '\r');
  return rows.substr(rows.find('\n') + 1);
}

Counts counts_of(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element sources = parser.parse(json.data(), json.size());
  Counts counts;
  for (const simdjson::dom::element source : simdjson::dom::array(sources)) {
    counts.received += uint64_t(source["received"]);
    for (size_t i = 0; i < event::kVerdicts; ++i) {
      counts.by_verdict[i] += uint64_t(source[event::kVerdictNames[i]]);
    }
  }
  return counts;
}

}  // namespace

base::EventTime door_clock() {
  return base::parse_rfc3339("2026-01-20T00:00:00Z").value();
}

bool Counts::is_conserved() const {
  return received == std::accumulate(by_verdict.begin(), by_verdict.end(), uint64_t{0});
}

std::vector<Outcome> outcomes_in(const std::string& folder, size_t events) {
  std::vector<Outcome> outcomes(events, Outcome{"accepted"});
  std::string rows = ask(folder,
                         "select seq, verdict, split_part(reason, ':', 1) from dead_letter "
                         "order by seq");
  for (size_t at = 0; at < rows.size();) {
    const size_t end = rows.find('\n', at);
    const std::string row = rows.substr(at, end - at);
    const size_t first = row.find(',');
    const size_t second = row.find(',', first + 1);
    const size_t seq = std::stoull(row.substr(0, first));
    PURVEY_CHECK(seq >= 1 && seq <= events, "a dead letter of an event that was never sent");
    outcomes[seq - 1] = {row.substr(first + 1, second - first - 1), row.substr(second + 1)};
    at = end + 1;
  }
  return outcomes;
}

RunningServer::RunningServer(const std::string& settings, const std::string& map,
                             base::EventTime clock)
    : scratch_(app::TemporaryFolder::make().value()) {
  const std::string path = scratch_.path() + "/purvey.toml";
  std::ofstream(path) << settings;
  std::ofstream(scratch_.path() + "/map.toml") << map;
  int ends[2];
  PURVEY_CHECK(pipe2(ends, O_CLOEXEC) == 0, "no pipe");
  process_ = fork();
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // however the test ends
    dup2(ends[1], STDERR_FILENO);
    const auto configuration = app::load_configuration(path);
    PURVEY_CHECK(configuration.has_value(), configuration.error().message);
    app::SettingsWatch watch(std::nullopt);
    const auto served = app::run_server(
        {.data = data(), .port = 0, .clock = [clock] { return clock; }}, *configuration, watch);
    _exit(served ? 0 : 1);
  }
  close(ends[1]);
  messages_ = ends[0];
  port_ = read_port();
  client_ = std::make_unique<serve::HttpClient>(port_);
}

RunningServer::~RunningServer() {
  close(messages_);
  if (process_ < 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

/// From the line that a server prints once it listens.
uint16_t RunningServer::read_port() {
  constexpr std::string_view kBefore = "serving http://127.0.0.1:";
  std::string text;
  for (char block[256];;) {
    const ssize_t got = read(messages_, block, sizeof(block));
    PURVEY_CHECK(got > 0, "the server does not start: " + text);
    text.append(block, static_cast<size_t>(got));
    const size_t at = text.find(kBefore);
    if (at == text.npos || text.find(',', at) == text.npos) continue;
    return static_cast<uint16_t>(std::stoul(text.substr(at + kBefore.size())));
  }
}

serve::Answer RunningServer::post(std::string_view path, std::string_view body,
                                  std::string_view type) {
  if (body.size() <= serve::HttpLimits{}.body_bytes) {
    client_->post(path, body, fmt::format("Content-Type: {}\r\n", type));
    return answer();
  }
  // The answer comes before the end of what is too large; a client that goes on sending may miss
  // it.
  client_->send(
      fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\n"
                  "Content-Length: {}\r\n\r\n",
                  path, type, body.size()));
  const auto refused = answer();
  client_ = std::make_unique<serve::HttpClient>(port_);
  return refused;
}

serve::Answer RunningServer::answer() {
  auto answer = client_->answer();
  // What a case brings about, the next one does not have to bear.
  if (!answer) client_ = std::make_unique<serve::HttpClient>(port_);
  return answer.value_or(serve::Answer{});
}

Counts RunningServer::counts(uint64_t received) {
  const auto until = steady_clock::now() + kCountedWithin;
  for (;;) {
    client_->get("/api/v1/quality");
    const auto report = answer();
    PURVEY_CHECK(report.status == 200, "no quality report: " + report.body);
    const Counts counts = counts_of(report.body);
    if (counts.received >= received || steady_clock::now() > until) return counts;
    std::this_thread::yield();
  }
}

void RunningServer::stop() {
  client_.reset();
  kill(process_, SIGTERM);
  int status = 1;
  waitpid(std::exchange(process_, -1), &status, 0);
  PURVEY_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the server did not end well");
}

}  // namespace purvey::bad_input
