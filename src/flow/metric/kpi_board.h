#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "base/site_zone.h"
#include "flow/metric/kpi_delta.h"
#include "flow/metric/pack.h"

namespace purvey::flow {

/// The windows of every KPI, in seconds; the last is a day of the site's zone.
inline constexpr std::array<int64_t, 4> kWindowSeconds = {60, 600, 3600, 86400};

/// A KPI's value in one window, as it is published.
struct KpiRow {
  uint32_t kpi = 0;    ///< place in the pack
  uint32_t group = 0;  ///< KpiBoard::dimensions_text() names it
  int64_t window_seconds = 0;
  base::EventTime window_start = {};
  double value = 0;
  int64_t n = 0;
  int64_t revision = 0;
  bool final = false;
};

/// Keeps every KPI of a pack in event-time windows of 1 minute, 10 minutes, 1 hour and 1 day.
///
/// 1. A signal goes to the cell (group, measure) of its minute; a group is one choice of names for
/// one split.
/// 2. When the watermark passes a minute's end, the minute is merged into its three longer windows,
/// levels and daily
///    sums move on, and every KPI that it touched gets a row; so do the longer windows that end
///    there.
/// 3. A signal for a closed minute goes to all four windows at once; they are published again, as
/// revisions, by
///    revise(). Levels after it are worked out anew from the minutes.
///
/// All sums are integers, so no order, split or merge changes a result. One thread. Memory: about
/// 70 bytes a cell; closed windows stay, so that a backfill can revise them.
class KpiBoard {
 public:
  /// `pack` and `names` must outlive the board.
  KpiBoard(const Pack& pack, const base::Dictionary& names, base::SiteZone zone);
  ~KpiBoard();
  KpiBoard(const KpiBoard&) = delete;
  KpiBoard& operator=(const KpiBoard&) = delete;

  /// Minor units of the base currency in one major unit; known when the first currency is. 100
  /// until then.
  void set_money_scale(int64_t scale);

  /// Closed windows are revised until this long after their end, the watermark tells; later signals
  /// do not count in them, and those of levels count in the first minute that is still revised.
  /// Without it closed windows are revised for ever, and by signals of a backfill always.
  void set_allowed_lateness(base::Micros lateness);

  /// Events are about this time now: makes adding to its minute cheap. Changes no result.
  void focus(base::EventTime time);

  void add(const Signal& signal, const Dimensions& dimensions);

  /// Takes an observation that was added with `from` to `to`; groups that both name do not change.
  void move(const Signal& signal, const Dimensions& from, const Dimensions& to);

  /// Adds what a shard collected between two steps. `groups` is that of its collector, empty at
  /// first: meet() the deltas of a collector in the order of their cuts, and apply() them in that
  /// of the steps.
  void meet(const KpiDelta& delta, GroupNumbers& groups);
  void apply(const KpiDelta& delta, const GroupNumbers& groups);

  /// Closes what ends at or before `watermark`, in order of time; appends the rows.
  void advance(base::EventTime watermark, std::vector<KpiRow>& rows);

  /// Publishes closed windows that changed since they were last published; appends the rows.
  void revise(std::vector<KpiRow>& rows);

  /// Rows, not final, of the windows that are open at `time`; moves nothing.
  void publish_open(base::EventTime time, std::vector<KpiRow>& rows);

  /// Of the same rows those of the window of `time` and of the one before, of each size; they are
  /// not published: revisions do not count up.
  void show_open(base::EventTime time, std::vector<KpiRow>& rows) const;

  /// Whether any window was closed yet.
  bool has_closed() const;

  /// The start of the first minute that holds something and is not closed, if there is one.
  std::optional<base::EventTime> first_open() const;

  /// `{"warehouse":"W1"}`, canonical; `{}` for the total.
  std::string dimensions_text(uint32_t group) const;

  void save(base::ByteWriter& writer) const;
  /// Loads what save() wrote into a fresh board of the same pack; `intern` gives ids to names
  /// again.
  base::Result<void> load(base::ByteReader& reader, base::Dictionary& names);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace purvey::flow
