#include "flow/metric/internal/level_history.h"

#include <algorithm>
#include <iterator>

namespace purvey::flow::internal {
namespace {

constexpr int64_t kHourlyFor = 31 * kDay;
constexpr int64_t kDailyFor = 400 * kDay;

}  // namespace

bool is_carried(size_t size, int64_t start, int64_t last_minute) {
  if (size == kHours) return start < last_minute + kHourlyFor;
  return size == kDays && start < last_minute + kDailyFor;
}

void LevelHistory::visit_shown(uint32_t group, int64_t since, const Visit& visit) const {
  Levels before;
  const Deltas deltas = take_back(group, since, before);
  for (size_t size = 0; size < kSizes; ++size) {
    Levels levels = before;
    auto delta = deltas.begin();
    for (const int64_t start : windows_since(size, since)) {
      const int64_t end = windows_.end_of(size, start);
      for (; delta != deltas.end() && delta->first < end; ++delta) {
        for (const auto& [key, change] : delta->second) levels[key] += change;
      }
      const Block* const block = windows_.find(size, start);
      const bool touched = block != nullptr && touches_level(*block, group);
      if (touched || stands(size, start)) visit({size, start, touched, levels});
    }
  }
}

LevelHistory::Deltas LevelHistory::take_back(uint32_t group, int64_t since, Levels& levels) const {
  for (size_t m = 0; m < kMeasures; ++m) {
    const auto measure = static_cast<Measure>(m);
    if (!is_level(measure) || !groups_.is_running(measure)) continue;
    const SeriesKey key = series_key(group, measure);
    levels[key] = sums_.now(key);
  }
  Deltas deltas;
  const Blocks& minutes = windows_.of(kMinutes);
  for (auto at = minutes.lower_bound(since); at != minutes.end() && at->first < closed_until_;
       ++at) {
    for (auto& [key, level] : levels) {
      const auto cell = at->second.cells.find(key);
      if (cell == at->second.cells.end()) continue;
      deltas[at->first].emplace_back(key, cell->second.sum);
      level -= cell->second.sum;
    }
  }
  return deltas;
}

/// Starts of the closed windows of `size` from the one of `since` on in which a level may show.
std::vector<int64_t> LevelHistory::windows_since(size_t size, int64_t since) const {
  std::vector<int64_t> starts;
  if (size < kHours) {
    const Blocks& blocks = windows_.of(size);
    for (auto at = blocks.lower_bound(windows_.start_of(size, since)); at != blocks.end(); ++at) {
      if (windows_.end_of(size, at->first) <= closed_until_) starts.push_back(at->first);
    }
    return starts;
  }
  const Blocks& minutes = windows_.of(kMinutes);
  for (int64_t start = windows_.start_of(size, since);
       windows_.end_of(size, start) <= closed_until_;) {
    const int64_t end = windows_.end_of(size, start);
    if (stands(size, start) || windows_.find(size, start) != nullptr) {
      starts.push_back(start);
      start = end;
      continue;
    }
    const auto next = minutes.lower_bound(end);  // nothing shows until something happens again
    if (next == minutes.end()) break;
    start = windows_.start_of(size, next->first);
  }
  return starts;
}

/// Whether a closed hour or day shows levels that nothing touched: as is_carried() was when it
/// closed.
bool LevelHistory::stands(size_t size, int64_t start) const {
  if (size < kHours) return false;
  const Blocks& minutes = windows_.of(kMinutes);
  const auto after = minutes.lower_bound(windows_.end_of(size, start));
  return after != minutes.begin() && is_carried(size, start, std::prev(after)->first);
}

bool LevelHistory::touches_level(const Block& block, uint32_t group) const {
  const auto& places = groups_.kpis_of(group);
  return std::any_of(places.begin(), places.end(), [&](uint32_t place) {
    const Kpi& kpi = pack_.kpis[place];
    const auto& terms = kpi.formula.terms();
    return kpi.is_level && std::any_of(terms.begin(), terms.end(), [&](const Term& term) {
             return block.cells.contains(series_key(group, term.measure));
           });
  });
}

}  // namespace purvey::flow::internal
