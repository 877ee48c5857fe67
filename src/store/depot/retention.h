#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "store/dropped_rows.h"
#include "store/part.h"

namespace purvey::store::depot {

/// How long a server keeps what it has stored, in whole UTC days from the day on which a row was
/// committed; 0: for ever.
struct Retention {
  int32_t kpi_minute_days = 0;   ///< rows of `kpi` of 1-minute windows
  int32_t archive_days = 0;      ///< all rows, but of tables that the present is worked out from
  int32_t dead_letter_days = 0;  ///< `dead_letter` and `dead_letter_step`
  uint64_t disk_bytes = 0;       ///< ceiling of the data folder; 0: none
  bool drops_oldest = false;     ///< at the ceiling the oldest parts go, and events are taken in

  friend bool operator==(const Retention&, const Retention&) = default;
};

/// Whether the rows of a table stay whatever their age: what `stock` is the sum of, articles and
/// promotions, which hold until they are replaced, and the quality report, by which every event
/// that was ever received is accounted for.
bool is_kept_always(TableId table);

/// Parts that go, and what is told of them.
struct Dropping {
  std::vector<Part> parts;
  std::vector<DroppedRows> rows;  ///< by table, one cause each
};

/// All of whose rows are older than they are kept. A part of which that is true of some waits; and
/// a part of `dead_letter_step` waits for every letter that it may be about, which would be open
/// again without it.
Dropping old_parts(std::span<const Part> parts, const Retention& retention, int32_t today);

/// The parts that were stored first, about `bytes` in all, but those of today: for the ceiling of
/// the disk. The order is that of the last day of storing, then of seq; steps of dead letters go
/// behind the letters.
Dropping oldest_parts(std::span<const Part> parts, uint64_t bytes, int32_t today);

/// Which parts may be thinned at once.
struct ThinRules {
  uint64_t rows_max = 0;  ///< of all; one part may have more
  /// Parts that were tried and are to be left alone.
  std::function<bool(const Part&)> is_left_alone = [](const Part&) { return false; };
};

/// Parts of `kpi`, of one month, whose rows of 1-minute windows are to be left out.
std::vector<Part> parts_to_thin(std::span<const Part> parts, const Retention& retention,
                                int32_t today, const ThinRules& rules);

/// How many days of storing may stand in one part: a tenth of the time that its rows are kept, so
/// that none stays longer than a tenth beyond; 40 where they are kept for ever.
int32_t span_days(const Part& part, const Retention& retention);

/// As `archive`, the key of `[retention]` that a table goes by: `archive` or `dead_letters`.
std::string_view cause_of(TableId table);

}  // namespace purvey::store::depot
