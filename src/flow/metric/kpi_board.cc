#include "flow/metric/kpi_board.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "flow/metric/internal/cell.h"
#include "flow/metric/internal/delta_content.h"
#include "flow/metric/internal/group_table.h"
#include "flow/metric/internal/hot_minute.h"
#include "flow/metric/internal/level_history.h"
#include "flow/metric/internal/measure_names.h"
#include "flow/metric/internal/minute_spans.h"
#include "flow/metric/internal/running_sums.h"
#include "flow/metric/internal/window_values.h"
#include "flow/metric/internal/windows.h"

namespace purvey::flow {
namespace {

using internal::Block;
using internal::Blocks;
using internal::Cell;
using internal::kHours;
using internal::kMinute;
using internal::kMinutes;
using internal::kNowhere;
using internal::kSizes;
using internal::Levels;
using internal::SeriesKey;
using internal::Sight;
using internal::Wide;
using internal::WindowValues;

constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();

int64_t minute_of(base::EventTime time) {
  return internal::floor_to(time.micros, kMinute);
}

}  // namespace

class KpiBoard::Impl {
 public:
  Impl(const Pack& pack, const base::Dictionary& names, base::SiteZone zone)
      : pack_(pack), groups_(pack, names), windows_(std::move(zone)) {}

  void set_money_scale(int64_t scale) { money_scale_ = scale; }
  void set_allowed_lateness(base::Micros lateness) { lateness_ = lateness.count(); }

  void focus(base::EventTime time) {
    const int64_t minute = minute_of(time);
    if (minute <= hot_.start() || (closed_until_ != kNowhere && minute < closed_until_)) return;
    settle_hot();
    hot_.begin(minute);
  }

  void add(const Signal& signal, const Dimensions& dimensions) {
    groups_.visit_groups(signal.measure, dimensions,
                         [&](uint32_t group) { add_to_group(group, signal); });
  }

  void move(const Signal& signal, const Dimensions& from, const Dimensions& to) {
    Signal back = signal;
    back.weight = -signal.weight;
    groups_.visit_move(
        signal.measure, from, to, [&](uint32_t group) { add_to_group(group, back); },
        [&](uint32_t group) { add_to_group(group, signal); });
  }

  void meet(const KpiDelta::Content& delta, GroupNumbers& groups) {
    for (const auto& group : delta.new_groups) groups.push_back(groups_.number_of(group));
  }

  void apply(const KpiDelta::Content& delta, const GroupNumbers& groups) {
    for (const auto& [minute, key, sum, n, backfill] : delta.sums) {
      add_sum(minute,
              internal::series_key(groups[internal::group_of(key)], internal::measure_of(key)),
              {.sum = sum, .n = n, .backfill = backfill});
    }
    for (const auto& [group, signal] : delta.singles) add_to_group(groups[group], signal);
  }

  void advance(base::EventTime watermark, std::vector<KpiRow>& rows) {
    const int64_t to = minute_of(watermark);
    if (hot_.start() < to) settle_hot();
    const Blocks& minutes = windows_.of(kMinutes);
    if (closed_until_ == kNowhere) {
      const bool is_first = minutes.empty() || minutes.begin()->first >= to;
      // Where windows are not revised for ever, those before the first event are closed as well.
      if (is_first && lateness_ != kForEver) closed_until_ = to;
      if (is_first) return;
      closed_until_ = minutes.begin()->first;
    }
    while (closed_until_ < to) {
      const auto next = minutes.lower_bound(closed_until_);
      const int64_t start = next == minutes.end() ? to : std::min(next->first, to);
      if (start > closed_until_) {
        close_longer(closed_until_, start, rows);
        closed_until_ = start;
      }
      if (start == to) break;
      close_minute(start, next->second, rows);
      closed_until_ = start + kMinute;
      close_longer(start, closed_until_, rows);
    }
  }

