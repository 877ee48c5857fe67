#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include "serve/metrics.h"

namespace purvey::serve {

/// What the server counts of itself. Thread-safe.
class ServerMetrics {
 public:
  /// `router` outlives it.
  ServerMetrics(std::shared_ptr<Metrics> metrics, const Router& router);

  /// An answer to a request of `route` (null: it led to none), `took` after its head was whole.
  void answered(const Route* route, int status, std::chrono::duration<double> took);

  void received(size_t bytes) { received_bytes_.Increment(static_cast<double>(bytes)); }
  void sent(size_t bytes) { sent_bytes_.Increment(static_cast<double>(bytes)); }
  void connections(size_t count) { connections_.Set(static_cast<double>(count)); }
  void bodies(size_t bytes) { bodies_bytes_.Set(static_cast<double>(bytes)); }
  void turned_away() { turned_away_.Increment(); }
  void fault() { faults_.Increment(); }

 private:
  static constexpr int kFirstStatus = 100;
  static constexpr int kEndStatus = 600;

  /// The counters of one route by status, made when they are first needed.
  struct OfRoute {
    std::string method;
    std::string pattern;
    std::array<std::atomic<prometheus::Counter*>, kEndStatus - kFirstStatus> by_status{};
    prometheus::Histogram* seconds = nullptr;
  };

  std::unique_ptr<OfRoute> of_route(std::string method, std::string pattern);

  const std::shared_ptr<Metrics> metrics_;
  const Router& router_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  prometheus::Counter& received_bytes_;
  prometheus::Counter& sent_bytes_;
  prometheus::Gauge& connections_;
  prometheus::Gauge& bodies_bytes_;
  prometheus::Counter& turned_away_;
  prometheus::Counter& faults_;
  std::vector<std::unique_ptr<OfRoute>> routes_;  ///< as the router has them; then that of none
};

}  // namespace purvey::serve
