#include "flow/metric/internal/window_values.h"

#include <algorithm>
#include <limits>

namespace purvey::flow::internal {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

WindowValues::WindowValues(const Windows& windows, const RunningSums& sums, int64_t money_scale,
                           Place place, const Sight& sight)
    : windows_(windows),
      sums_(sums),
      money_scale_(money_scale),
      place_(place),
      sight_(sight),
      block_(windows.find(place.size, place.start)),
      was_told_(block_ != nullptr && block_->revisions.contains(place.group)) {}

bool WindowValues::touches(const Formula& formula) const {
  const auto& terms = formula.terms();
  return std::any_of(terms.begin(), terms.end(), [&](const Term& term) {
    const SeriesKey key = key_of(term);
    if (term.trailing.count() > 0 && block_ != nullptr && block_->slid.contains(key)) return true;
    const Seen seen = seen_in_window(key);
    return seen.seen && (seen.n != 0 || seen.sum != 0 || was_told_);
  });
}

bool WindowValues::was_emptied(const Formula& formula) const {
  const auto& terms = formula.terms();
  return was_told_ && std::any_of(terms.begin(), terms.end(), [&](const Term& term) {
           const Seen seen = seen_of(term);
           return seen.seen && seen.n == 0 && seen.sum == 0;
         });
}

Amount WindowValues::evaluate(const Formula& formula) const {
  return formula.evaluate([&](const Term& term) { return value_of(term); });
}

Amount WindowValues::value_of(const Term& term) const {
  const SeriesKey key = key_of(term);
  const double scale = scale_of(term.measure, money_scale_);
  switch (term.aggregate) {
    case Aggregate::kCount: {
      const Seen seen = seen_of(term);
      return {static_cast<double>(seen.n), seen.n};
    }
    case Aggregate::kSum: {
      const Seen seen = seen_of(term);
      return {static_cast<double>(seen.sum) / scale, seen.n};
    }
    case Aggregate::kMean: {
      const Seen seen = seen_of(term);
      if (seen.n == 0) return {kNothing, 0};
      return {static_cast<double>(seen.sum) / static_cast<double>(seen.n) / scale, seen.n};
    }
    case Aggregate::kRate: {
      const Seen seen = seen_of(term);
      return {static_cast<double>(seen.n) / seconds_of(term), seen.n};
    }
    case Aggregate::kLevel: {
      const auto level = level_of(key);
      if (!level) return {kNothing, 0};
      return {static_cast<double>(*level) / scale, 1};
    }
    case Aggregate::kPerDay: {
      const int64_t end = windows_.end_of(place_.size, place_.start);
      return {sums_.per_day(key, end, term.parameter) / scale, 1};
    }
    case Aggregate::kQuantile:
    case Aggregate::kDistinct:
      return sketched_of(term);
  }
  return {};
}

WindowValues::Seen WindowValues::seen_of(const Term& term) const {
  Seen seen;
  for_cells(term, [&](const Cell& cell) {
    seen.sum += cell.sum;
    seen.n += cell.n;
    seen.seen = true;
  });
  return seen;
}

/// What the window itself holds of a series, whatever a term looks back to.
WindowValues::Seen WindowValues::seen_in_window(SeriesKey key) const {
  return seen_of({.measure = measure_of(key)});
}

/// Visits what there is of the term's series in the time that the term is about.
template <class Take>
void WindowValues::for_cells(const Term& term, const Take& take) const {
  const auto take_block = [&, key = key_of(term)](const Block& block) {
    const auto cell = block.cells.find(key);
    if (cell != block.cells.end()) take(cell->second);
  };
  if (term.trailing.count() > 0) {
    for_trail(term.trailing.count(), take_block);
  } else {
    for_window(take_block);
  }
}

/// The window, with its open minutes where they count.
template <class Take>
void WindowValues::for_window(const Take& take) const {
  if (block_ != nullptr) take(*block_);
  if (place_.size != kMinutes) for_open_minutes(place_.start, take);
}

/// What happened in the last `length` up to the window's end: windows of up to an hour that lie in
/// it whole, the longest first, and open minutes where they count.
template <class Take>
void WindowValues::for_trail(int64_t length, const Take& take) const {
  const int64_t end = windows_.end_of(place_.size, place_.start);
  const int64_t merged_until = sight_.open_from == kNowhere ? end : std::min(end, sight_.open_from);
  for (int64_t at = end - length; at < merged_until;) {
    size_t size = kHours;
    while (size > kMinutes &&
           (windows_.start_of(size, at) != at || windows_.end_of(size, at) > merged_until)) {
      --size;
    }
    if (const Block* const block = windows_.find(size, at)) take(*block);
    at = windows_.end_of(size, at);
  }
  for_open_minutes(end - length, take);
}

/// Minutes from `from` to the window's end that are not yet merged.
template <class Take>
void WindowValues::for_open_minutes(int64_t from, const Take& take) const {
  if (sight_.open_until == kNowhere) return;
  const Blocks& minutes = windows_.of(kMinutes);
  const int64_t end = windows_.end_of(place_.size, place_.start);
  for (auto at = minutes.lower_bound(std::max(from, sight_.open_from));
       at != minutes.end() && at->first < end && at->first <= sight_.open_until; ++at) {
    take(at->second);
  }
}

double WindowValues::seconds_of(const Term& term) const {
  const int64_t length = term.trailing.count() > 0
                             ? term.trailing.count()
                             : windows_.end_of(place_.size, place_.start) - place_.start;
  return static_cast<double>(length) / kSecond;
}

/// Where a level stands at the end of the window; nothing if it was never observed.
std::optional<Wide> WindowValues::level_of(SeriesKey key) const {
  if (sight_.levels != nullptr) return past_level_of(key);
  Wide level = sums_.now(key);
  bool seen = sums_.contains(key);
  if (sight_.carried && level == 0) return std::nullopt;
  if (sight_.open_until != kNowhere) {
    const Blocks& minutes = windows_.of(kMinutes);
    const int64_t end = std::min(windows_.end_of(place_.size, place_.start), sight_.open_until + 1);
    for (auto at = minutes.lower_bound(sight_.open_from); at != minutes.end() && at->first < end;
         ++at) {
      const auto cell = at->second.cells.find(key);
      if (cell == at->second.cells.end()) continue;
      level += cell->second.sum;
      seen = true;
    }
  }
  return seen ? std::optional(level) : std::nullopt;
}

std::optional<Wide> WindowValues::past_level_of(SeriesKey key) const {
  const auto found = sight_.levels->find(key);
  if (found == sight_.levels->end() || !sums_.contains(key)) return std::nullopt;
  if (sight_.carried && found->second == 0 && !was_told_) return std::nullopt;
  return found->second;
}

/// How many different ones, or a quantile; n is how many observations either rests on.
Amount WindowValues::sketched_of(const Term& term) const {
  Sketch sketch;
  int64_t n = 0;
  for_cells(term, [&](const Cell& cell) {
    n += cell.n;
    if (cell.sketch) sketch.merge(*cell.sketch);
  });
  if (term.aggregate == Aggregate::kDistinct) {
    return {static_cast<double>(sketch.distinct.count()), n};
  }
  return {sketch.quantiles.quantile(term.parameter), n};
}

}  // namespace purvey::flow::internal
