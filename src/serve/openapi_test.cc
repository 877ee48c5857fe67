#include "serve/openapi.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <set>

#include "serve/http_client_fixture.h"
#include "serve/http_server.h"

namespace purvey::serve {
namespace {

using simdjson::dom::element;

Router routes() {
  const Handler handler = [](const Request&, const Respond&) {};
  Router router;
  router.add({.method = Method::kPost,
              .pattern = "/api/v1/events",
              .access = Access::kIngest,
              .summary = "Events in, \"quoted\"",
              .body_types = {"application/json", "application/x-ndjson"},
              .body_schema = R"({"type":"object"})",
              .outcomes = {{.status = 202, .summary = "taken", .content_type = "application/json"},
                           {.status = 400, .summary = "none was taken"}},
              .handler = handler});
  router.add({.pattern = "/api/v1/orders/{id}/{step}",
              .access = Access::kRead,
              .summary = "A step of an order",
              .path = {{.name = "step", .summary = "which", .schema = R"({"type":"integer"})"}},
              .query = {{.name = "from", .summary = "since when", .required = true},
                        {.name = "limit", .summary = "how many"}},
              .outcomes = {{.status = 200, .summary = "it", .content_type = "application/json"}},
              .handler = handler});
  router.add({.method = Method::kDelete,
              .pattern = "/api/v1/orders/{id}/{step}",
              .access = Access::kAdmin,
              .summary = "Takes it away",
              .outcomes = {{.status = 204, .summary = "it is gone"}},
              .handler = handler});
  router.add({.pattern = "/healthz",
              .access = Access::kPublic,
              .summary = "Whether it lives",
              .handler = handler});
  return router;
}

/// What OpenAPI 3.1 asks of a document, in so far as routes can go against it.
class Structure {
 public:
  explicit Structure(element document) : document_(document) { check_document(); }

  const std::set<std::string>& operations() const { return operations_; }

 private:
  void check_document() {
    EXPECT_EQ(text(document_["openapi"]), "3.1.0");
    EXPECT_NE(text(document_["info"]["title"]), "");
    EXPECT_NE(text(document_["info"]["version"]), "");
    check_references(document_);
    for (const auto [path, item] : document_["paths"].get_object()) {
      EXPECT_TRUE(path.starts_with('/')) << path;
      for (const auto [method, operation] : item.get_object()) {
        EXPECT_TRUE(
            std::set<std::string_view>({"get", "post", "put", "patch", "delete"}).contains(method))
            << method;
        operations_.insert(std::string(method) + " " + std::string(path));
        check_operation(path, operation);
      }
    }
  }

  void check_operation(std::string_view path, element operation) {
    EXPECT_TRUE(ids_.insert(std::string(text(operation["operationId"]))).second) << path;
    EXPECT_NE(text(operation["summary"]), "");
    check_parameters(path, operation);
    check_security(operation);
    element body;
    if (operation["requestBody"].get(body) == simdjson::SUCCESS) check_content(body);
    bool has_any = false;
    for (const auto [status, response] : operation["responses"].get_object()) {
      has_any = true;
      EXPECT_TRUE(status == "default" ||
                  (status.size() == 3 && status[0] >= '1' && status[0] <= '5'))
          << status;
      EXPECT_NE(text(response["description"]), "");
      element content;
      if (response["content"].get(content) == simdjson::SUCCESS) check_content(response);
    }
    EXPECT_TRUE(has_any) << path;
  }

  void check_parameters(std::string_view path, element operation) {
    std::set<std::string> names;
    for (const element parameter : operation["parameters"].get_array()) {
      const std::string name(text(parameter["name"]));
      const std::string_view place = text(parameter["in"]);
      EXPECT_TRUE(names.insert(std::string(place) + " " + name).second) << name;
      EXPECT_TRUE(parameter["schema"].is_object());
      if (place == "path") {
        EXPECT_NE(path.find("{" + name + "}"), std::string_view::npos) << name;
        EXPECT_TRUE(parameter["required"].get_bool().value()) << name;
      } else {
        EXPECT_EQ(place, "query");
      }
    }
    for (const std::string& segment : segments_of(path)) {
      if (!is_parameter(segment)) continue;
      EXPECT_TRUE(names.contains("path " + segment.substr(1, segment.size() - 2))) << segment;
    }
  }

