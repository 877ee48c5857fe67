#include "app/live_time.h"

#include <limits>

namespace purvey::app {
namespace {

using event::Verdict;

// A source with a clock of its own may be silent for long: a simulated shop over a holiday. What
// lies further ahead is a mistake.
constexpr base::Micros kOwnFutureAllowed = std::chrono::days(366);
constexpr base::EventTime kForEver{std::numeric_limits<int64_t>::max()};

}  // namespace

LiveTime::LiveTime(const Configuration& configuration, base::Dictionary& names)
    : configuration_(configuration),
      names_(names),
      watermarks_(configuration.disorder, configuration.idle_timeout) {}

flow::Horizon LiveTime::horizon_for(uint32_t source, base::EventTime watermark,
                                    base::EventTime now) {
  const SourceRule& rule = rule_of(source);
  flow::Horizon horizon{.future = now + kFutureAllowed};
  if (watermark != base::kNever && !rule.backfill) {
    const auto still_revised = watermark - configuration_.allowed_lateness;
    horizon.late = configuration_.zone.day_of(still_revised).start;
    horizon.too_old = watermark - configuration_.dedupe_horizon;
  }
  if (rule.own_clock) {
    const auto highest = watermarks_.highest_of(source);
    horizon.future = highest == base::kNever ? kForEver : highest + kOwnFutureAllowed;
  }
  return horizon;
}

void LiveTime::note(const event::EventRow& row, Verdict verdict, base::EventTime now) {
  const SourceRule& rule = rule_of(row.source);
  if (rule.backfill || (rule.own_clock && goes_by_the_wall())) return;
  if (verdict == Verdict::kRejected) return;
  const bool counts = verdict == Verdict::kAccepted || verdict == Verdict::kLate;
  counts ? watermarks_.observe(row.source, row.time, now) : watermarks_.hear(row.source, now);
}

/// What the settings say of a source.
const SourceRule& LiveTime::rule_of(uint32_t source) {
  static const SourceRule kUsual;
  if (configuration_.sources.empty()) return kUsual;
  const auto [known, is_new] = rules_.try_emplace(source, &kUsual);
  if (!is_new) return *known->second;
  for (const SourceRule& rule : configuration_.sources) {
    if (rule.name == names_.text(source)) known->second = &rule;
  }
  return *known->second;
}

/// Whether a source moves time that has no clock of its own: then those that have one do not.
bool LiveTime::goes_by_the_wall() {
  bool found = false;
  watermarks_.visit_timed([&](uint32_t source) { found |= !rule_of(source).own_clock; });
  return found;
}

}  // namespace purvey::app
