#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/dictionary.h"
#include "base/result.h"
#include "event/batch.h"

namespace purvey::app {

/// What an operator does about dead letters. The numbers stand in files.
enum class OperatorVerb : uint8_t {
  kRetry = 1,    ///< their events go through intake once more
  kDiscard = 2,  ///< they are done with
};

/// What an operator wants done: an input of the flow, which stands in the journal among the others,
/// so that whoever plays it does the same.
struct OperatorCommand {
  OperatorVerb verb = OperatorVerb::kDiscard;
  std::vector<int64_t> letters = {};               ///< the seqs of dead letters
  std::shared_ptr<event::EventBatch> events = {};  ///< of a retry: that of each letter, in order
};

/// As docs/formats/operator-command.md says. O(command).
std::string encode_command(const OperatorCommand& command, const base::Dictionary& names);

/// Errors: kCorrupt for bytes that encode_command() did not write, kUnsupported for those of a
/// later version, kExhausted if `names` is full.
base::Result<OperatorCommand> decode_command(std::string_view bytes, base::Dictionary& names);

}  // namespace purvey::app
