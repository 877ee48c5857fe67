#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/temporary_folder.h"
#include "base/event_time.h"
#include "event/verdict.h"
#include "serve/http_client_fixture.h"

namespace purvey::bad_input {

/// The clock of all doors stands here: 2026-01-20.
base::EventTime door_clock();

/// What became of one event: `accepted`, `rejected not_json`.
struct Outcome {
  std::string verdict;
  std::string reason = {};

  friend bool operator==(const Outcome&, const Outcome&) = default;
  std::string text() const { return reason.empty() ? verdict : verdict + " " + reason; }
};

/// The outcomes of the events of a data folder that no process holds, in the order in which they
/// were counted. Of accepted ones and duplicates no reason is known.
std::vector<Outcome> outcomes_in(const std::string& folder, size_t events);

/// How many events a server ever received, by verdict; over all sources.
struct Counts {
  std::array<uint64_t, event::kVerdicts> by_verdict{};
  uint64_t received = 0;

  bool is_conserved() const;
};

/// `purvey run` in a process of its own, with a clock that stands and a folder that goes away.
class RunningServer {
 public:
  /// `settings`: the text of its settings file, which may name the file `map.toml` of text `map`.
  RunningServer(const std::string& settings, const std::string& map,
                base::EventTime clock = door_clock());
  /// Kills it, if it was not stopped.
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  std::string data() const { return scratch_.path() + "/data"; }
  serve::Answer post(std::string_view path, std::string_view body, std::string_view type);
  /// What /api/v1/quality says once `received` events are counted, at most ten seconds later.
  Counts counts(uint64_t received);
  /// Ends it as an operator would; the folder stays.
  void stop();

 private:
  uint16_t read_port();
  serve::Answer answer();

  const app::TemporaryFolder scratch_;
  pid_t process_ = -1;
  int messages_ = -1;  ///< what it prints
  uint16_t port_ = 0;
  std::unique_ptr<serve::HttpClient> client_;
};

}  // namespace purvey::bad_input
