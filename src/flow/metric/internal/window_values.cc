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
    const Seen seen = seen_of(key_of(term));
    return seen.seen && (seen.n != 0 || seen.sum != 0 || was_told_);
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
      const Seen seen = seen_of(key);
      return {static_cast<double>(seen.n), seen.n};
    }
    case Aggregate::kSum: {
      const Seen seen = seen_of(key);
      return {static_cast<double>(seen.sum) / scale, seen.n};
    }
    case Aggregate::kMean: {
      const Seen seen = seen_of(key);
      if (seen.n == 0) return {kNothing, 0};
      return {static_cast<double>(seen.sum) / static_cast<double>(seen.n) / scale, seen.n};
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
      return quantile_of(term);
  }
  return {};
}

/// What the window holds of a series, with its open minutes where they count.
WindowValues::Seen WindowValues::seen_of(SeriesKey key) const {
  Seen seen;
  const auto take = [&](const Block& block) {
    const auto cell = block.cells.find(key);
    if (cell == block.cells.end()) return;
    seen.sum += cell->second.sum;
    seen.n += cell->second.n;
    seen.seen = true;
  };
  if (block_ != nullptr) take(*block_);
  if (place_.size != kMinutes) for_open_minutes(take);
  return seen;
}

template <class Take>
void WindowValues::for_open_minutes(const Take& take) const {
  if (sight_.open_until == kNowhere) return;
  const Blocks& minutes = windows_.of(kMinutes);
  const int64_t end = windows_.end_of(place_.size, place_.start);
  for (auto at = minutes.lower_bound(std::max(place_.start, sight_.open_from));
       at != minutes.end() && at->first < end && at->first <= sight_.open_until; ++at) {
    take(at->second);
  }
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

Amount WindowValues::quantile_of(const Term& term) const {
  algo::DdSketch sketch;
  const SeriesKey key = key_of(term);
  const auto take = [&](const Block& block) {
    const auto cell = block.cells.find(key);
    if (cell != block.cells.end() && cell->second.sketch) sketch.merge(*cell->second.sketch);
  };
  if (block_ != nullptr) take(*block_);
  if (place_.size != kMinutes) for_open_minutes(take);
  return {sketch.quantile(term.parameter), sketch.count()};
}

}  // namespace purvey::flow::internal
