#include "app/routes.h"

#include <fmt/core.h>

#include <memory>
#include <optional>

#include "app/dead_letter_routes.h"
#include "app/live_view.h"
#include "app/query_values.h"
#include "app/sql_route.h"
#include "base/closest_name.h"
#include "serve/openapi.h"

namespace purvey::app {
namespace {

using serve::Access;
using serve::Method;
using serve::Request;
using serve::Respond;
using serve::Route;

/// Of questions that are answered from memory.
serve::Outcome ask_again() {
  return {429, "many events wait to be counted; see Retry-After", "application/json"};
}

/// What a question to the flow gives: JSON, or nothing for what is not known.
using Question = std::function<std::optional<std::string>(const FlowState&)>;

/// Has the counting thread answer.
void answer(LiveFlow& flow, Respond respond, Question question) {
  const auto shared = std::make_shared<Respond>(std::move(respond));
  const auto asked = flow.ask([shared, question = std::move(question)](const FlowState& state) {
    auto found = question(state);
    (*shared)(found ? serve::json_response(200, *std::move(found))
                    : serve::error_response(404, "not_found", "nothing is known of it"));
  });
  if (!asked) (*shared)(serve::error_response(asked.error()));
}

/// What to write instead of a name that no KPI has.
std::string name_of_kpi(std::string_view written, const flow::Pack& pack) {
  std::vector<std::string_view> known;
  for (const flow::Kpi& kpi : pack.kpis) known.push_back(kpi.name);
  const std::string_view meant = base::closest_name(written, known);
  return meant.empty() ? "the name of a KPI: docs/data.md lists them" : fmt::format("'{}'", meant);
}

Route events(EventIntake& intake) {
  return {
      .method = Method::kPost,
      .pattern = "/api/v1/events",
      .access = Access::kIngest,
      .summary = "Events in; answered when they are on disk",
      .body_types = {"application/cloudevents+json", "application/cloudevents-batch+json",
                     "application/x-ndjson", "application/json"},
      .outcomes = {{202, "at least one event was taken; which were not, and why",
                    "application/json"},
                   {400, "none was taken", "application/json"},
                   {413, "too much for one message: send less at once", "application/json"},
                   {429, "too much waits: send it again after Retry-After", "application/json"}},
      .handler = [&intake](Request request, Respond respond) {
        intake.take(std::move(request), std::move(respond));
      }};
}

Route order(LiveFlow& flow) {
  return {.pattern = "/api/v1/orders/{id}",
          .access = Access::kRead,
          .summary = "What is known of an order",
          .outcomes = {{200, "its status and the times of its steps", "application/json"},
                       {404, "nothing is known of it", "application/json"},
                       ask_again()},
          .handler = [&flow](const Request& request, Respond respond) {
            answer(flow, std::move(respond),
                   [id = request.parameter("id")](const FlowState& state) {
                     return order_json(state, id);
                   });
          }};
}

Route stock(LiveFlow& flow, EventIntake& intake) {
  return {
      .pattern = "/api/v1/stock",
      .access = Access::kRead,
      .summary = "Units of a SKU: on hand, reserved, in transit, available",
      .query = {{.name = "sku", .summary = "which SKU", .required = true},
                {.name = "warehouse", .summary = "where; without it, a list of all warehouses"}},
      .outcomes = {{200, "the units, or a list of them by warehouse", "application/json"},
                   {404, "nothing is known of it", "application/json"},
                   ask_again()},
      .handler = [&flow, &intake](const Request& request, Respond respond) {
        const auto place = request.query_value("warehouse");
        answer(flow, std::move(respond),
               [&intake, sku_name = std::string(*request.query_value("sku")),
                place = place ? std::optional(std::string(*place)) : std::nullopt](
                   const FlowState& state) -> std::optional<std::string> {
                 // Looked up now: a recovery may have brought the names only just before.
                 const auto sku = intake.find_name(sku_name);
                 const auto warehouse = place ? intake.find_name(*place) : std::nullopt;
                 if (!sku || (place && !warehouse)) return std::nullopt;
                 return place ? stock_json(state, *sku, *warehouse) : stock_json(state, *sku);
               });
      }};
}

base::Result<KpiQuestion> read_kpi_question(const Request& request, const flow::Pack& pack) {
  KpiQuestion question;
  if (const auto metric = request.query_value("metric")) {
    const size_t place = pack.find(*metric);
    if (place == pack.kpis.size()) {
      return bad_value("metric", *metric, name_of_kpi(*metric, pack));
    }
    question.kpi = static_cast<uint32_t>(place);
  }
  if (const auto given = request.query_value("window")) {
    for (const int64_t seconds : flow::kWindowSeconds) {
      if (*given == fmt::format("{}", seconds)) question.window_seconds = seconds;
    }
    if (!question.window_seconds) {
      return bad_value("window", *given, "60, 600, 3600 or 86400, in seconds");
    }
  }
  return question;
}

Route kpis(LiveFlow& flow, const flow::Pack& pack) {
  return {.pattern = "/api/v1/kpis",
          .access = Access::kRead,
          .summary = "The last closed window of each KPI, and those that are open",
          .query = {{.name = "metric", .summary = "one KPI alone"},
                    {.name = "window",
                     .summary = "one size of window alone, in seconds",
                     .schema = R"({"type":"integer","enum":[60,600,3600,86400]})"}},
          .outcomes = {{200, "a list; what is open is not final", "application/json"},
                       {400, "no such KPI or window", "application/json"},
                       ask_again()},
          .handler = [&flow, &pack](const Request& request, Respond respond) {
            const auto question = read_kpi_question(request, pack);
            if (!question) return respond(serve::error_response(question.error()));
            answer(flow, std::move(respond), [question = *question](const FlowState& state) {
              return std::optional(kpis_json(state, question));
            });
          }};
}

Route quality(LiveFlow& flow) {
  return {.pattern = "/api/v1/quality",
          .access = Access::kRead,
          .summary = "What was received, by source and verdict",
          .outcomes = {{200, "a list of sources", "application/json"}, ask_again()},
          .handler = [&flow](const Request&, Respond respond) {
            answer(flow, std::move(respond),
                   [](const FlowState& state) { return std::optional(quality_json(state)); });
          }};
}

Route verdict(LiveFlow& flow) {
  return {.pattern = "/api/v1/verdict",
          .access = Access::kRead,
          .summary = "What became of an event",
          .query = {{.name = "source", .summary = "of the event", .required = true},
                    {.name = "id", .summary = "of the event", .required = true}},
          .outcomes = {{200, "its verdict", "application/json"},
                       {404, "nothing is known of it, or it was too old to be remembered",
                        "application/json"},
                       ask_again()},
          .handler = [&flow](const Request& request, Respond respond) {
            answer(flow, std::move(respond),
                   [source = std::string(*request.query_value("source")),
                    id = std::string(*request.query_value("id"))](const FlowState& state) {
                     return verdict_json(state, source, id);
                   });
          }};
}

Route health() {
  return {.pattern = "/healthz",
          .access = Access::kPublic,
          .summary = "Whether the process answers",
          .outcomes = {{200, "it does", "application/json"}},
          .handler = [](const Request&, Respond respond) {
            respond(serve::json_response(200, R"({"status":"ok"})"));
          }};
}

Route ready(LiveFlow& flow) {
  return {.pattern = "/readyz",
          .access = Access::kPublic,
          .summary = "Whether events are taken and counted",
          .outcomes = {{200, "they are", "application/json"}, {503, "why not", "application/json"}},
          .handler = [&flow](const Request&, Respond respond) {
            if (const auto why = flow.failure()) {
              return respond(serve::error_response(503, "failed", why->message));
            }
            if (const auto full = flow.refusal()) {
              return respond(serve::error_response(503, "full", *full));
            }
            respond(serve::json_response(200, R"({"status":"ready"})"));
          }};
}

}  // namespace

serve::Router make_routes(LiveFlow& flow, EventIntake& intake, HookIntake& hooks,
                          QuestionDesk& desk, DeadLetterDesk& letters, const flow::Pack& pack,
                          std::shared_ptr<const serve::Metrics> metrics) {
  serve::Router router;
  router.add(events(intake));
  router.add(hooks.route());
  router.add(order(flow));
  router.add(stock(flow, intake));
  router.add(kpis(flow, pack));
  router.add(quality(flow));
  router.add(verdict(flow));
  router.add(sql_route(desk));
  add_dead_letter_routes(router, letters);
  router.add(health());
  router.add(ready(flow));
  router.add(serve::metrics_route(std::move(metrics)));
  serve::add_openapi(router, {.name = "Purvey",
                              .version = PURVEY_VERSION,
                              .summary = "Events in, answers about the present."});
  return router;
}

}  // namespace purvey::app
