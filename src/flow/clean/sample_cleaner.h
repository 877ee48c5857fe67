#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "algo/outlier/outlier.h"
#include "algo/series/series_filler.h"
#include "base/byte_codec.h"
#include "base/event_time.h"
#include "base/units.h"
#include "flow/clean/clean_rule.h"

namespace purvey::flow {

/// One number of a series as it came: of `metric.sample`, a temperature, a stock count.
struct RawSample {
  uint64_t series;        ///< name and labels, as one key
  std::string_view name;  ///< of the metric; finds its rule
  base::EventTime at;
  std::optional<double> value;  ///< absent: missing
  std::string_view unit;        ///< empty: not said
};

/// One number of a series as it counts.
struct CleanSample {
  uint64_t series;
  base::EventTime at;
  std::optional<double> value;  ///< absent: missing, and nothing took its place
  std::optional<double> raw;    ///< as it came, in the unit that it came in
  /// What was done or noticed, parts between `; `; empty for nothing: `filled:linear`,
  /// `missing:drop`, `unit:F>C`, `outlier:hampel score 7.2 of 6 expected 3.1..4.9`, `late:not
  /// judged`, `not cleaned:...`.
  std::string mark;
};

/// Cleans the values of many series in the order they come, by the rules of `[[clean]]`.
///
/// 1. The unit is brought to the rule's.
/// 2. A value that stands out from those before it is marked; it counts all the same, but fills no
///    gap.
/// 3. A missing value is filled at once, or waits for the next known one, with all behind it.
/// A value not later than the last one of its series is neither judged nor used for filling.
///
/// Created by a shard, used by its thread. Bounded: kSeriesMax series, each as algo::SeriesFiller
/// and algo::OutlierStream are; further series pass through with a mark. The same samples give the
/// same answers, whatever lies between (also save and load).
class SampleCleaner {
 public:
  static constexpr size_t kSeriesMax = 100'000;

  explicit SampleCleaner(std::vector<CleanRule> rules, size_t series_max = kSeriesMax);

  /// Appends what is now known to `out`, per series in order of time. Errors, which change nothing:
  /// kInvalidInput for a value that is not finite or beyond 1e100, kUnsupported for an unknown
  /// unit, or one that measures something else than the rule's; neither for a metric without a
  /// rule.
  base::Result<void> add(const RawSample& sample, std::vector<CleanSample>& out);

  /// Gives up what waits in a gap that has grown too wide by event time `now`; by series key.
  void advance(base::EventTime now, std::vector<CleanSample>& out);

  /// Gives up everything that waits: the end of the input. By series key.
  void flush(std::vector<CleanSample>& out);

  size_t series_count() const { return series_.size(); }

  void save(base::ByteWriter& writer) const;

  /// Into a fresh cleaner. Series of rules that are gone or changed start anew; what waited in them
  /// is given up into `out`. Errors: kCorrupt.
  base::Result<void> load(base::ByteReader& reader, std::vector<CleanSample>& out);

 private:
  /// What is known of a unit that came with samples of a rule.
  struct UnitStep {
    std::string unit;
    base::UnitConversion conversion;
    std::string mark;  ///< empty if nothing changes
  };
  struct Rule {
    CleanRule rule;
    uint64_t fingerprint;
    std::vector<UnitStep> units;
  };
  /// A value that waits behind missing ones.
  struct Waiting {
    std::optional<double> raw;
    std::string mark;
  };
  struct Series {
    size_t rule;
    base::EventTime last;
    std::optional<algo::OutlierStream> outlier;
    algo::SeriesFiller filler;
    std::vector<Waiting> waiting;
  };
  /// A sample on its way: in the rule's unit, with what is to be said of it.
  struct Prepared {
    std::optional<double> value;
    std::string mark;
  };

  Rule* find_rule(std::string_view name);
  base::Result<const UnitStep*> unit_step(Rule& rule, std::string_view unit);
  base::Result<Prepared> prepare(Rule& rule, const RawSample& sample);
  Series* find_series(const Rule& rule, const RawSample& sample);
  Series new_series(size_t rule) const;
  void clean(Series& series, const RawSample& sample, Prepared prepared,
             std::vector<CleanSample>& out);
  void emit(uint64_t key, Series& series, algo::FillMethod wanted, std::vector<CleanSample>& out);
  void give_up(std::optional<base::EventTime> now, std::vector<CleanSample>& out);
  algo::FillMethod wanted_method(const Series& series) const;
  base::Result<void> load_series(base::ByteReader& reader, std::vector<CleanSample>& out);

  std::vector<Rule> rules_;
  const size_t series_max_;
  absl::flat_hash_map<uint64_t, Series> series_;
  std::set<uint64_t> holding_;  ///< series in which something waits
  std::vector<algo::FilledPoint> filled_;
};

}  // namespace purvey::flow
