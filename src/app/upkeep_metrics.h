#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "store/depot/upkeep.h"

namespace purvey::app {

/// What a server tells of the upkeep of its archive in /metrics. One thread.
class UpkeepMetrics {
 public:
  explicit UpkeepMetrics(prometheus::Registry& metrics);

  /// `report`: all since the start; `refuses`: whether events are refused for want of room.
  void show(const store::depot::UpkeepReport& report, bool refuses);

 private:
  prometheus::Counter& merges_;
  prometheus::Counter& rows_rewritten_;
  prometheus::Counter& bytes_written_;
  prometheus::Counter& failures_;
  prometheus::Family<prometheus::Counter>& dropped_;
  prometheus::Gauge& folder_bytes_;
  prometheus::Gauge& refuses_;
};

}  // namespace purvey::app
