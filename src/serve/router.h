#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http.h"

namespace purvey::serve {

/// Called on a thread of the server: it does not block, and hands longer work on together with
/// `respond`.
using Handler = std::function<void(Request request, Respond respond)>;

/// A parameter of a route's pattern or of its query.
struct Parameter {
  std::string name;
  std::string summary;
  std::string schema = R"({"type":"string"})";  ///< JSON Schema, for readers; not checked here
  bool required = false;                        ///< of the query; those of the pattern always are
};

/// One answer that a route may give.
struct Outcome {
  int status;
  std::string summary;
  std::string content_type = {};  ///< empty: no body
  std::string schema = {};        ///< JSON Schema of the body; empty: not described
};

/// Everything that is known of one path and method. The server, the document of the interface and
/// its readers go by this.
struct Route {
  Method method = Method::kGet;
  /// Segments divided by `/`, a parameter in braces: `/api/v1/orders/{id}`.
  std::string pattern;
  Access access = Access::kAdmin;
  /// Who may call it with these parameters, if it is not the same for all: where a handler knows
  /// the sender by other means than a token, it may ask for none (kPublic).
  std::function<Access(const std::vector<NamedText>& parameters)> access_of = {};
  std::string summary;                       ///< one line for people
  std::vector<Parameter> path = {};          ///< those of the pattern, described; may be left out
  std::vector<Parameter> query = {};         ///< all that it takes; others are refused
  std::vector<std::string> body_types = {};  ///< media types in lower case; empty: takes no body
  std::string body_schema = {};              ///< JSON Schema of the body; empty: not described
  std::vector<Outcome> outcomes = {};  ///< what it answers, beside what the server itself does
  Handler handler;
};

/// The one table of routes. Made whole before the server starts, constant from then on.
class Router {
 public:
  /// Adds a route. A bad pattern, one that stands in the table already, or a route that takes
  /// another's name for a parameter at the same place is a bug.
  void add(Route route);

  /// What a path leads to.
  struct Match {
    const Route* route = nullptr;            ///< null: no such path, or not with this method
    std::vector<NamedText> parameters = {};  ///< of the pattern
    std::string allow = {};  ///< "GET, HEAD, OPTIONS": what the path takes; empty: no such path
  };

  /// `segments` are decoded. HEAD leads to the route of GET. A word of a pattern goes before a
  /// parameter; OPTIONS leads to no route.
  Match match(Method method, const std::vector<std::string>& segments) const;

  /// In the order in which they were added.
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> patterns_;  ///< the segments of each route
};

/// The parts of a pattern or path after its first `/`: `/a/b` has two, `/` has one, which is empty.
std::vector<std::string> segments_of(std::string_view path);

/// Whether a segment of a pattern is a parameter: `{id}`.
bool is_parameter(std::string_view segment);

}  // namespace purvey::serve
