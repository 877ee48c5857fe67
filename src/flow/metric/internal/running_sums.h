#pragma once

#include <absl/container/btree_map.h>

#include <vector>

#include "base/byte_codec.h"
#include "base/event_time.h"
#include "flow/metric/internal/cell.h"

namespace purvey::flow::internal {

/// Sums of series from their beginning on: levels, and what is asked for by the day.
///
/// `now` moves with every closed minute; the history holds one entry for each hour in which it
/// moved, so that the sum at an earlier hour can be found. Kept for 400 days.
class RunningSums {
 public:
  struct Series {
    Wide now = 0;
    int64_t first = 0;  ///< start of the first minute seen, microseconds
    struct Entry {
      int64_t hour_end;
      Wide sum;
    };
    std::vector<Entry> history;
  };

  /// `delta` happened in the minute that starts at `minute`, which closes now or has closed.
  void add(SeriesKey key, int64_t minute, Wide delta);

  Wide now(SeriesKey key) const;
  bool contains(SeriesKey key) const { return series_.contains(key); }

  /// Sum a day over the `days` before the last full hour at or before `end`, or over those since
  /// the first observation if they are fewer, but at least one. In units of the measure.
  double per_day(SeriesKey key, int64_t end, double days) const;

  /// Groups for which a level is not zero, ascending.
  std::vector<uint32_t> standing_groups() const;

  void save(base::ByteWriter& writer) const;
  void load(base::ByteReader& reader, const MeasureNames& measures);

 private:
  absl::btree_map<SeriesKey, Series> series_;
};

}  // namespace purvey::flow::internal