  void revise(std::vector<KpiRow>& rows) {
    for (size_t size = 0; size < kSizes; ++size) {
      for (const int64_t start : dirty_[size]) {
        Block& block = windows_.block(size, start);
        for (const uint32_t group : block.dirty) {
          publish(size, start, group, {.only = Only::kPlain}, rows);
        }
        block.dirty.clear();
      }
      dirty_[size].clear();
    }
    for (const auto& changed : dirty_trails_) {
      changed.second.visit(
          [&](int64_t first, int64_t last) { revise_trails(changed.first, first, last, rows); });
    }
    dirty_trails_.clear();
    for (const auto& [group, since] : dirty_levels_) revise_levels(group, since, rows);
    dirty_levels_.clear();
  }

  void publish_open(base::EventTime time, std::vector<KpiRow>& rows) {
    settle_hot();
    visit_open(time, Open::kAll, [&](const WindowValues::Place& at, const Publishing& how) {
      publish(at.size, at.start, at.group, how, rows);
    });
  }

  void show_open(base::EventTime time, std::vector<KpiRow>& rows) {
    settle_hot();
    visit_open(time, Open::kPresent, [&](const WindowValues::Place& at, const Publishing& how) {
      evaluate(at, how, rows);
    });
  }

  bool has_closed() const { return closed_until_ != kNowhere; }

  std::optional<base::EventTime> first_open() const {
    const Blocks& minutes = windows_.of(kMinutes);
    const auto first = minutes.lower_bound(closed_until_);
    const bool is_hot = hot_.is_touched();
    if (first == minutes.end() && !is_hot) return std::nullopt;
    if (first == minutes.end()) return base::EventTime{hot_.start()};
    return base::EventTime{is_hot ? std::min(first->first, hot_.start()) : first->first};
  }

  std::string dimensions_text(uint32_t group) const { return groups_.text(group); }

  void save(base::ByteWriter& writer) {
    settle_hot();
    writer.zigzag(closed_until_);
    writer.zigzag(last_minute_);
    internal::MeasureNames::save(pack_, writer);
    groups_.save(writer);
    sums_.save(writer);
    windows_.save(writer);
    // What is still to be revised is told when it would have been, whenever this was saved.
    writer.varint(dirty_levels_.size());
    for (const auto& [group, since] : dirty_levels_) {
      writer.varint(group);
      writer.zigzag(since);
    }
    writer.varint(dirty_trails_.size());
    for (const auto& [trail, spans] : dirty_trails_) {
      writer.varint(trail.group);
      writer.varint(trail.backfill ? 1 : 0);
      spans.save(writer);
    }
  }

  void load(base::ByteReader& reader, base::Dictionary& names) {
    closed_until_ = reader.zigzag();
    last_minute_ = reader.zigzag();
    const internal::MeasureNames measures(pack_, reader);
    groups_.load(reader, names);
    sums_.load(reader, measures);
    windows_.load(reader, measures);
    for (size_t size = 0; size < kSizes; ++size) {
      for (const auto& [start, block] : windows_.of(size)) {
        if (!block.dirty.empty()) dirty_[size].push_back(start);
      }
    }
    const uint64_t levels = reader.varint();
    for (uint64_t i = 0; i < levels && reader.ok(); ++i) {
      const auto group = static_cast<uint32_t>(reader.varint());
      dirty_levels_[group] = reader.zigzag();
    }
    const uint64_t trails = reader.varint();
    for (uint64_t i = 0; i < trails && reader.ok(); ++i) {
      const auto group = static_cast<uint32_t>(reader.varint());
      dirty_trails_[{group, reader.varint() == 1}].load(reader);
    }
  }

 private:
  /// Which KPIs of a group a call of publish() is about.
  enum class Only : uint8_t { kAll, kPlain, kTrailing, kLevels };
  /// What looks back to something that changed: the trailing KPIs of a group, in the windows that
  /// are still revised, or in all if a backfill changed it.
  struct ChangedTrails {
    uint32_t group = 0;
    bool backfill = false;
    auto operator<=>(const ChangedTrails&) const = default;
  };
  struct Publishing {
    Only only = Only::kAll;
    bool final = true;
    Sight sight = {};
  };