  void check_security(element operation) {
    for (const element choice : operation["security"].get_array()) {
      for (const auto [scheme, scopes] : choice.get_object()) {
        EXPECT_TRUE(scopes.is_array());
        element found;
        EXPECT_EQ(document_["components"]["securitySchemes"][scheme].get(found), simdjson::SUCCESS)
            << scheme;
      }
    }
  }

  static void check_content(element holder) {
    bool has_any = false;
    for (const auto [type, media] : holder["content"].get_object()) {
      has_any = true;
      EXPECT_NE(type.find('/'), std::string_view::npos) << type;
      EXPECT_TRUE(media.is_object());
    }
    EXPECT_TRUE(has_any);
  }

  /// Every `$ref` leads to a place in the document.
  void check_references(element part) {
    if (part.is_array()) {
      for (const element each : part.get_array()) check_references(each);
    }
    if (!part.is_object()) return;
    for (const auto [name, value] : part.get_object()) {
      if (name != "$ref") {
        check_references(value);
        continue;
      }
      const std::string_view place = text(value);
      element found;
      ASSERT_TRUE(place.starts_with("#/")) << place;
      EXPECT_EQ(document_.at_pointer(place.substr(1)).get(found), simdjson::SUCCESS) << place;
    }
  }

  static std::string_view text(const element& value) {
    std::string_view found;
    EXPECT_EQ(value.get_string().get(found), simdjson::SUCCESS);
    return found;
  }

  static std::string_view text(simdjson::simdjson_result<element> value) {
    std::string_view found;
    EXPECT_EQ(value.get_string().get(found), simdjson::SUCCESS);
    return found;
  }

  element document_;
  std::set<std::string> ids_;
  std::set<std::string> operations_;
};

TEST(OpenApiTest, every_route_stands_in_a_valid_document) {
  Router router = routes();
  add_openapi(router, {.name = "Purvey", .version = "1.2.3", .summary = "a test"});
  const auto server = HttpServer::start({.port = 0}, router).value();
  HttpClient client(server->port());
  client.get("/api/openapi.json");
  const std::string text = client.answer().value_or(Answer{}).body;

  simdjson::dom::parser parser;
  element document;
  ASSERT_EQ(parser.parse(text).get(document), simdjson::SUCCESS) << text;
  std::set<std::string> expected;
  for (const Route& route : router.routes()) {
    const std::string method = route.method == Method::kGet    ? "get "
                               : route.method == Method::kPost ? "post "
                                                               : "delete ";
    expected.insert(method + route.pattern);
  }
  EXPECT_EQ(Structure(document).operations(), expected);
}

TEST(OpenApiTest, a_route_is_described_with_what_the_server_adds) {
  const std::string text = openapi_document({"Purvey", "1", "x"}, routes().routes());
  simdjson::dom::parser parser;
  const element paths = parser.parse(text)["paths"];
  const element post = paths["/api/v1/events"]["post"];
  EXPECT_EQ(std::string(post["summary"].get_string().value()), "Events in, \"quoted\"");
  const std::string responses = simdjson::minify(post["responses"]);
  for (const char* status : {"202", "400", "401", "403", "413", "415", "503", "default"}) {
    EXPECT_NE(responses.find("\"" + std::string(status) + "\":"), std::string::npos) << status;
  }
  EXPECT_NE(responses.find("none was taken"), std::string::npos);
  EXPECT_EQ(simdjson::minify(post["security"]), R"([{},{"token":[]}])");
  EXPECT_EQ(simdjson::minify(post["requestBody"]["content"]["application/x-ndjson"]),
            R"({"schema":{"type":"object"}})");

  const element orders = paths["/api/v1/orders/{id}/{step}"];
  EXPECT_EQ(
      simdjson::minify(orders["get"]["parameters"]),
      R"([{"name":"id","in":"path","required":true,"schema":{"type":"string"}},)"
      R"({"name":"step","in":"path","description":"which","required":true,)"
      R"("schema":{"type":"integer"}},)"
      R"({"name":"from","in":"query","description":"since when","required":true,)"
      R"("schema":{"type":"string"}},)"
      R"({"name":"limit","in":"query","description":"how many","schema":{"type":"string"}}])");
  EXPECT_EQ(simdjson::minify(orders["delete"]["security"]), R"([{"token":[]}])");
  EXPECT_EQ(simdjson::minify(paths["/healthz"]["get"]["security"]), "[]");
}

}  // namespace
}  // namespace purvey::serve
