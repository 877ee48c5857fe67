#include "app/sql_route.h"

#include <fmt/core.h>

#include <array>

#include "app/query_values.h"

namespace purvey::app {
namespace {

using serve::Request;
using serve::Respond;

constexpr size_t kSqlBytesMax = size_t{1} << 20;
constexpr std::array<std::string_view, 3> kForms = {"json", "csv", "table"};

base::Result<AnswerForm> read_form(const Request& request) {
  const std::string_view given = request.query_value("form").value_or(kForms[0]);
  for (size_t i = 0; i < kForms.size(); ++i) {
    if (given == kForms[i]) return static_cast<AnswerForm>(i);
  }
  return bad_value("form", given, "json, csv or table");
}

base::Result<Question> read_question(Request request, const QuestionLimits& limits) {
  Question question;
  question.form = PURVEY_TRY(read_form(request));
  question.is_fresh = PURVEY_TRY(read_flag(request, "fresh", true));
  question.rows = PURVEY_TRY(read_count(request, "rows", limits.rows));
  constexpr uint64_t kSecond = 1'000;
  const auto seconds = PURVEY_TRY(
      read_count(request, "seconds", static_cast<uint64_t>(limits.time.count()) / kSecond));
  if (seconds) question.time = std::chrono::seconds(*seconds);
  if (request.body.size() > kSqlBytesMax) {
    return base::invalid_input(
        fmt::format("body: a question of {} bytes, at most {}", request.body.size(), kSqlBytesMax));
  }
  if (request.body.find('\0') != std::string::npos) {
    return base::invalid_input("body: a byte of value 0; write one SELECT as UTF-8 text");
  }
  question.sql = std::move(request.body);
  return question;
}

}  // namespace

serve::Route sql_route(QuestionDesk& desk) {
  return {
      .method = serve::Method::kPost,
      .pattern = "/api/v1/sql",
      .access = serve::Access::kAdmin,
      .summary = "One SELECT over the tables and views",
      .query = {{.name = "form",
                 .summary = "json (an array of objects), csv, or table (for people)",
                 .schema = R"({"type":"string","enum":["json","csv","table"],"default":"json"})"},
                {.name = "fresh",
                 .summary = "whether everything acknowledged before is committed first",
                 .schema = R"({"type":"boolean","default":true})"},
                {.name = "rows",
                 .summary = "most rows given; no more than [sql] rows",
                 .schema = R"({"type":"integer","minimum":1})"},
                {.name = "seconds",
                 .summary = "longest time; no more than [sql] time",
                 .schema = R"({"type":"integer","minimum":1})"}},
      .body_types = {"application/sql", "text/plain"},
      .body_schema = R"({"type":"string","description":"the SELECT, as text"})",
      .outcomes = {{200,
                    "the rows; the header Purvey-Truncated, rows or bytes, says that there are "
                    "more than the limits allow",
                    "application/json"},
                   {400, "no question that can be answered, or it takes too much",
                    "application/json"},
                   {429, "as many questions are in work as may be; see Retry-After",
                    "application/json"}},
      .handler = [&desk](Request request, Respond respond) {
        auto question = read_question(std::move(request), desk.limits());
        if (!question) return respond(serve::error_response(question.error()));
        desk.ask(*std::move(question), std::move(respond));
      }};
}

}  // namespace purvey::app