  /// What one signal, or the sum of several, does to a cell.
  struct Change {
    Wide sum = 0;
    int64_t n = 0;
    const Signal* single = nullptr;  ///< the one signal, where a sketch needs it
    bool backfill = false;
  };

  Block& minute_block(int64_t minute) { return windows_.block(kMinutes, minute); }

  void add_to_group(uint32_t group, const Signal& signal) {
    const int64_t minute = minute_of(signal.time);
    if (hot_.takes(minute, group) && !groups_.needs_sketch(signal.measure)) {
      hot_.add(group, signal.measure, signal.value, signal.weight);
      return;
    }
    Change change{.sum = static_cast<Wide>(signal.value) * signal.weight,
                  .n = signal.weight,
                  .backfill = signal.backfill};
    if (groups_.needs_sketch(signal.measure)) change.single = &signal;
    add_sum(minute, internal::series_key(group, signal.measure), change);
  }

  void add_sum(int64_t minute, SeriesKey key, const Change& change) {
    if (closed_until_ != kNowhere && minute < closed_until_) {
      const bool stands = is_level(internal::measure_of(key)) && !change.backfill;
      return add_late(stands ? std::max(minute, first_revised()) : minute, key, change);
    }
    Block& block = minute_block(minute);
    add_to(block, key, change);
    block.forget_if_empty(key);
  }

  /// The first minute whose window is still revised.
  int64_t first_revised() const {
    if (lateness_ == kForEver) return kNowhere;
    return internal::floor_to(closed_until_ - lateness_, kMinute);
  }
  bool is_revised(size_t size, int64_t start) const {
    return lateness_ == kForEver || windows_.end_of(size, start) + lateness_ > closed_until_;
  }

  void settle_hot() { hot_.is_touched() ? hot_.move_to(minute_block(hot_.start())) : hot_.end(); }

  void add_to(Block& block, SeriesKey key, const Change& change) {
    Cell& cell = block.cells[key];
    cell.sum += change.sum;
    cell.n += change.n;
    if (change.single == nullptr) return;
    cell.add_to_sketch(*change.single, internal::scale_of(internal::measure_of(key), money_scale_));
  }

  /// A change of a minute that has been merged already.
  void add_late(int64_t minute, SeriesKey key, const Change& change) {
    const uint32_t group = internal::group_of(key);
    for (size_t size = 0; size < kSizes; ++size) {
      const int64_t start = windows_.start_of(size, minute);
      if (!change.backfill && !is_revised(size, start)) continue;
      Block& block = windows_.block(size, start);
      add_to(block, key, change);
      if (windows_.end_of(size, start) > closed_until_) continue;
      if (block.dirty.empty()) dirty_[size].push_back(start);
      block.dirty.insert(group);
    }
    add_late_to_trails(minute, key, change.backfill);
    if (!groups_.is_running(internal::measure_of(key))) return;
    sums_.add(key, minute, change.sum);
    const auto [since, is_new] = dirty_levels_.try_emplace(group, minute);
    since->second = std::min(since->second, minute);
  }

  /// What was observed of `key` in a closed minute changed: so do terms that look back to it.
  void add_late_to_trails(int64_t minute, SeriesKey key, bool backfill) {
    const uint32_t group = internal::group_of(key);
    for (const auto& trail : groups_.trails_of(group)) {
      const int64_t slides_out = minute + trail.length;
      if (trail.measure == internal::measure_of(key)) slide_out(key, slides_out);
      dirty_trails_[{group, backfill}].add(minute, std::min(slides_out, closed_until_ - kMinute));
    }
  }

  /// Notes that something of `key` leaves a trailing span in `minute`.
  void slide_out(SeriesKey key, int64_t minute) {
    minute_block(minute).slid.insert(key);
    if (minute >= closed_until_) return;
    for (size_t size = kMinutes + 1; size < kSizes; ++size) {
      windows_.block(size, windows_.start_of(size, minute)).slid.insert(key);
    }
  }

