#pragma once

#include <string>
#include <vector>

#include "serve/router.h"

namespace purvey::serve {

/// What the document of an interface says of the whole.
struct ApiTitle {
  std::string name;     ///< "Purvey"
  std::string version;  ///< of the program
  std::string summary;  ///< one line for people
};

/// The OpenAPI 3.1 document of these routes, as JSON: each with its parameters, its body and its
/// answers, those of the server itself included, and who may call it. The same routes give the same
/// bytes.
std::string openapi_document(const ApiTitle& title, const std::vector<Route>& routes);

/// Adds `GET /api/openapi.json`, for anybody: the document of all routes that `router` has by then,
/// and of itself. Called once, after all others were added.
void add_openapi(Router& router, const ApiTitle& title);

}  // namespace purvey::serve
