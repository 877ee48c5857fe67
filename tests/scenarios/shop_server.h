#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/configuration.h"
#include "app/flow_engine.h"
#include "base/event_time.h"
#include "base/result.h"
#include "event/json_decoder.h"
#include "store/depot/questions.h"
#include "tests/scenarios/expectation.h"

namespace purvey::scenarios {

/// A server on one thread, with a clock of its own: the engine that `purvey run` uses, on a real
/// folder. Errors of any call are those of the engine.
class ShopServer {
 public:
  /// `configuration` must outlive it.
  ShopServer(std::string folder, const app::Configuration& configuration, uint64_t segment_bytes)
      : folder_(std::move(folder)), configuration_(configuration), segment_bytes_(segment_bytes) {}

  bool is_up() const { return engine_ != nullptr; }

  base::Result<void> start(base::EventTime now);
  /// Gone, without a commit, as by a power cut that the disk survived.
  void kill();
  /// Publishes what is open, commits and goes.
  base::Result<void> stop(base::EventTime now);

  /// One message of events, as lines.
  base::Result<void> send(const std::vector<std::string>& lines, base::EventTime now);
  base::Result<void> tick(base::EventTime now);
  /// Does something about the open dead letters of an id. Errors: also kNotFound if there are none.
  base::Result<void> operate(const Operate& what, base::EventTime now);
  /// Stops, purges a source and starts again. Errors: also those of app::Purge.
  base::Result<void> purge(const std::string& source, base::EventTime now);
  base::Result<void> commit();
  /// commit(), if anything came since the last one.
  base::Result<void> commit_news();

  /// The rows of a SELECT over what is committed; of a server that is down too.
  base::Result<Cells> ask(const std::string& sql);

  /// What the last event of this source and id that came was told; empty if none came.
  std::string last_verdict(const std::string& source, const std::string& id) const;
  /// The verdict by which an id is remembered; empty if it is not.
  std::string remembered_verdict(const std::string& source, const std::string& id);

 private:
  void note_verdicts(const event::EventBatch& batch);
  base::Result<void> take(std::vector<app::FlowEngine::Submitted> submitted,
                          std::optional<base::EventTime> tick);

  const std::string folder_;
  const app::Configuration& configuration_;
  const uint64_t segment_bytes_;
  base::EventTime now_;  ///< of the wall clock, as it was told last
  std::unique_ptr<app::FlowEngine> engine_;
  std::unique_ptr<event::JsonDecoder> decoder_;
  std::unique_ptr<store::depot::Questions> questions_;
  std::map<std::pair<std::string, std::string>, std::string> verdicts_;
};

}  // namespace purvey::scenarios
