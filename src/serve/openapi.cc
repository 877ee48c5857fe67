#include "serve/openapi.h"

#include <algorithm>
#include <memory>

#include "base/json_text.h"
#include "serve/internal/ascii.h"
#include "serve/internal/json_writer.h"

namespace purvey::serve {
namespace {

constexpr std::string_view kErrorSchema =
    R"({"type":"object","required":["error"],"properties":{"error":{"type":"object",)"
    R"("required":["code","message"],"properties":{"code":{"type":"string"},)"
    R"("message":{"type":"string"}}}}})";
constexpr std::string_view kErrorReference = R"({"$ref":"#/components/schemas/Error"})";

/// What the server answers itself, beside what a route names.
std::vector<Outcome> outcomes_of_server(const Route& route) {
  std::vector<Outcome> outcomes;
  const auto add = [&](int status, const char* summary) {
    outcomes.push_back({status, summary, "application/json", std::string(kErrorReference)});
  };
  if (!route.query.empty() || !route.body_types.empty())
    add(400, "the request is not as it should be");
  if (route.access != Access::kPublic) {
    add(401, "a token is needed");
    add(403, "the token is not for this");
  }
  if (!route.body_types.empty()) {
    add(413, "the body is too large");
    add(415, "the body is of another type or packing");
    add(503, "too much is in work; the header Retry-After says when to come again");
  }
  return outcomes;
}

/// "get_api_v1_orders_id"
std::string operation_id(const Route& route) {
  std::string id = ascii_lower(method_name(route.method));
  for (const char c : route.pattern) {
    if (is_ascii_alnum(c)) {
      id += c;
    } else if (!id.ends_with('_')) {
      id += '_';
    }
  }
  while (id.ends_with('_')) id.pop_back();
  return id;
}

void write_parameter(JsonWriter& json, const Parameter& parameter, std::string_view place) {
  json.begin_object();
  json.text("name", parameter.name);
  json.text("in", place);
  if (!parameter.summary.empty()) json.text("description", parameter.summary);
  if (parameter.required || place == "path") json.raw("required", "true");
  json.raw("schema", parameter.schema);
  json.end_object();
}

void write_parameters(JsonWriter& json, const Route& route) {
  json.begin_array("parameters");
  for (const std::string& segment : segments_of(route.pattern)) {
    if (!is_parameter(segment)) continue;
    const std::string name = segment.substr(1, segment.size() - 2);
    const auto described = std::ranges::find(route.path, name, &Parameter::name);
    write_parameter(
        json, described == route.path.end() ? Parameter{.name = name, .summary = ""} : *described,
        "path");
  }
  for (const Parameter& parameter : route.query) write_parameter(json, parameter, "query");
  json.end_array();
}

void write_content(JsonWriter& json, const std::vector<std::string>& types,
                   const std::string& schema) {
  json.begin_object("content");
  for (const std::string& type : types) {
    json.begin_object(type);
    if (!schema.empty()) json.raw("schema", schema);
    json.end_object();
  }
  json.end_object();
}

void write_body(JsonWriter& json, const Route& route) {
  if (route.body_types.empty()) return;
  json.begin_object("requestBody");
  json.text("description", "as it is, or packed: Content-Encoding gzip or zstd");
  json.raw("required", "true");
  write_content(json, route.body_types, route.body_schema);
  json.end_object();
}

void write_outcome(JsonWriter& json, std::string_view status, const Outcome& outcome) {
  json.begin_object(status);
  json.text("description", outcome.summary);
  if (!outcome.content_type.empty()) write_content(json, {outcome.content_type}, outcome.schema);
  json.end_object();
}

void write_outcomes(JsonWriter& json, const Route& route) {
  std::vector<Outcome> outcomes = route.outcomes;
  for (Outcome& own : outcomes_of_server(route)) {
    const bool is_named = std::ranges::any_of(
        route.outcomes, [&](const Outcome& named) { return named.status == own.status; });
    if (!is_named) outcomes.push_back(std::move(own));
  }
  std::ranges::sort(outcomes, {}, &Outcome::status);
  json.begin_object("responses");
  for (const Outcome& outcome : outcomes) {
    write_outcome(json, std::to_string(outcome.status), outcome);
  }
  write_outcome(json, "default",
                {.status = 0,
                 .summary = "an error",
                 .content_type = "application/json",
                 .schema = std::string(kErrorReference)});
  json.end_object();
}

/// Whose token is needed: none, perhaps one (the server's settings say), or one.
std::string_view security_of(Access access) {
  switch (access) {
    case Access::kPublic:
      return "[]";
    case Access::kRead:
    case Access::kIngest:
      return R"([{},{"token":[]}])";
    case Access::kAdmin:
      break;
  }
  return R"([{"token":[]}])";
}

void write_route(JsonWriter& json, const Route& route) {
  json.begin_object(ascii_lower(method_name(route.method)));
  json.text("operationId", operation_id(route));
  json.text("summary", route.summary);
  json.raw("security", security_of(route.access));
  write_parameters(json, route);
  write_body(json, route);
  write_outcomes(json, route);
  json.end_object();
}

void write_components(JsonWriter& json) {
  json.begin_object("components");
  json.begin_object("schemas");
  json.raw("Error", kErrorSchema);
  json.end_object();
  json.begin_object("securitySchemes");
  json.raw("token", R"({"type":"http","scheme":"bearer"})");
  json.end_object();
  json.end_object();
}

}  // namespace

std::string openapi_document(const ApiTitle& title, const std::vector<Route>& routes) {
  JsonWriter json;
  json.begin_object();
  json.text("openapi", "3.1.0");
  json.begin_object("info");
  json.text("title", title.name);
  json.text("summary", title.summary);
  json.text("version", title.version);
  json.end_object();
  json.begin_object("paths");
  for (size_t i = 0; i < routes.size(); ++i) {
    const auto is_of_path = [&](const Route& route) { return route.pattern == routes[i].pattern; };
    // The methods of one path stand together, where the first of them came.
    if (std::any_of(routes.begin(), routes.begin() + static_cast<ptrdiff_t>(i), is_of_path))
      continue;
    json.begin_object(routes[i].pattern);
    for (const Route& route : routes) {
      if (is_of_path(route)) write_route(json, route);
    }
    json.end_object();
  }
  json.end_object();
  write_components(json);
  json.end_object();
  return json.take();
}

void add_openapi(Router& router, const ApiTitle& title) {
  const auto document = std::make_shared<std::string>();
  router.add({.method = Method::kGet,
              .pattern = "/api/openapi.json",
              .access = Access::kPublic,
              .summary = "This document",
              .outcomes = {{.status = 200,
                            .summary = "the interface as OpenAPI 3.1",
                            .content_type = "application/json",
                            .schema = R"({"type":"object"})"}},
              .handler = [document](const Request&, Respond respond) {
                respond(json_response(200, *document));
              }});
  *document = openapi_document(title, router.routes());
}

}  // namespace purvey::serve
