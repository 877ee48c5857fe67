#pragma once

#include <absl/container/flat_hash_map.h>

#include <functional>
#include <string>
#include <vector>

#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "event/batch.h"
#include "flow/clean/sample_cleaner.h"
#include "store/table.h"

namespace purvey::flow {

/// Brings metric.sample events through cleaning to rows of the `sample` table: the value that
/// counts, and beside it the value as it came and what was done.
///
/// A sample that waits for the next known value gets its row, and the seq of that moment, when that
/// comes.
class SampleFacts {
 public:
  /// `names` must outlive it.
  SampleFacts(std::vector<CleanRule> rules, const base::Dictionary& names);

  /// Without rules nothing is cleaned and samples are facts like any others.
  bool is_idle() const { return rules_.empty(); }

  /// Whether a rule names the metric of a sample; the others are facts like any others.
  bool takes(const event::EventBatch& batch, const event::EventRow& row);

  /// Takes an accepted sample. Errors, which change nothing: as SampleCleaner::add().
  base::Result<void> add(const event::EventBatch& batch, const event::EventRow& row);

  /// Gives up what waits in gaps that grew too wide by `now`.
  void advance(base::EventTime now) { cleaner_.advance(now, cleaned_); }
  /// Gives up all that waits.
  void flush() { cleaner_.flush(cleaned_); }

  /// A cleaned value that is there, with dictionary ids of its metric and labels.
  struct Value {
    uint32_t name;
    uint32_t labels;
    base::EventTime at;
    double value;
  };

  /// Writes the rows that are ready, and tells `counted` each value that is there.
  void write(store::RowBuffer& out, int64_t seq, const std::function<void(const Value&)>& counted);

  void save(base::ByteWriter& writer) const;
  /// `names` is the dictionary it was given, open for new names. Errors: kCorrupt.
  base::Result<void> load(base::ByteReader& reader, base::Dictionary& names);

 private:
  struct Series {
    std::string name;
    std::string labels;
    std::string unit;
    uint32_t name_id = 0;
    uint32_t labels_id = 0;
  };

  const CleanRule* rule_of(std::string_view name) const;

  const base::Dictionary& names_;
  absl::flat_hash_map<uint32_t, bool> takes_;  ///< by name
  std::vector<CleanRule> rules_;
  SampleCleaner cleaner_;
  absl::flat_hash_map<uint64_t, Series> series_;
  std::vector<CleanSample> cleaned_;
};

}  // namespace purvey::flow
