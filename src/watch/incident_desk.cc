#include "watch/incident_desk.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>

#include "watch/internal/active_pair.h"
#include "watch/internal/group_labels.h"
#include "watch/internal/step_text.h"
#include "watch/title.h"

namespace purvey::watch {
namespace {

using internal::ActivePair;
using internal::Reason;

constexpr base::EventTime kNoDeadline{std::numeric_limits<int64_t>::max()};

/// A row and a rule that it is for.
struct Candidate {
  base::EventTime end;  ///< of the row's window
  uint32_t rule = 0;
  uint32_t label = 0;
  double value = 0;
  int64_t n = 0;
};

/// Rule and label.
using PairKey = uint64_t;

PairKey pair_key(uint32_t rule, uint32_t label) {
  return static_cast<uint64_t>(rule) << 32 | label;
}
uint32_t rule_of(PairKey key) {
  return static_cast<uint32_t>(key >> 32);
}
uint32_t label_of(PairKey key) {
  return static_cast<uint32_t>(key);
}

}  // namespace

class IncidentDesk::Impl {
 public:
  Impl(const RuleBook& book, const flow::KpiBoard& board, base::SiteZone zone, size_t active_max)
      : rules_(book.rules()),
        groups_(board),
        zone_(std::move(zone)),
        active_max_(active_max),
        rules_of_(book.pack().kpis.size()) {
    for (uint32_t place = 0; place < rules_.size(); ++place) {
      rules_of_[rules_[place].kpi].push_back(place);
      splits_.push_back(internal::split_mask(rules_[place].split));
    }
  }

  void observe(std::span<const flow::KpiRow> rows, base::EventTime watermark,
               std::vector<IncidentStep>& steps) {
    const auto before = static_cast<ptrdiff_t>(steps.size());
    resolve_orphans(steps);
    gather(rows);
    for (size_t i = 0; i < candidates_.size(); ++i) {
      if (i > 0 && is_same_window(candidates_[i - 1], candidates_[i])) continue;
      if (counts_for_rule(candidates_[i])) judge(candidates_[i], steps);
    }
    expire(watermark, steps);
    closed_until_ = std::max(closed_until_, watermark);
    std::sort(steps.begin() + before, steps.end(), [](const auto& a, const auto& b) {
      return std::tie(a.happened_at, a.rule, a.dimensions, b.state) <
             std::tie(b.happened_at, b.rule, b.dimensions, a.state);
    });
  }

  IncidentCounts counts() const {
    return {.pending = active_.size() - firing_, .firing = firing_, .refused = refused_};
  }

  void save(base::ByteWriter& writer) const {
    writer.zigzag(closed_until_.micros);
    writer.varint(refused_);
    std::vector<internal::SavedPair> pairs = orphans_;
    for (const auto& [key, pair] : active_) {
      const Rule& rule = rules_[rule_of(key)];
      pairs.push_back({.rule = rule.name,
                       .metric = rule.metric,
                       .dimensions = std::string(groups_.text(label_of(key))),
                       .window_seconds = rule.window_seconds,
                       .severity = rule.severity,
                       .pair = pair});
    }
    internal::save_pairs(std::move(pairs), writer);
  }

  base::Result<void> load(base::ByteReader& reader) {
    closed_until_.micros = reader.zigzag();
    refused_ = reader.varint();
    auto pairs = PURVEY_TRY(internal::load_pairs(reader));
    if (!pairs.empty() && !internal::is_sane(closed_until_)) {
      return base::corrupt("saved incidents: damaged");
    }
    for (internal::SavedPair& saved : pairs) adopt(saved);
    return {};
  }

 private:
  /// The candidates of `rows`, by time, rule and group's text, so that no order of groups matters.
  void gather(std::span<const flow::KpiRow> rows) {
    candidates_.clear();
    for (const flow::KpiRow& row : rows) {
      if (!row.final) continue;
      for (const uint32_t place : rules_of_[row.kpi]) {
        const Rule& rule = rules_[place];
        if (rule.window_seconds != row.window_seconds) continue;
        if (groups_.split(row.group) != splits_[place]) continue;
        const base::EventTime end = window_end(row);
        if (end <= closed_until_) break;
        candidates_.push_back({.end = end,
                               .rule = place,
                               .label = groups_.label(row.group),
                               .value = row.value,
                               .n = row.n});
      }
    }
    std::stable_sort(candidates_.begin(), candidates_.end(), [&](const auto& a, const auto& b) {
      if (a.end != b.end) return a.end < b.end;
      if (a.rule != b.rule) return a.rule < b.rule;
      return a.label != b.label && groups_.text(a.label) < groups_.text(b.label);
    });
  }

