#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <functional>
#include <limits>

#include "base/site_zone.h"
#include "event/batch.h"
#include "flow/admit/id_table.h"

namespace purvey::flow {

/// Counts of received events by verdict.
using VerdictCounts = std::array<uint64_t, event::kVerdicts>;

/// One line of the quality report: how many events of a source and day got a verdict for a reason.
struct QualityKey {
  static constexpr int32_t kNoDay = std::numeric_limits<int32_t>::min();

  uint32_t source = 0;
  int32_t day = kNoDay;  ///< of the event's time, in the site's zone; kNoDay if it has none
  event::Verdict verdict = event::Verdict::kAccepted;
  event::Reason reason = event::Reason::kNone;

  friend bool operator==(const QualityKey&, const QualityKey&) = default;
  template <class Hash>
  friend Hash AbslHashValue(Hash hash, const QualityKey& key) {
    return Hash::combine(std::move(hash), key.source, key.day, key.verdict, key.reason);
  }
};

/// Gives every received event its verdict, in order of arrival, and counts it: received is the sum
/// of the verdicts.
///
/// Rejected (by the decoder), else duplicate or conflict (the id was taken before), else
/// quarantined (impossible, or later than the clock allows), else accepted. Files know neither late
/// nor too old: docs/data.md, section 3.
class Admission {
 public:
  /// `ids` must outlive it. Events after `future_limit` are quarantined and move nothing.
  Admission(IdTable& ids, base::SiteZone zone, base::EventTime future_limit)
      : ids_(ids), zone_(std::move(zone)), future_limit_(future_limit) {}

  /// A last look at an event that would be accepted: kNone, or why it is impossible after all.
  using Inspect = std::function<event::Reason()>;

  /// The verdict of `row`, which is also set in it.
  event::Verdict admit(event::EventBatch& batch, event::EventRow& row, const Inspect& inspect = {});

  /// Why the last event that admit() saw got its verdict, for the dead letters; kNone if it was
  /// accepted.
  event::Reason reason() const { return reason_; }

  const VerdictCounts& counts() const { return counts_; }
  const absl::flat_hash_map<QualityKey, uint64_t>& quality() const { return quality_; }

 private:
  event::Verdict judge(const event::EventBatch& batch, const event::EventRow& row,
                       const Inspect& inspect);

  IdTable& ids_;
  base::SiteZone zone_;
  const base::EventTime future_limit_;
  event::Reason reason_ = event::Reason::kNone;
  VerdictCounts counts_{};
  absl::flat_hash_map<QualityKey, uint64_t> quality_;
};

}  // namespace purvey::flow
