#pragma once

#include "flow/metric/measure.h"

namespace purvey::flow {

/// Where trackers put what they observe; the KPI board is one.
class SignalSink {
 public:
  virtual ~SignalSink() = default;
  virtual void add(const Signal& signal, const Dimensions& dimensions) = 0;
};

}  // namespace purvey::flow
