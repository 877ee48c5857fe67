#pragma once

#include <prometheus/registry.h>

#include <memory>
#include <string>

#include "serve/router.h"

namespace purvey::serve {

/// What a process counts of itself, for Prometheus to read. Thread-safe.
///
/// Whoever counts registers a family once and keeps the counter, which is cheap to add to:
///
///     auto& received = prometheus::BuildCounter()
///                          .Name("purvey_events_received_total")
///                          .Help("events received")
///                          .Register(metrics.registry());
///     auto& from_shop = received.Add({{"source", "shop"}});
///     from_shop.Increment();
///
/// Names begin with `purvey_` and carry their unit (`_seconds`, `_bytes`), counters end in
/// `_total`.
class Metrics {
 public:
  prometheus::Registry& registry() { return registry_; }

  /// All of it in Prometheus' text format, version 0.0.4.
  std::string text() const;

 private:
  prometheus::Registry registry_;
};

/// `GET /metrics`, for who may read.
Route metrics_route(std::shared_ptr<const Metrics> metrics);

}  // namespace purvey::serve
