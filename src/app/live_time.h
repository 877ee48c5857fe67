#pragma once

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <cstdint>

#include "app/configuration.h"
#include "app/source_rules.h"
#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "event/batch.h"
#include "flow/admit/admission.h"
#include "flow/source/watermarks.h"

namespace purvey::app {

/// What live sources, each by its rule, say of time: how far the watermark has come, and which
/// events are late, too old or in the future (docs/data.md, section 3). One thread.
class LiveTime {
 public:
  /// How far an event may be ahead of the wall clock.
  static constexpr base::Micros kFutureAllowed = std::chrono::minutes(10);

  /// Both must outlive it.
  LiveTime(const Configuration& configuration, base::Dictionary& names);

  /// Sources are dictionary ids.
  bool is_backfill(uint32_t source) { return rule_of(source).backfill; }

  /// For an event of `source` that was received at `now`, with the watermark where it is.
  flow::Horizon horizon_for(uint32_t source, base::EventTime watermark, base::EventTime now);

  /// An event, received at `now`, came to its verdict.
  void note(const event::EventRow& row, event::Verdict verdict, base::EventTime now);
  /// A second of the wall clock.
  void tick(base::EventTime now) { watermarks_.tick(now); }
  base::EventTime watermark() const { return watermarks_.watermark(); }

  void save(base::ByteWriter& writer) const { watermarks_.save(writer, names_); }
  void load(base::ByteReader& reader) { watermarks_.load(reader, names_); }

 private:
  const SourceRule& rule_of(uint32_t source);
  bool goes_by_the_wall();

  const Configuration& configuration_;
  base::Dictionary& names_;
  flow::Watermarks watermarks_;
  absl::flat_hash_map<uint32_t, const SourceRule*> rules_;  ///< of sources met
};

}  // namespace purvey::app
