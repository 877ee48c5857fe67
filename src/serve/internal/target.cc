#include "serve/internal/target.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/shown_text.h"
#include "serve/internal/ascii.h"

namespace purvey::serve {
namespace {

constexpr size_t kShownBytes = 80;
constexpr size_t kQueryPartsMax = 100;

tl::unexpected<Response> bad(std::string_view message, std::string_view text) {
  return refuse(400, "bad_target",
                fmt::format("'{}': {}", base::shown_text(text, kShownBytes), message));
}

/// The characters of RFC 3986: unreserved, sub-delims, and those that a path or query adds.
bool is_allowed(char c, std::string_view further) {
  return is_ascii_alnum(c) ||
         std::string_view("-._~!$&'()*+,;=:@%").find(c) != std::string_view::npos ||
         further.find(c) != std::string_view::npos;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// `text` with its % decoded, appended to `into`; false if there is no such text.
bool decode(std::string_view text, std::string& into) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      into += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return false;
    into += static_cast<char>(high * 16 + low);
    i += 2;
  }
  // Shown text differs where there is a control character or what is not UTF-8.
  return base::shown_text(into, into.size()) == into;
}

Judged<void> read_path(Target& target) {
  for (const char c : target.path) {
    if (!is_allowed(c, "/")) return bad("write other characters as %XX", target.path);
  }
  for (const std::string_view part : split(target.path.substr(1), '/')) {
    std::string& segment = target.segments.emplace_back();
    if (!decode(part, segment)) {
      return bad("each % is followed by two hexadecimal digits, and all is UTF-8", part);
    }
    if (segment == "." || segment == "..") return bad("write the path without . and ..", part);
  }
  return {};
}

Judged<void> read_query(Target& target, std::string_view text) {
  if (text.empty()) return {};
  for (const char c : text) {
    if (!is_allowed(c, "/?")) return bad("write other characters as %XX", text);
  }
  for (const std::string_view part : split(text, '&')) {
    if (target.query.size() == kQueryPartsMax) return bad("too many parts of the query", text);
    const size_t equals = part.find('=');
    NamedText& named = target.query.emplace_back();
    std::string name(part.substr(0, equals));
    std::string value(equals == std::string_view::npos ? "" : part.substr(equals + 1));
    std::ranges::replace(name, '+', ' ');
    std::ranges::replace(value, '+', ' ');
    if (name.empty()) return bad("each part of the query is name=value", text);
    if (!decode(name, named.name) || !decode(value, named.value)) {
      return bad("each % is followed by two hexadecimal digits, and all is UTF-8", part);
    }
  }
  return {};
}

}  // namespace

Judged<Target> read_target(std::string_view text) {
  if (!text.starts_with('/')) return bad("a target begins with /: /path?name=value", text);
  const size_t question = text.find('?');
  Target target{.path = text.substr(0, question), .segments = {}, .query = {}};
  if (auto read = read_path(target); !read) return tl::unexpected(std::move(read).error());
  const auto query = question == std::string_view::npos ? "" : text.substr(question + 1);
  if (auto read = read_query(target, query); !read) return tl::unexpected(std::move(read).error());
  return target;
}

}  // namespace purvey::serve
