#pragma once

#include <absl/container/flat_hash_map.h>

#include <optional>

#include "base/dictionary.h"
#include "base/event_time.h"
#include "event/batch.h"
#include "flow/metric/pack.h"
#include "flow/track/signal_sink.h"

namespace purvey::flow {

/// One value of a metric, as it counts: names are dictionary ids, labels those of
/// event::intern_labels().
struct CountedSample {
  uint32_t name = 0;
  uint32_t labels = 0;
  base::EventTime at;
  double value = 0;
  bool backfill = false;  ///< as of Signal
};

/// Counts values of the metrics that a pack's formulas name (`sample.cold_room_c`), by those of
/// their labels that are called as a dimension is (`warehouse`, `carrier` ...).
class SampleCounts {
 public:
  /// Values beyond, either way, do not count: their ten-thousandths leave 64 bits.
  static constexpr double kValueMost = 9e14;

  /// All must outlive it.
  SampleCounts(SignalSink& sink, const Pack& pack, const base::Dictionary& names)
      : sink_(sink), pack_(pack), names_(names) {}

  void count(const CountedSample& sample);
  /// A metric.sample event, unless its value is missing.
  void count(const event::EventBatch& batch, const event::EventRow& row);

 private:
  std::optional<Measure> measure_of(uint32_t name);
  const Dimensions& dimensions_of(uint32_t labels);

  SignalSink& sink_;
  const Pack& pack_;
  const base::Dictionary& names_;
  absl::flat_hash_map<uint32_t, std::optional<Measure>> measures_;  ///< by name
  absl::flat_hash_map<uint32_t, Dimensions> dimensions_;            ///< by labels
};

}  // namespace purvey::flow
