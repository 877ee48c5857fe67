#include "serve/internal/server_metrics.h"

namespace purvey::serve {
namespace {

prometheus::Counter& counter(Metrics& metrics, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(metrics.registry()).Add({});
}

prometheus::Gauge& gauge(Metrics& metrics, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(metrics.registry()).Add({});
}

/// Upper bounds in seconds: from an answer out of memory to one that times out.
prometheus::Histogram::BucketBoundaries seconds_bounds() {
  return {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
}

}  // namespace

ServerMetrics::ServerMetrics(std::shared_ptr<Metrics> metrics, const Router& router)
    : metrics_(std::move(metrics)),
      router_(router),
      requests_(prometheus::BuildCounter()
                    .Name("purvey_http_requests_total")
                    .Help("requests answered; without a route: those that led to none")
                    .Register(metrics_->registry())),
      seconds_(prometheus::BuildHistogram()
                   .Name("purvey_http_request_seconds")
                   .Help("from the end of a request's head to the end of its answer")
                   .Register(metrics_->registry())),
      received_bytes_(counter(*metrics_, "purvey_http_received_bytes_total", "bytes from clients")),
      sent_bytes_(counter(*metrics_, "purvey_http_sent_bytes_total", "bytes to clients")),
      connections_(gauge(*metrics_, "purvey_http_connections", "connections that are open")),
      bodies_bytes_(gauge(*metrics_, "purvey_http_bodies_bytes",
                          "memory of bodies whose requests are not answered yet")),
      turned_away_(counter(*metrics_, "purvey_http_connections_turned_away_total",
                           "connections beyond the limit")),
      faults_(counter(*metrics_, "purvey_http_faults_total",
                      "handlers that ended by an exception; each is a bug or want of memory")) {
  for (const Route& route : router_.routes()) {
    routes_.push_back(of_route(std::string(method_name(route.method)), route.pattern));
  }
  routes_.push_back(of_route("", ""));
}

std::unique_ptr<ServerMetrics::OfRoute> ServerMetrics::of_route(std::string method,
                                                                std::string pattern) {
  auto made = std::make_unique<OfRoute>();
  made->method = std::move(method);
  made->pattern = std::move(pattern);
  made->seconds =
      &seconds_.Add({{"method", made->method}, {"route", made->pattern}}, seconds_bounds());
  return made;
}

void ServerMetrics::answered(const Route* route, int status, std::chrono::duration<double> took) {
  const size_t place =
      route == nullptr ? routes_.size() - 1 : static_cast<size_t>(route - router_.routes().data());
  OfRoute& counted = *routes_[place];
  counted.seconds->Observe(took.count());
  if (status < kFirstStatus || status >= kEndStatus) return;
  auto& slot = counted.by_status[static_cast<size_t>(status - kFirstStatus)];
  prometheus::Counter* requests = slot.load(std::memory_order_acquire);
  if (requests == nullptr) {
    // Two threads that come here at once are given the same counter.
    requests = &requests_.Add({{"method", counted.method},
                               {"route", counted.pattern},
                               {"status", std::to_string(status)}});
    slot.store(requests, std::memory_order_release);
  }
  requests->Increment();
}

}  // namespace purvey::serve