  bool counts_for_rule(const Candidate& row) const {
    return std::isfinite(row.value) && row.n >= rules_[row.rule].min_n;
  }

  static bool is_same_window(const Candidate& a, const Candidate& b) {
    return a.end == b.end && a.rule == b.rule && a.label == b.label;
  }

  base::EventTime window_end(const flow::KpiRow& row) const {
    constexpr base::Micros kMinute = std::chrono::minutes(1);
    if (row.window_seconds != flow::kWindowSeconds.back()) {
      return row.window_start + std::chrono::seconds(row.window_seconds);
    }
    // As the board does: a day begins in the minute in which the zone says so.
    const base::EventTime end = zone_.day_of(row.window_start + kMinute).end;
    return base::EventTime{} + std::chrono::floor<std::chrono::minutes>(base::Micros(end.micros));
  }

  /// What one row means for its pair of rule and group.
  void judge(const Candidate& row, std::vector<IncidentStep>& steps) {
    const Rule& rule = rules_[row.rule];
    const PairKey key = pair_key(row.rule, row.label);
    auto found = active_.find(key);
    if (found != active_.end() && row.end > deadline(rule, found->second)) {
      end_silent(found, steps);
      found = active_.end();
    }
    if (found == active_.end()) {
      if (rule.is_beyond(row.value)) begin(key, row, steps);
      return;
    }
    ActivePair& pair = found->second;
    const int64_t windows = rule.level ? windows_between(rule, pair.last_end, row.end) : 1;
    heard(rule, pair, row.end);
    if (pair.firing) {
      judge_firing(found, row, windows, steps);
    } else if (!rule.is_beyond(row.value)) {
      active_.erase(found);
    } else {
      pair.held_windows += windows;
      fire_if_due(key, pair, row, steps);
    }
  }

  void begin(PairKey key, const Candidate& row, std::vector<IncidentStep>& steps) {
    if (active_.size() >= active_max_) {
      ++refused_;
      return;
    }
    ActivePair& pair = active_[key];
    pair.held_windows = 1;
    heard(rules_[row.rule], pair, row.end);
    fire_if_due(key, pair, row, steps);
  }

  void fire_if_due(PairKey key, ActivePair& pair, const Candidate& row,
                   std::vector<IncidentStep>& steps) {
    const Rule& rule = rules_[row.rule];
    if (pair.held_windows < rule.for_windows) return;
    pair.firing = true;
    pair.fired = row.end;
    pair.title = render_title(rule, row.value, parse_labels(groups_.text(row.label)));
    ++firing_;
    steps.push_back(step(key, pair, IncidentState::kFiring, row.end,
                         internal::firing_detail(rule, row.value, row.n, pair.held_windows)));
  }

  using Active = absl::flat_hash_map<PairKey, ActivePair>;

  void judge_firing(Active::iterator found, const Candidate& row, int64_t windows,
                    std::vector<IncidentStep>& steps) {
    const Rule& rule = rules_[row.rule];
    ActivePair& pair = found->second;
    if (!rule.is_back(row.value)) {
      pair.back_windows = 0;
      return;
    }
    pair.back_windows += pair.back_windows == 0 ? 1 : windows;
    if (pair.back_windows < rule.keep_windows) return;
    steps.push_back(step(found->first, pair, IncidentState::kResolved, row.end,
                         internal::back_detail(rule, row.value, row.n, row.end - pair.fired)));
    --firing_;
    active_.erase(found);
  }

  /// Windows from the one that ended at `earlier` to the one that ends at `later`; days differ in
  /// length, hence rounded.
  static int64_t windows_between(const Rule& rule, base::EventTime earlier, base::EventTime later) {
    const base::Micros window = std::chrono::seconds(rule.window_seconds);
    return std::max<int64_t>(1, (later - earlier + window / 2) / window);
  }

  static base::EventTime deadline(const Rule& rule, const ActivePair& pair) {
    if (rule.resolve_after == base::Micros{0}) return kNoDeadline;
    return pair.last_end + rule.resolve_after;
  }

  void heard(const Rule& rule, ActivePair& pair, base::EventTime end) {
    pair.last_end = end;
    next_deadline_ = std::min(next_deadline_, deadline(rule, pair));
  }