  void close_minute(int64_t start, const Block& block, std::vector<KpiRow>& rows) {
    last_minute_ = start;
    Block* longer[kSizes] = {};
    for (size_t size = kMinutes + 1; size < kSizes; ++size) {
      longer[size] = &windows_.block(size, windows_.start_of(size, start));
      longer[size]->slid.insert(block.slid.begin(), block.slid.end());
    }
    std::vector<std::pair<SeriesKey, int64_t>> sliding;  // and when
    for (const auto& [key, cell] : block.cells) {
      for (size_t size = kMinutes + 1; size < kSizes; ++size) longer[size]->cells[key].merge(cell);
      if (groups_.is_running(internal::measure_of(key))) sums_.add(key, start, cell.sum);
      for (const auto& trail : groups_.trails_of(internal::group_of(key))) {
        if (trail.measure != internal::measure_of(key) || cell.is_empty()) continue;
        sliding.emplace_back(key, start + trail.length);
      }
    }
    for (const auto& [key, minute] : sliding) minute_block(minute).slid.insert(key);
    publish_touched(kMinutes, start, rows);
  }

  /// Closes the longer windows that end in (from, to], in order of time.
  void close_longer(int64_t from, int64_t to, std::vector<KpiRow>& rows) {
    for (int64_t at = from;;) {
      int64_t next = std::numeric_limits<int64_t>::max();
      for (size_t size = kMinutes + 1; size < kSizes; ++size) {
        const int64_t start = windows_.start_of(size, at);
        if (windows_.find(size, start) != nullptr || is_carried(size, start)) {
          next = std::min(next, windows_.end_of(size, start));
        }
      }
      if (next > to) return;
      for (size_t size = kMinutes + 1; size < kSizes; ++size) {
        const int64_t start = windows_.start_of(size, next - 1);
        if (windows_.end_of(size, start) != next) continue;
        if (windows_.find(size, start) != nullptr) publish_touched(size, start, rows);
        if (is_carried(size, start)) publish_standing(size, start, rows);
      }
      at = next;
    }
  }

  bool is_carried(size_t size, int64_t start) const {
    return last_minute_ != kNowhere && internal::is_carried(size, start, last_minute_);
  }

  void publish_touched(size_t size, int64_t start, std::vector<KpiRow>& rows) {
    const Block& block = windows_.block(size, start);
    std::vector<uint32_t> groups;
    for (const auto& [key, cell] : block.cells) groups.push_back(internal::group_of(key));
    for (const SeriesKey key : block.slid) groups.push_back(internal::group_of(key));
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    for (const uint32_t group : groups) publish(size, start, group, {}, rows);
  }

  /// Levels that stand though nothing touched them in this window.
  void publish_standing(size_t size, int64_t start, std::vector<KpiRow>& rows) {
    for (const uint32_t group : sums_.standing_groups()) {
      publish(size, start, group, {.only = Only::kLevels, .sight = {.carried = true}}, rows);
    }
  }

  /// The windows of `size` that are open and hold closed minutes.
  void add_started(size_t size, absl::btree_map<int64_t, absl::btree_set<uint32_t>>& open) const {
    const int64_t start = windows_.start_of(size, closed_until_);
    const Block* const block = windows_.find(size, start);
    if (block != nullptr) add_groups(*block, open[start]);
  }

  /// The groups of which a block has something to tell.
  static void add_groups(const Block& block, absl::btree_set<uint32_t>& groups) {
    for (const auto& [key, cell] : block.cells) groups.insert(internal::group_of(key));
    for (const SeriesKey key : block.slid) groups.insert(internal::group_of(key));
  }

  /// Which of the windows that are open.
  enum class Open : uint8_t { kAll, kPresent };

