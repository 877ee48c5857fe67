#pragma once

#include "flow/metric/measure.h"

namespace purvey::flow {

/// Where trackers put what they observe; the KPI board is one.
class SignalSink {
 public:
  virtual ~SignalSink() = default;
  virtual void add(const Signal& signal, const Dimensions& dimensions) = 0;
  /// An observation that stays but for its dimensions: taken from what `from` names and `to` does
  /// not, given to what only `to` names.
  virtual void move(const Signal& signal, const Dimensions& from, const Dimensions& to) = 0;
};

}  // namespace purvey::flow
