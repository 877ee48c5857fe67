#include "serve/metrics.h"

#include <prometheus/text_serializer.h>

namespace purvey::serve {
namespace {

constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

Route metrics_route(std::shared_ptr<const Metrics> metrics) {
  return {.method = Method::kGet,
          .pattern = "/metrics",
          .access = Access::kRead,
          .summary = "What the server counts of itself, for Prometheus",
          .outcomes = {{.status = 200, .summary = "the figures", .content_type = "text/plain"}},
          .handler = [metrics = std::move(metrics)](const Request&, Respond respond) {
            respond({.content_type = std::string(kContentType), .body = metrics->text()});
          }};
}

}  // namespace purvey::serve
