#pragma once

#include <vector>

#include "flow/metric/internal/cell.h"
#include "flow/metric/internal/group_table.h"
#include "flow/metric/kpi_delta.h"

namespace purvey::flow {

/// Groups are numbered as the collector numbers them.
struct KpiDelta::Content {
  struct Sum {
    int64_t minute;  ///< its start
    internal::SeriesKey key;
    internal::Wide sum;
    int64_t n;
    bool backfill;  ///< see Signal
  };
  struct Single {
    uint32_t group;
    Signal signal;
  };

  std::vector<internal::GroupTable::Group> new_groups;  ///< first seen since the last cut
  std::vector<Sum> sums;        ///< also those that came to nothing: a window was touched
  std::vector<Single> singles;  ///< of measures that have sketches, which no sum stands for
};

}  // namespace purvey::flow