  /// Ends what was silent for too long at `watermark`.
  void expire(base::EventTime watermark, std::vector<IncidentStep>& steps) {
    if (watermark < next_deadline_) return;
    next_deadline_ = kNoDeadline;
    for (auto at = active_.begin(); at != active_.end();) {
      const auto here = at++;
      const base::EventTime due = deadline(rules_[rule_of(here->first)], here->second);
      if (due <= watermark) {
        end_silent(here, steps);
      } else {
        next_deadline_ = std::min(next_deadline_, due);
      }
    }
  }

  void end_silent(Active::iterator found, std::vector<IncidentStep>& steps) {
    const ActivePair& pair = found->second;
    const Rule& rule = rules_[rule_of(found->first)];
    if (pair.firing) {
      const base::EventTime due = deadline(rule, pair);
      steps.push_back(
          step(found->first, pair, IncidentState::kResolved, due,
               internal::silent_detail(Reason::kNoData, rule.window_seconds, due - pair.fired)));
      --firing_;
    }
    active_.erase(found);
  }

  IncidentStep step(PairKey key, const ActivePair& pair, IncidentState state, base::EventTime time,
                    std::string detail) const {
    const Rule& rule = rules_[rule_of(key)];
    const std::string_view dimensions = groups_.text(label_of(key));
    return {.incident_id = internal::incident_id(rule.name, dimensions, pair.fired),
            .rule = rule.name,
            .severity = rule.severity,
            .state = state,
            .happened_at = time,
            .title = pair.title,
            .metric = rule.metric,
            .dimensions = std::string(dimensions),
            .detail = std::move(detail)};
  }

  /// Goes on with a saved pair under the rule of its name, if that still watches the same.
  void adopt(internal::SavedPair& saved) {
    const auto found = std::find_if(rules_.begin(), rules_.end(),
                                    [&](const Rule& rule) { return rule.name == saved.rule; });
    const auto place = static_cast<uint32_t>(found - rules_.begin());
    if (found == rules_.end() || found->metric != saved.metric ||
        found->window_seconds != saved.window_seconds ||
        splits_[place] != internal::split_mask(parse_labels(saved.dimensions))) {
      if (saved.pair.firing) orphans_.push_back(std::move(saved));
      return;
    }
    const PairKey key = pair_key(place, groups_.intern(saved.dimensions));
    const ActivePair& pair = active_[key] = std::move(saved.pair);
    firing_ += pair.firing ? 1 : 0;
    next_deadline_ = std::min(next_deadline_, deadline(*found, pair));
  }

  void resolve_orphans(std::vector<IncidentStep>& steps) {
    for (internal::SavedPair& orphan : orphans_) {
      steps.push_back(
          {.incident_id = internal::incident_id(orphan.rule, orphan.dimensions, orphan.pair.fired),
           .rule = orphan.rule,
           .severity = orphan.severity,
           .state = IncidentState::kResolved,
           .happened_at = closed_until_,
           .title = std::move(orphan.pair.title),
           .metric = orphan.metric,
           .dimensions = orphan.dimensions,
           .detail = internal::silent_detail(Reason::kRuleGone, orphan.window_seconds,
                                             closed_until_ - orphan.pair.fired)});
    }
    orphans_.clear();
  }

  // Constant after construction.
  const std::vector<Rule>& rules_;
  internal::GroupLabels groups_;
  const base::SiteZone zone_;
  const size_t active_max_;
  std::vector<std::vector<uint32_t>> rules_of_;  ///< by KPI
  std::vector<uint32_t> splits_;                 ///< split_mask() by rule

  Active active_;  ///< what is not at rest
  size_t firing_ = 0;
  uint64_t refused_ = 0;
  base::EventTime closed_until_ = base::kNever;  ///< windows up to here were told
  base::EventTime next_deadline_ = kNoDeadline;  ///< none of active_ is due before
  std::vector<internal::SavedPair> orphans_;     ///< fire by rules that are gone

  std::vector<Candidate> candidates_;  ///< of one observe(); kept for its memory
};

IncidentDesk::IncidentDesk(const RuleBook& book, const flow::KpiBoard& board, base::SiteZone zone,
                           size_t active_max)
    : impl_(std::make_unique<Impl>(book, board, std::move(zone), active_max)) {}

IncidentDesk::~IncidentDesk() = default;

void IncidentDesk::observe(std::span<const flow::KpiRow> rows, base::EventTime watermark,
                           std::vector<IncidentStep>& steps) {
  impl_->observe(rows, watermark, steps);
}

IncidentCounts IncidentDesk::counts() const {
  return impl_->counts();
}

void IncidentDesk::save(base::ByteWriter& writer) const {
  impl_->save(writer);
}

base::Result<void> IncidentDesk::load(base::ByteReader& reader) {
  return impl_->load(reader);
}

}  // namespace purvey::watch
