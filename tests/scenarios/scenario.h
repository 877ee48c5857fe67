#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/operator_command.h"
#include "base/event_time.h"

namespace purvey::scenarios {

/// Events that reach the server, as lines of CloudEvents JSON.
struct Send {
  std::vector<std::string> lines = {};
  /// The clock goes on to this time first; kNever: they arrive now.
  base::EventTime clock = base::kNever;
  bool is_raw = false;  ///< as they stand in the scenario: perhaps no events
};

/// The wall clock goes on, second by second.
struct Advance {
  base::EventTime to = base::kNever;  ///< or else by `by`
  base::Micros by{0};
};

/// What happens to the server.
enum class Fate : uint8_t {
  kRestart,  ///< killed and started again at once
  kKill,     ///< gone without a word, until `start`
  kStop,     ///< as an operator would, until `start`
  kStart,
  kCommit,  ///< results are written now
};

/// What an operator does about the open dead letters of an id.
struct Operate {
  app::OperatorVerb verb = app::OperatorVerb::kRetry;
  std::string id = {};
};

/// What an operator does about a source whose import was wrong: the server is stopped, the source
/// purged, the server started again.
struct PurgeSource {
  std::string source = {};
};

/// A cell of a row that is expected.
struct ExpectedCell {
  std::string column = {};
  std::string value = {};
  bool is_null = false;
  bool roughly = false;  ///< to as many decimals as `value` has
};

using ExpectedRows = std::vector<std::vector<ExpectedCell>>;

/// Rows that a SELECT over the committed tables must give; further columns do not matter.
struct ExpectRows {
  std::string select = {};
  ExpectedRows rows = {};
  std::string nearby = {};  ///< a SELECT that shows what there is instead; empty for none
  std::string kpi = {};     ///< that the pack must have
  std::string rule = {};    ///< that must be in force
};

/// The verdict that the last event of this source and id got.
struct ExpectVerdict {
  std::string source = {};
  std::string id = {};
  std::string verdict = {};
};

/// At the end the results are those of another scenario, by their digests.
struct ExpectSameResults {
  std::string file = {};
};

struct Step {
  uint32_t line = 0;  ///< in the file, from 1
  std::variant<Send, Advance, Fate, Operate, PurgeSource, ExpectRows, ExpectVerdict,
               ExpectSameResults>
      what = {};
};

/// A file of tests/scenarios, read: what a server is given, step by step, and what it must show.
struct Scenario {
  std::string file = {};      ///< its path
  std::string settings = {};  ///< text of purvey.toml
  /// Files that lie beside it, by name.
  std::map<std::string, std::string> files = {};
  base::EventTime start = {};  ///< of the wall clock
  std::vector<Step> steps = {};
};

}  // namespace purvey::scenarios
