#pragma once

#include "event/batch.h"
#include "flow/track/signal_sink.h"

namespace purvey::flow::internal {

/// Hands on what trackers observe of one event after the other to `Target`, a KPI board or a
/// collector, and says of it what the event's source is.
template <class Target>
class RowSink final : public SignalSink {
 public:
  explicit RowSink(Target& target) : target_(target) {}

  /// What comes next is observed of this event.
  void begin(const event::EventRow& row) {
    backfill_ = row.backfill;
    target_.focus(row.time);
  }

  void add(const Signal& signal, const Dimensions& dimensions) override {
    backfill_ ? target_.add(as_backfill(signal), dimensions) : target_.add(signal, dimensions);
  }
  void move(const Signal& signal, const Dimensions& from, const Dimensions& to) override {
    backfill_ ? target_.move(as_backfill(signal), from, to) : target_.move(signal, from, to);
  }

 private:
  static Signal as_backfill(Signal signal) {
    signal.backfill = true;
    return signal;
  }

  Target& target_;
  bool backfill_ = false;
};

}  // namespace purvey::flow::internal
