#pragma once

#include <absl/container/btree_map.h>

#include <cstdint>
#include <optional>

#include "flow/metric/formula.h"
#include "flow/metric/internal/running_sums.h"
#include "flow/metric/internal/windows.h"

namespace purvey::flow::internal {

/// Levels as they stood at some time, by series.
using Levels = absl::btree_map<SeriesKey, Wide>;

/// How a window is looked at.
struct Sight {
  bool carried = false;            ///< levels show though nothing touched them
  int64_t open_from = kNowhere;    ///< minutes from here on are not yet merged into longer windows
  int64_t open_until = kNowhere;   ///< those up to here count too; kNowhere: none does
  const Levels* levels = nullptr;  ///< instead of the present ones
};

/// What the KPIs of one group come to in one window.
class WindowValues {
 public:
  struct Place {
    size_t size;  ///< in kWindowSeconds
    int64_t start;
    uint32_t group;
  };

  /// All must outlive this; `money_scale` as in KpiBoard::set_money_scale().
  WindowValues(const Windows& windows, const RunningSums& sums, int64_t money_scale, Place place,
               const Sight& sight);

  /// Whether the window holds something that `formula` counts, or did when it was last told.
  bool touches(const Formula& formula) const;

  /// Whether rows of the group were published before, and all of something that `formula` counts
  /// was taken back since it came.
  bool was_emptied(const Formula& formula) const;

  /// Not a number where there is nothing to tell.
  Amount evaluate(const Formula& formula) const;

 private:
  struct Seen {
    Wide sum = 0;
    int64_t n = 0;
    bool seen = false;
  };

  SeriesKey key_of(const Term& term) const { return series_key(place_.group, term.measure); }
  Amount value_of(const Term& term) const;
  Seen seen_of(const Term& term) const;
  Seen seen_in_window(SeriesKey key) const;
  std::optional<Wide> level_of(SeriesKey key) const;
  std::optional<Wide> past_level_of(SeriesKey key) const;
  Amount sketched_of(const Term& term) const;
  double seconds_of(const Term& term) const;

  template <class Take>
  void for_cells(const Term& term, const Take& take) const;
  template <class Take>
  void for_window(const Take& take) const;
  template <class Take>
  void for_trail(int64_t length, const Take& take) const;
  template <class Take>
  void for_open_minutes(int64_t from, const Take& take) const;

  const Windows& windows_;
  const RunningSums& sums_;
  const int64_t money_scale_;
  const Place place_;
  const Sight& sight_;
  const Block* block_;  ///< null: nothing happened in the window, or nothing merged yet
  const bool was_told_;
};

}  // namespace purvey::flow::internal
