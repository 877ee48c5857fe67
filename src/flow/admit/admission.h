#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <functional>
#include <limits>

#include "base/byte_codec.h"
#include "base/dictionary.h"
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

/// Event times that decide on verdicts: events after `future` are quarantined; of those that would
/// be taken, the ones before `late` have no open window left, and those before `too_old` are never
/// counted (catalogue entries are, whatever their age). Files know neither late nor too old.
struct Horizon {
  base::EventTime future;
  base::EventTime late = base::kNever;
  base::EventTime too_old = base::kNever;
};

/// Gives every received event its verdict, in order of arrival, and counts it: received is the sum
/// of the verdicts.
///
/// Rejected (by the decoder), else too old, else duplicate or conflict (the id was taken before),
/// else quarantined (impossible, or later than the clock allows), else late, else accepted:
/// docs/data.md, section 3. What was quarantined has not counted: when its id comes again with an
/// event that can be taken by then, that one is.
class Admission {
 public:
  /// `ids` must outlive it.
  Admission(IdTable& ids, base::SiteZone zone, const Horizon& horizon)
      : ids_(ids), zone_(std::move(zone)), horizon_(horizon) {}

  /// Of the events that come next.
  void set_horizon(const Horizon& horizon) { horizon_ = horizon; }

  /// A last look at an event that would be accepted: kNone, or why it is impossible after all.
  using Inspect = std::function<event::Reason()>;

  /// The verdict of `row`, which is also set in it.
  event::Verdict admit(event::EventBatch& batch, event::EventRow& row, const Inspect& inspect = {});

  /// Why the last event that admit() saw got its verdict, for the dead letters; kNone if it was
  /// accepted.
  event::Reason reason() const { return reason_; }

  const VerdictCounts& counts() const { return counts_; }
  /// All that was ever received, by source (a dictionary id).
  const absl::flat_hash_map<uint32_t, VerdictCounts>& totals() const { return totals_; }
  const absl::flat_hash_map<QualityKey, uint64_t>& quality() const { return quality_; }
  /// Forgets the quality report so far, which was stored.
  void clear_quality() { quality_.clear(); }

  /// The totals; ids and quality are kept elsewhere.
  void save(base::ByteWriter& writer, const base::Dictionary& names) const;
  void load(base::ByteReader& reader, base::Dictionary& names);

 private:
  event::Verdict judge(const event::EventBatch& batch, const event::EventRow& row,
                       const Inspect& inspect);
  event::Verdict judge_again(const event::EventRow& row, event::Verdict otherwise,
                             const Inspect& inspect);
  event::Verdict judge_new(const event::EventRow& row, const Inspect& inspect);

  IdTable& ids_;
  base::SiteZone zone_;
  Horizon horizon_;
  event::Reason reason_ = event::Reason::kNone;
  VerdictCounts counts_{};
  absl::flat_hash_map<uint32_t, VerdictCounts> totals_;
  absl::flat_hash_map<QualityKey, uint64_t> quality_;
};

}  // namespace purvey::flow
