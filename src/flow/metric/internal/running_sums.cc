#include "flow/metric/internal/running_sums.h"

#include <algorithm>

#include "flow/metric/internal/measure_names.h"

namespace purvey::flow::internal {
namespace {

constexpr int64_t kHour = 3'600'000'000;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kKept = 400 * kDay;

int64_t floor_to(int64_t value, int64_t unit) {
  const int64_t rest = value % unit;
  return rest < 0 ? value - rest - unit : value - rest;
}

Wide sum_at(const RunningSums::Series& series, int64_t time) {
  const auto after = std::upper_bound(
      series.history.begin(), series.history.end(), time,
      [](int64_t t, const RunningSums::Series::Entry& entry) { return t < entry.hour_end; });
  return after == series.history.begin() ? 0 : std::prev(after)->sum;
}

}  // namespace

void RunningSums::add(SeriesKey key, int64_t minute, Wide delta) {
  const auto [place, is_new] = series_.try_emplace(key);
  Series& series = place->second;
  series.first = is_new ? minute : std::min(series.first, minute);
  series.now += delta;
  const int64_t hour_end = floor_to(minute, kHour) + kHour;
  auto& history = series.history;
  auto entry =
      std::lower_bound(history.begin(), history.end(), hour_end,
                       [](const Series::Entry& e, int64_t time) { return e.hour_end < time; });
  if (entry == history.end() || entry->hour_end != hour_end) {
    const Wide before = entry == history.begin() ? 0 : std::prev(entry)->sum;
    entry = history.insert(entry, {hour_end, before});
  }
  for (; entry != history.end(); ++entry) entry->sum += delta;
  if (history.size() > 2 && history[1].hour_end < history.back().hour_end - 2 * kKept) {
    const auto kept = std::find_if(history.begin(), history.end(), [&](const Series::Entry& e) {
      return e.hour_end >= history.back().hour_end - kKept;
    });
    history.erase(history.begin(), std::prev(kept));
  }
}

Wide RunningSums::now(SeriesKey key) const {
  const auto found = series_.find(key);
  return found == series_.end() ? 0 : found->second.now;
}

double RunningSums::per_day(SeriesKey key, int64_t end, double days) const {
  const auto found = series_.find(key);
  if (found == series_.end()) return 0;
  const Series& series = found->second;
  const int64_t to = floor_to(end, kHour);
  const auto asked = static_cast<int64_t>(days * static_cast<double>(kDay));
  const int64_t seen = to - floor_to(series.first, kHour);
  const int64_t span = std::max(std::min(asked, seen), kDay);
  const Wide sum = sum_at(series, to) - sum_at(series, to - span);
  return static_cast<double>(sum) / (static_cast<double>(span) / static_cast<double>(kDay));
}

std::vector<uint32_t> RunningSums::standing_groups() const {
  std::vector<uint32_t> groups;
  for (const auto& [key, series] : series_) {
    if (series.now == 0 || !is_level(measure_of(key))) continue;
    if (groups.empty() || groups.back() != group_of(key)) groups.push_back(group_of(key));
  }
  return groups;
}

void RunningSums::save(base::ByteWriter& writer) const {
  writer.varint(series_.size());
  for (const auto& [key, series] : series_) {
    writer.varint(key);
    writer.zigzag(series.first);
    save_wide(series.now, writer);
    writer.varint(series.history.size());
    for (const auto& entry : series.history) {
      writer.zigzag(entry.hour_end);
      save_wide(entry.sum, writer);
    }
  }
}

void RunningSums::load(base::ByteReader& reader, const MeasureNames& measures) {
  const uint64_t count = reader.varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const auto key = measures.today(reader.varint());
    Series series;
    series.first = reader.zigzag();
    series.now = load_wide(reader);
    const uint64_t entries = reader.varint();
    if (!reader.fits(entries, 3)) return;
    for (uint64_t e = 0; e < entries; ++e) {
      const int64_t hour_end = reader.zigzag();
      series.history.push_back({hour_end, load_wide(reader)});
    }
    if (key) series_[*key] = std::move(series);
  }
}

}  // namespace purvey::flow::internal
