#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "app/play_journal.h"
#include "base/dictionary.h"

namespace purvey::app {

/// Where dead letters stand once events before them are gone: a letter is known by the seq of its
/// event, and commands name it so.
class LetterNumbers {
 public:
  /// `named`: the letters that commands are about; no others are followed.
  explicit LetterNumbers(std::set<int64_t> named) : named_(std::move(named)) {}

  /// Those named with begin <= seq < end, as they were.
  std::set<int64_t> named(int64_t begin, int64_t end) const {
    return {named_.lower_bound(begin), named_.lower_bound(end)};
  }
  bool is_named(int64_t before) const { return named_.contains(before); }
  void move(int64_t before, int64_t now) { now_[before] = now; }
  /// Nothing if its event is gone.
  std::optional<int64_t> find(int64_t before) const {
    const auto found = now_.find(before);
    return found == now_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  const std::set<int64_t> named_;
  std::map<int64_t, int64_t> now_;
};

/// The seq of the next event, with all events and with those that are left.
struct NextSeq {
  int64_t before = 1;
  int64_t now = 1;
};

/// Takes a source out of records of the journal, as if it had never sent anything.
///
/// - Of a batch its events go. Lines that name no source belong to their message: they go with it
///   if no other source is in it.
/// - Of a command the dead letters of its events go, and the others get the seqs that they have
///   now.
/// - Ticks and stops before the first event that is left go: a server that got none writes none.
class SourceFilter {
 public:
  enum class Left : uint8_t { kAll, kSome, kNothing };

  /// `letters` must outlive it.
  SourceFilter(std::string source, LetterNumbers& letters)
      : source_(std::move(source)), letters_(letters) {}

  /// `input` becomes what is left of it; `names` is its dictionary, `next` moves on.
  Left filter(FlowInput& input, const base::Dictionary& names, NextSeq& next);

 private:
  Left filter_events(event::EventBatch& batch, std::optional<uint32_t> source, NextSeq& next);
  Left filter_command(OperatorCommand& command, std::optional<uint32_t> source, NextSeq& next);

  const std::string source_;
  LetterNumbers& letters_;
  bool has_begun_ = false;  ///< something other than ticks and stops is left
};

}  // namespace purvey::app
