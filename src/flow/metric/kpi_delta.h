#pragma once

#include <memory>
#include <vector>

#include "base/dictionary.h"
#include "flow/metric/measure.h"
#include "flow/metric/pack.h"

namespace purvey::flow {

/// What the signals of one shard added up to between two steps: made by a DeltaCollector, for
/// KpiBoard::apply(). Applying the deltas of all shards between two steps, in any order, gives what
/// adding every signal to the board would have given.
class KpiDelta {
 public:
  struct Content;

  KpiDelta();  ///< nothing
  explicit KpiDelta(std::unique_ptr<Content> content);
  KpiDelta(KpiDelta&&) noexcept;
  KpiDelta& operator=(KpiDelta&&) noexcept;
  ~KpiDelta();

  const Content* content() const { return content_.get(); }  ///< null: nothing

 private:
  std::unique_ptr<Content> content_;
};

/// Adds up the signals of one shard, away from the board. One thread.
class DeltaCollector {
 public:
  /// Both must outlive it; `pack` is the board's.
  DeltaCollector(const Pack& pack, const base::Dictionary& names);
  ~DeltaCollector();
  DeltaCollector(const DeltaCollector&) = delete;
  DeltaCollector& operator=(const DeltaCollector&) = delete;

  /// As those of KpiBoard.
  void focus(base::EventTime time);
  void add(const Signal& signal, const Dimensions& dimensions);
  void move(const Signal& signal, const Dimensions& from, const Dimensions& to);

  /// What came in since the last cut.
  KpiDelta cut();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// How a board knows the groups of one collector; each collector needs its own.
using GroupNumbers = std::vector<uint32_t>;

}  // namespace purvey::flow
