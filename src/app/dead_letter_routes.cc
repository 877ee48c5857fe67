#include "app/dead_letter_routes.h"

#include <fmt/core.h>
#include <simdjson.h>

#include <limits>

#include "app/query_values.h"
#include "base/json_text.h"
#include "base/shown_text.h"

namespace purvey::app {
namespace {

namespace dom = simdjson::dom;
using base::Result;
using serve::Access;
using serve::Method;
using serve::Parameter;
using serve::Request;
using serve::Respond;
using serve::Route;

constexpr size_t kShownBytes = 80;
constexpr const char* kBodySchema =
    R"({"type":"object","properties":{"seqs":{"type":"array","items":{"type":"integer"},)"
    R"("minItems":1,"maxItems":1000},"source":{"type":"string"},"verdict":{"type":"string"},)"
    R"("reason":{"type":"string"},"since":{"type":"string","format":"date-time"},)"
    R"("after":{"type":"integer","minimum":0},"all":{"const":true}},"additionalProperties":false,"minProperties":1})";

Result<base::EventTime> read_since(std::string_view text) {
  const auto time = base::parse_rfc3339(text);
  if (time) return *time;
  return base::invalid_input(fmt::format("since: '{}'; write a time such as 2026-01-02T03:04:05Z",
                                         base::shown_text(text, kShownBytes)));
}

Result<LetterFilter> read_query(const Request& request) {
  LetterFilter filter;
  const auto text = [&](std::string_view name) -> std::optional<std::string> {
    const auto given = request.query_value(name);
    return given ? std::optional<std::string>(*given) : std::nullopt;
  };
  filter.source = text("source");
  filter.verdict = text("verdict");
  filter.reason = text("reason");
  if (const auto since = text("since")) filter.since = PURVEY_TRY(read_since(*since));
  filter.state = text("state").value_or("open");
  const auto limit = PURVEY_TRY(read_count(request, "limit", kLettersMax));
  filter.limit = limit.value_or(filter.limit);
  const auto cursor =
      PURVEY_TRY(read_count(request, "cursor", std::numeric_limits<int64_t>::max()));
  filter.after = static_cast<int64_t>(cursor.value_or(0));
  PURVEY_TRY(check_filter(filter));
  return filter;
}

base::Error bad_member(std::string_view name, std::string_view instead) {
  return base::invalid_input(
      fmt::format("body: {}: write {}", base::shown_text(name, kShownBytes), instead));
}

Result<std::vector<int64_t>> read_seqs(const dom::element& value) {
  constexpr std::string_view kInstead = "a list of 1 to 1000 whole numbers";
  dom::array list;
  if (value.get(list) != simdjson::SUCCESS) return bad_member("seqs", kInstead);
  std::vector<int64_t> seqs;
  for (const dom::element one : list) {
    int64_t seq = 0;
    if (one.get(seq) != simdjson::SUCCESS || seqs.size() == kLettersMax) {
      return bad_member("seqs", kInstead);
    }
    seqs.push_back(seq);
  }
  if (seqs.empty()) return bad_member("seqs", kInstead);
  return seqs;
}

Result<void> read_member(std::string_view name, const dom::element& value, LetterFilter& filter,
                         bool& is_all) {
  if (name == "seqs") {
    filter.letters = PURVEY_TRY(read_seqs(value));
    return {};
  }
  if (name == "after") {
    if (value.get(filter.after) == simdjson::SUCCESS && filter.after >= 0) return {};
    return bad_member("after", "the number behind which to go on");
  }
  if (name == "all") {
    if (value.get(is_all) == simdjson::SUCCESS && is_all) return {};
    return bad_member("all", "true, or leave it out");
  }
  std::string_view text;
  const bool is_text = value.get(text) == simdjson::SUCCESS;
  for (auto [known, place] : {std::pair{"source", &filter.source},
                              {"verdict", &filter.verdict},
                              {"reason", &filter.reason}}) {
    if (name != known) continue;
    if (!is_text) return bad_member(name, "a text");
    *place = std::string(text);
    return {};
  }
  if (name != "since") {
    return bad_member(name,
                      "seqs, source, verdict, reason, since, after or all; there is no other");
  }
  if (!is_text) return bad_member(name, "a time as text");
  filter.since = PURVEY_TRY(read_since(text));
  return {};
}

Route list_route(DeadLetterDesk& letters) {
  return {
      .pattern = "/api/v1/dead-letters",
      .access = Access::kRead,
      .summary = "Events that were not taken in, and why",
      .query = {{.name = "source", .summary = "of the event"},
                {.name = "verdict", .summary = "conflict, too_old, quarantined or rejected"},
                {.name = "reason", .summary = "its word, such as future"},
                {.name = "since",
                 .summary = "received then or later",
                 .schema = R"({"type":"string","format":"date-time"})"},
                {.name = "state", .summary = "open (without it), retried, discarded or all"},
                {.name = "limit",
                 .summary = "at most; 100 without it",
                 .schema = R"({"type":"integer","minimum":1,"maximum":1000})"},
                {.name = "cursor",
                 .summary = "that of the answer before",
                 .schema = R"({"type":"integer"})"},
                {.name = "fresh",
                 .summary = "whether everything acknowledged before is committed first",
                 .schema = R"({"type":"boolean","default":true})"}},
      .outcomes = {{200, "the oldest first", "application/json"},
                   {429, "too many questions are in work; see Retry-After", "application/json"}},
      .handler = [&letters](const Request& request, Respond respond) {
        auto filter = read_query(request);
        if (!filter) return respond(serve::error_response(filter.error()));
        const auto is_fresh = read_flag(request, "fresh", true);
        if (!is_fresh) return respond(serve::error_response(is_fresh.error()));
        letters.list(*std::move(filter), *is_fresh, std::move(respond));
      }};
}

using Act = void (DeadLetterDesk::*)(LetterFilter, Respond);

Route act_route(DeadLetterDesk& letters, std::string pattern, std::string summary, Act act) {
  return {
      .method = Method::kPost,
      .pattern = std::move(pattern),
      .access = Access::kAdmin,
      .summary = std::move(summary),
      .body_types = {"application/json"},
      .body_schema = kBodySchema,
      .outcomes = {{200, "what was done, with which letters; more: ask again for the rest",
                    "application/json"},
                   {429, "too many questions are in work; see Retry-After", "application/json"}},
      .handler = [&letters, act](const Request& request, Respond respond) {
        auto filter = read_letter_body(request.body);
        if (!filter) return respond(serve::error_response(filter.error()));
        (letters.*act)(*std::move(filter), std::move(respond));
      }};
}

}  // namespace

Result<LetterFilter> read_letter_body(std::string_view body) {
  LetterFilter filter{.limit = kLettersMax};
  dom::parser parser;
  dom::object members;
  const simdjson::padded_string text(body);
  if (parser.parse(text).get(members) != simdjson::SUCCESS) {
    return base::invalid_input("body: write a JSON object such as {\"seqs\":[4,5]}");
  }
  bool is_all = false;
  for (const auto [name, value] : members) {
    PURVEY_TRY(read_member(name, value, filter, is_all));
  }
  if (is_all == !filter.is_open_to_all()) {
    return base::invalid_input(
        "body: say which: seqs, or source, verdict, reason and since, or all alone");
  }
  PURVEY_TRY(check_filter(filter));
  return filter;
}

std::string letter_body(const LetterFilter& filter) {
  std::string body;
  const auto add = [&](std::string_view name, const std::optional<std::string>& value) {
    if (!value) return;
    body += fmt::format("{}\"{}\":", body.empty() ? "" : ",", name);
    base::append_json_string(body, *value);
  };
  if (filter.is_open_to_all()) body = "\"all\":true";
  if (!filter.letters.empty()) body = fmt::format("\"seqs\":[{}]", joined_numbers(filter.letters));
  add("source", filter.source);
  add("verdict", filter.verdict);
  add("reason", filter.reason);
  if (filter.since) add("since", base::format_rfc3339(*filter.since));
  if (filter.after > 0) body += fmt::format(",\"after\":{}", filter.after);
  return "{" + body + "}";
}

void add_dead_letter_routes(serve::Router& router, DeadLetterDesk& letters) {
  router.add(list_route(letters));
  router.add(act_route(letters, "/api/v1/dead-letters/retry",
                       "Brings events of open dead letters through intake once more",
                       &DeadLetterDesk::retry));
  router.add(act_route(letters, "/api/v1/dead-letters/discard",
                       "Takes open dead letters out of sight", &DeadLetterDesk::discard));
}

}  // namespace purvey::app
