#pragma once

#include <absl/container/btree_map.h>

#include <cstdint>

#include "base/byte_codec.h"
#include "base/dictionary.h"
#include "base/event_time.h"

namespace purvey::flow {

/// How far event time has come, over live sources (docs/data.md, section 3).
///
/// 1. The watermark of a source is its highest event time less `disorder`; that of all is the least
///    over the active sources. It never goes back.
/// 2. A source from which nothing came for `idle_timeout` of wall time holds nothing back until it
///    speaks again.
/// 3. When all are idle, the watermark goes on at the rate of the wall clock from where it was; it
///    never jumps to now, and goes on by a minute at most from one tick to the next: while a server
///    was down, time stood still.
///
/// Wall time comes in as ticks and times of receipt, which the journal keeps, so that a second run
/// over the same journal gives the same. One thread.
class Watermarks {
 public:
  Watermarks(base::Micros disorder, base::Micros idle_timeout)
      : disorder_(disorder), idle_timeout_(idle_timeout) {}

  /// An event of `source` (a dictionary id) that counts in time; what is in the future does not.
  void observe(uint32_t source, base::EventTime time, base::EventTime received);

  /// Something of `source` that moves no time: a duplicate, say. The source is not idle.
  void hear(uint32_t source, base::EventTime received);

  /// A second of the wall clock.
  void tick(base::EventTime now);

  /// kNever before the first event.
  base::EventTime watermark() const { return watermark_; }
  /// The highest event time of any source; kNever before the first event.
  base::EventTime highest() const { return highest_; }

  /// Visits the sources that have said a time.
  template <class Visit>
  void visit_timed(const Visit& visit) const {
    for (const auto& [id, source] : sources_) {
      if (source.highest != base::kNever) visit(id);
    }
  }

  /// That of one source.
  base::EventTime highest_of(uint32_t source) const {
    const auto known = sources_.find(source);
    return known == sources_.end() ? base::kNever : known->second.highest;
  }

  void save(base::ByteWriter& writer, const base::Dictionary& names) const;
  /// Into a fresh object.
  void load(base::ByteReader& reader, base::Dictionary& names);

 private:
  struct Source {
    base::EventTime highest = base::kNever;
    base::EventTime last_received = base::kNever;
  };

  /// Idle, or never said a time that counts.
  bool holds_nothing(const Source& source) const {
    return now_ - source.last_received > idle_timeout_ || source.highest == base::kNever;
  }
  void raise(base::EventTime watermark) {
    if (watermark > watermark_) watermark_ = watermark;
  }
  void move_clock(base::EventTime now);
  void follow_sources();

  const base::Micros disorder_;
  const base::Micros idle_timeout_;
  absl::btree_map<uint32_t, Source> sources_;
  base::EventTime watermark_ = base::kNever;
  base::EventTime highest_ = base::kNever;
  base::EventTime now_ = base::kNever;  ///< the latest wall time that came in
};

}  // namespace purvey::flow
