#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/byte_codec.h"
#include "base/site_zone.h"
#include "flow/metric/kpi_board.h"
#include "watch/incident_step.h"
#include "watch/rule_book.h"

namespace purvey::watch {

/// The most pairs of rule and group that are pending or firing at one time; about 250 bytes each.
/// Beyond it no new one begins until one ends, and IncidentCounts::refused counts up.
inline constexpr size_t kActiveMax = 100'000;

struct IncidentCounts {
  size_t pending = 0;    ///< beyond the threshold, not yet for long enough
  size_t firing = 0;     ///< open incidents
  uint64_t refused = 0;  ///< rows that would have begun one above kActiveMax, ever
};

/// Evaluates the rules of a book over KPI rows and tells how incidents begin and end.
///
/// Each pair of a rule and a group of its split goes its own way: at rest -> pending (a window
/// beyond the threshold) -> firing (enough of them in a row) -> resolved (enough windows back, or
/// no row for `resolve_after`). Pending ones that come back are dropped without a step.
///
/// Only the row that first closes a window counts: revisions, rows that are not final and windows
/// that end at or before an earlier watermark change nothing, so that an incident once told stays
/// told. Windows without a row, or with too few observations, neither fire nor resolve; in a level
/// they count as unchanged once the next row comes.
///
/// No result depends on ids or on the order of groups. One thread.
class IncidentDesk {
 public:
  /// `book` and `board`, which names the groups of all rows, must outlive the desk. `zone` says
  /// when the windows of a day end: the board's.
  IncidentDesk(const RuleBook& book, const flow::KpiBoard& board, base::SiteZone zone,
               size_t active_max = kActiveMax);
  ~IncidentDesk();
  IncidentDesk(const IncidentDesk&) = delete;
  IncidentDesk& operator=(const IncidentDesk&) = delete;

  /// Takes all rows that the board published on its way to `watermark` and appends the steps that
  /// follow, by time, rule and dimensions. To be called, with no rows too, whenever the watermark
  /// moves: silence ends incidents. A watermark lower than an earlier one counts as that one.
  void observe(std::span<const flow::KpiRow> rows, base::EventTime watermark,
               std::vector<IncidentStep>& steps);

  IncidentCounts counts() const;

  void save(base::ByteWriter& writer) const;

  /// Loads what save() wrote into a fresh desk; the book may be another. What fires by a rule that
  /// is gone, or that has another metric, window or split now, is resolved by the next observe().
  /// Errors: kCorrupt.
  base::Result<void> load(base::ByteReader& reader);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace purvey::watch