  /// Calls `visit(place, how)` for each group and window that is open at `time`, by size and start;
  /// or, of each size, for the window of `time` and the one before.
  template <class Visit>
  void visit_open(base::EventTime time, Open which, const Visit& visit) const {
    const Blocks& minutes = windows_.of(kMinutes);
    // Time may have gone on past `time` without events: then nothing of it is open.
    const auto to = minutes.lower_bound(std::max(time.micros + 1, closed_until_));
    const Publishing how{.final = false,
                         .sight = {.open_from = closed_until_, .open_until = time.micros}};
    for (size_t size = 0; size < kSizes; ++size) {
      absl::btree_map<int64_t, absl::btree_set<uint32_t>> open;
      const int64_t since = which == Open::kAll ? kNowhere : before_present(size, time.micros);
      for (auto minute = minutes.lower_bound(std::max(closed_until_, since)); minute != to;
           ++minute) {
        auto& groups = open[windows_.start_of(size, minute->first)];
        add_groups(minute->second, groups);
      }
      if (closed_until_ != kNowhere && size != kMinutes) add_started(size, open);
      for (const auto& [start, groups] : open) {
        for (const uint32_t group : groups) visit({size, start, group}, how);
      }
    }
  }

  /// The start of the window before that of `time`.
  int64_t before_present(size_t size, int64_t time) const {
    return windows_.start_of(size, windows_.start_of(size, time) - 1);
  }

  /// Appends the rows of one group in one window.
  void publish(size_t size, int64_t start, uint32_t group, const Publishing& how,
               std::vector<KpiRow>& rows) {
    const size_t before = rows.size();
    evaluate({size, start, group}, how, rows);
    if (rows.size() == before) return;
    // Rows of one group that a window publishes at its closing are one revision, touched and
    // carried ones alike.
    int64_t& next = windows_.block(size, start).revisions[group];
    const int64_t revision = how.sight.carried && next > 0 ? next - 1 : next++;
    for (size_t i = before; i < rows.size(); ++i) rows[i].revision = revision;
  }

  /// Appends what the KPIs of one group come to in one window, of revision 0.
  void evaluate(const WindowValues::Place& at, const Publishing& how,
                std::vector<KpiRow>& rows) const {
    const WindowValues values(windows_, sums_, money_scale_, at, how.sight);
    for (const uint32_t place : groups_.kpis_of(at.group)) {
      const Kpi& kpi = pack_.kpis[place];
      if (how.only == Only::kPlain && (kpi.is_level || kpi.is_trailing)) continue;
      if (how.only == Only::kTrailing && !kpi.is_trailing) continue;
      if (how.only == Only::kLevels && !kpi.is_level) continue;
      const bool touched = values.touches(kpi.formula);
      // A revision of levels publishes touched and standing ones alike.
      const bool is_revision = how.sight.levels != nullptr;
      if (is_revision ? !touched && at.size < kHours : how.sight.carried == touched) continue;
      Amount amount = values.evaluate(kpi.formula);
      if (!std::isfinite(amount.value)) {
        // What was told and has no value any more must not stand as it was.
        if (kpi.is_level || !values.was_emptied(kpi.formula)) continue;
        amount = {0, 0};
      }
      rows.push_back({.kpi = place,
                      .group = at.group,
                      .window_seconds = kWindowSeconds[at.size],
                      .window_start = {at.start},
                      .value = amount.value,
                      .n = amount.n,
                      .final = how.final});
    }
  }

  /// Publishes trailing KPIs anew in every closed window that holds a minute from `first` to
  /// `last`.
  void revise_trails(const ChangedTrails& trail, int64_t first, int64_t last,
                     std::vector<KpiRow>& rows) {
    for (size_t size = 0; size < kSizes; ++size) {
      std::vector<int64_t> starts;
      const Blocks& blocks = windows_.of(size);
      for (auto at = blocks.lower_bound(windows_.start_of(size, first));
           at != blocks.end() && at->first <= last; ++at) {
        const bool is_closed = windows_.end_of(size, at->first) <= closed_until_;
        const bool is_told = trail.backfill || is_revised(size, at->first);
        if (is_closed && is_told) starts.push_back(at->first);
      }
      for (const int64_t start : starts) {
        publish(size, start, trail.group, {.only = Only::kTrailing}, rows);
      }
    }
  }

