#include "serve/router.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/check.h"
#include "serve/internal/ascii.h"

namespace purvey::serve {
namespace {

std::string_view parameter_name(std::string_view segment) {
  return segment.substr(1, segment.size() - 2);
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (is_parameter(pattern[i]) ? segments[i].empty() : pattern[i] != segments[i]) return false;
  }
  return true;
}

/// Whether `one` has a word where `other` first has a parameter.
bool is_nearer(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  for (size_t i = 0; i < one.size(); ++i) {
    if (is_parameter(one[i]) != is_parameter(other[i])) return is_parameter(other[i]);
  }
  return false;
}

/// Whether no path could tell the two apart.
bool have_one_shape(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  return std::ranges::equal(one, other, [](const std::string& a, const std::string& b) {
    return is_parameter(a) ? is_parameter(b) : a == b;
  });
}

void check_pattern(const Route& route, const std::vector<std::string>& segments) {
  PURVEY_CHECK(route.pattern.starts_with('/'), "a pattern begins with /");
  std::set<std::string_view> names;
  for (const std::string& segment : segments) {
    const bool has_brace = segment.find_first_of("{}") != std::string::npos;
    PURVEY_CHECK(!has_brace || is_parameter(segment), "a parameter is a whole segment in braces");
    PURVEY_CHECK(!has_brace || names.insert(segment).second, "a parameter stands once");
  }
  for (const Parameter& described : route.path) {
    PURVEY_CHECK(names.contains(fmt::format("{{{}}}", described.name)),
                 "a described parameter of the path stands in the pattern");
  }
  PURVEY_CHECK(route.method != Method::kHead && route.method != Method::kOptions,
               "HEAD and OPTIONS are the server's");
  PURVEY_CHECK(route.handler != nullptr, "a route has a handler");
}

}  // namespace

std::vector<std::string> segments_of(std::string_view path) {
  path.remove_prefix(std::min<size_t>(1, path.size()));
  std::vector<std::string> segments;
  for (const std::string_view part : split(path, '/')) segments.emplace_back(part);
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}' &&
         segment.find_first_of("{}", 1) == segment.size() - 1;
}

void Router::add(Route route) {
  auto segments = segments_of(route.pattern);
  check_pattern(route, segments);
  for (size_t i = 0; i < routes_.size(); ++i) {
    PURVEY_CHECK(routes_[i].method != route.method || routes_[i].pattern != route.pattern,
                 fmt::format("the route {} stands twice", route.pattern));
    PURVEY_CHECK(
        !have_one_shape(patterns_[i], segments) || patterns_[i] == segments,
        fmt::format("{} and {} name one parameter differently", routes_[i].pattern, route.pattern));
  }
  routes_.push_back(std::move(route));
  patterns_.push_back(std::move(segments));
}

Router::Match Router::match(Method method, const std::vector<std::string>& segments) const {
  const Method sought = method == Method::kHead ? Method::kGet : method;
  // All routes of the nearest pattern share it: methods of other, wider patterns do not count.
  const std::vector<std::string>* nearest = nullptr;
  for (const auto& pattern : patterns_) {
    if (fits(pattern, segments) && (nearest == nullptr || is_nearer(pattern, *nearest))) {
      nearest = &pattern;
    }
  }
  Match match;
  if (nearest == nullptr) return match;

  std::vector<std::string_view> allowed;
  for (size_t i = 0; i < routes_.size(); ++i) {
    if (patterns_[i] != *nearest) continue;
    allowed.push_back(method_name(routes_[i].method));
    if (routes_[i].method == Method::kGet) allowed.push_back(method_name(Method::kHead));
    if (routes_[i].method == sought) match.route = &routes_[i];
  }
  if (match.route == nullptr) {
    allowed.push_back(method_name(Method::kOptions));
    match.allow = joined(allowed);
    return match;
  }
  for (size_t i = 0; i < segments.size(); ++i) {
    const std::string& segment = (*nearest)[i];
    if (!is_parameter(segment)) continue;
    match.parameters.push_back({std::string(parameter_name(segment)), segments[i]});
  }
  return match;
}

}  // namespace purvey::serve
