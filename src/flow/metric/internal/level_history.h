#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "flow/metric/internal/group_table.h"
#include "flow/metric/internal/running_sums.h"
#include "flow/metric/internal/window_values.h"
#include "flow/metric/internal/windows.h"
#include "flow/metric/pack.h"

namespace purvey::flow::internal {

/// Whether an hour or a day that starts at `start` shows levels that nothing touched, where
/// `last_minute` is the last closed one by its end that held something: standing levels are written
/// each hour and day, but not for ever after the last event, as a stray early event must not make
/// rows for decades.
bool is_carried(size_t size, int64_t start, int64_t last_minute);

/// How levels stood in closed windows, worked out backwards from how they stand now.
class LevelHistory {
 public:
  /// All must outlive it; windows that end by `closed_until` are closed.
  LevelHistory(const Pack& pack, const GroupTable& groups, const RunningSums& sums,
               const Windows& windows, int64_t closed_until)
      : pack_(pack), groups_(groups), sums_(sums), windows_(windows), closed_until_(closed_until) {}

  /// A closed window in which levels of a group show.
  struct Shown {
    size_t size;
    int64_t start;
    bool touched;          ///< something happened to one of them in it
    const Levels& levels;  ///< at its end
  };

  /// Visits those from the window of `since` on, by size and start; what the visit adds to the
  /// windows is not looked at. Cost: the minutes since then, and the windows.
  using Visit = std::function<void(const Shown&)>;
  void visit_shown(uint32_t group, int64_t since, const Visit& visit) const;

 private:
  using Changes = std::vector<std::pair<SeriesKey, Wide>>;
  /// What changed levels, by minute.
  using Deltas = absl::btree_map<int64_t, Changes>;

  /// Takes what happened since `since` back from `levels`, and gives it.
  Deltas take_back(uint32_t group, int64_t since, Levels& levels) const;
  std::vector<int64_t> windows_since(size_t size, int64_t since) const;
  bool stands(size_t size, int64_t start) const;
  bool touches_level(const Block& block, uint32_t group) const;

  const Pack& pack_;
  const GroupTable& groups_;
  const RunningSums& sums_;
  const Windows& windows_;
  const int64_t closed_until_;
};

}  // namespace purvey::flow::internal
