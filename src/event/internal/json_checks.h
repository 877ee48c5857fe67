#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "event/verdict.h"

namespace purvey::event::internal {

/// What is wrong with the event at hand, if anything: a rejection stands above a quarantine, the
/// first of a kind above later ones.
class RefusalNote {
 public:
  void clear() { noted_ = false; }
  /// Both give false, so that a check can end in `return note.reject(...)`.
  bool reject(Reason reason, std::string detail);
  bool quarantine(Reason reason, std::string detail);

  bool noted() const { return noted_; }
  bool is_rejection() const { return noted_ && refusal_.verdict == Verdict::kRejected; }
  const Refusal& refusal() const { return refusal_; }

 private:
  void note(Refusal refusal);

  Refusal refusal_;
  bool noted_ = false;
};

/// An id or name: neither empty nor longer than kNameBytesMax, no control characters. Notes what is
/// wrong.
bool check_word(std::string_view field, std::string_view word, RefusalNote& note);

/// Keys of one object that mean nothing to us; one that stands twice is a rejection, as its sender
/// means something else than it says. Sorts `keys`.
bool check_twins(std::string_view prefix, std::vector<std::string_view>& keys, RefusalNote& note);

/// Marks field `place` as seen; notes a key that stands twice.
bool see_once(uint64_t& seen, size_t place, std::string_view key, RefusalNote& note);

}  // namespace purvey::event::internal