  /// Publishes the level KPIs of `group` anew in every closed window from `since` on that shows
  /// them.
  void revise_levels(uint32_t group, int64_t since, std::vector<KpiRow>& rows) {
    const internal::LevelHistory history(pack_, groups_, sums_, windows_, closed_until_);
    history.visit_shown(group, since, [&](const internal::LevelHistory::Shown& shown) {
      publish(
          shown.size, shown.start, group,
          {.only = Only::kLevels, .sight = {.carried = !shown.touched, .levels = &shown.levels}},
          rows);
    });
  }

  const Pack& pack_;
  internal::GroupTable groups_;
  internal::RunningSums sums_;
  internal::Windows windows_;
  int64_t money_scale_ = 100;
  int64_t lateness_ = kForEver;
  int64_t closed_until_ = kNowhere;  ///< every window that ends here or before is closed
  int64_t last_minute_ = kNowhere;   ///< the last minute closed that held something

  std::array<std::vector<int64_t>, kSizes> dirty_;
  absl::btree_map<uint32_t, int64_t> dirty_levels_;  ///< group, and since when
  absl::btree_map<ChangedTrails, internal::MinuteSpans>
      dirty_trails_;  ///< where they look back to it

  internal::HotMinute hot_;
};

KpiBoard::KpiBoard(const Pack& pack, const base::Dictionary& names, base::SiteZone zone)
    : impl_(std::make_unique<Impl>(pack, names, std::move(zone))) {}

KpiBoard::~KpiBoard() = default;

void KpiBoard::set_money_scale(int64_t scale) {
  impl_->set_money_scale(scale);
}

void KpiBoard::set_allowed_lateness(base::Micros lateness) {
  impl_->set_allowed_lateness(lateness);
}

void KpiBoard::focus(base::EventTime time) {
  impl_->focus(time);
}

void KpiBoard::add(const Signal& signal, const Dimensions& dimensions) {
  impl_->add(signal, dimensions);
}

void KpiBoard::move(const Signal& signal, const Dimensions& from, const Dimensions& to) {
  impl_->move(signal, from, to);
}

void KpiBoard::meet(const KpiDelta& delta, GroupNumbers& groups) {
  if (delta.content() != nullptr) impl_->meet(*delta.content(), groups);
}

void KpiBoard::apply(const KpiDelta& delta, const GroupNumbers& groups) {
  if (delta.content() != nullptr) impl_->apply(*delta.content(), groups);
}

void KpiBoard::advance(base::EventTime watermark, std::vector<KpiRow>& rows) {
  impl_->advance(watermark, rows);
}

void KpiBoard::revise(std::vector<KpiRow>& rows) {
  impl_->revise(rows);
}

void KpiBoard::publish_open(base::EventTime time, std::vector<KpiRow>& rows) {
  impl_->publish_open(time, rows);
}

void KpiBoard::show_open(base::EventTime time, std::vector<KpiRow>& rows) const {
  impl_->show_open(time, rows);
}

bool KpiBoard::has_closed() const {
  return impl_->has_closed();
}

std::optional<base::EventTime> KpiBoard::first_open() const {
  return impl_->first_open();
}

std::string KpiBoard::dimensions_text(uint32_t group) const {
  return impl_->dimensions_text(group);
}

void KpiBoard::save(base::ByteWriter& writer) const {
  impl_->save(writer);
}

base::Result<void> KpiBoard::load(base::ByteReader& reader, base::Dictionary& names) {
  impl_->load(reader, names);
  if (!reader.ok()) return base::corrupt("saved KPIs: damaged");
  return {};
}

}  // namespace purvey::flow
