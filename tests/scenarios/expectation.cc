#include "tests/scenarios/expectation.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/json_text.h"
#include "event/verdict.h"

namespace purvey::scenarios {
namespace {

using base::Result;
using Words = std::span<const Word>;

std::string sql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

base::Error wrong(std::string_view right) {
  return base::invalid_input(fmt::format("expected: expect {}", right));
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_count(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// `column=value`; columns of times hold times of the scenario, `none` is null.
Result<ExpectedCell> read_cell(const Word& word, base::EventTime day) {
  const Pair pair = PURVEY_TRY(split_pair(word));
  ExpectedCell cell{.column = pair.name, .value = pair.value, .is_null = pair.value == "none"};
  if (!cell.is_null && cell.column.ends_with("_at")) {
    cell.value = sql_time(PURVEY_TRY(parse_clock(cell.value, day)));
  }
  return cell;
}

/// The row of a view of which `where` is true: `[column=value ...]`.
Result<Expectation> read_row(std::string_view view, const std::string& where, Words cells,
                             base::EventTime day) {
  std::vector<ExpectedCell> row;
  std::string columns;
  for (const Word& word : cells) {
    row.push_back(PURVEY_TRY(read_cell(word, day)));
    columns += fmt::format("{}\"{}\"", columns.empty() ? "" : ", ", row.back().column);
  }
  return ExpectRows{.select = fmt::format("select {} from {} where {}", columns, view, where),
                    .rows = {std::move(row)},
                    .nearby = fmt::format("select * from {} limit 20", view)};
}

/// `{"warehouse":"w1"}` in any order of the names, as SQL.
Result<std::string> dimensions_in(Words words) {
  std::vector<std::string> members;
  for (const Word& word : words) {
    const Pair pair = PURVEY_TRY(split_pair(word));
    std::string member;
    base::append_json_string(member, pair.name);
    member += ':';
    base::append_json_string(member, pair.value);
    members.push_back(std::move(member));
  }
  std::sort(members.begin(), members.end());
  std::string choices;
  do {
    std::string text;
    for (const std::string& member : members) text += (text.empty() ? "" : ",") + member;
    choices += (choices.empty() ? "" : ", ") + sql_text("{" + text + "}");
  } while (std::next_permutation(members.begin(), members.end()));
  return fmt::format("dimensions in ({})", choices);
}

size_t find_sign(Words words) {
  return static_cast<size_t>(std::find_if(words.begin(), words.end(),
                                          [](const Word& w) { return w.is("=") || w.is("~"); }) -
                             words.begin());
}

int64_t window_seconds(std::string_view word) {
  if (word == "1m") return 60;
  if (word == "10m") return 600;
  if (word == "1h") return 3'600;
  return word == "1d" ? 86'400 : 0;
}

constexpr std::string_view kKpiForm =
    "kpi gmv 1m at 09:00 [warehouse=w1] = 12.50 [n 2] [open]; windows are 1m, 10m, 1h, 1d; none "
    "for "
    "no row, ~ 0.33 for a rounded value";

/// Behind the sign: `12.50 [n 2] [open]`, or `none`.
Result<void> read_kpi_value(Words words, bool roughly, ExpectRows& expected) {
  if (words.empty()) return wrong(kKpiForm);
  if (words.size() == 1 && words[0].is("none")) return {};
  if (!number(words[0].text)) return wrong(kKpiForm);
  const bool open = words.back().is("open");
  Words rest = words.subspan(1, words.size() - (open ? 2 : 1));
  std::vector<ExpectedCell> row = {{.column = "value", .value = words[0].text, .roughly = roughly},
                                   {.column = "final", .value = open ? "false" : "true"}};
  if (rest.size() == 2 && rest[0].is("n") && is_count(rest[1].text)) {
    row.push_back({.column = "n", .value = rest[1].text});
    rest = {};
  }
  if (!rest.empty()) return wrong(kKpiForm);
  expected.rows.push_back(std::move(row));
  return {};
}

Result<Expectation> read_kpi(Words words, base::EventTime day) {
  const size_t sign = find_sign(words);
  if (sign < 4 || sign == words.size() || !words[2].is("at")) return wrong(kKpiForm);
  const int64_t seconds = window_seconds(words[1].text);
  if (seconds == 0) return wrong(kKpiForm);
  const auto start = PURVEY_TRY(parse_clock(words[3].text, day));
  const std::string in = PURVEY_TRY(dimensions_in(words.subspan(4, sign - 4)));
  const std::string series =
      fmt::format("metric = {} and window_seconds = {}", sql_text(words[0].text), seconds);
  ExpectRows expected{.kpi = words[0].text};
  PURVEY_TRY(read_kpi_value(words.subspan(sign + 1), words[sign].is("~"), expected));
  expected.select = fmt::format(
      "select value, final, n from kpi_latest where {} and {} and window_start = "
      "timestamp '{}'",
      series, in, sql_time(start));
  expected.nearby = fmt::format(
      "select window_start, dimensions, value, n, revision, final from kpi_latest where {} order "
      "by "
      "1, 2 limit 20",
      series);
  return expected;
}

Result<Expectation> read_verdict(Words words) {
  constexpr std::string_view kForm = "verdict [/source] ID = accepted";
  const size_t sign = find_sign(words);
  if (sign < 1 || sign > 2 || words.size() != sign + 2) return wrong(kForm);
  const auto& names = event::kVerdictNames;
  if (std::find(names.begin(), names.end(), words[sign + 1].text) == names.end()) {
    return base::invalid_input(
        fmt::format("there is no verdict {}; accepted, late, duplicate, conflict, too_old, "
                    "quarantined, rejected",
                    words[sign + 1].text));
  }
  return ExpectVerdict{.source = sign == 2 ? words[0].text : "/shop",
                       .id = words[sign - 1].text,
                       .verdict = words[sign + 1].text};
}

Result<Expectation> read_quality(Words words) {
  constexpr std::string_view kForm = "quality /shop accepted [REASON] = 3";
  const size_t sign = find_sign(words);
  if (sign < 2 || sign > 3 || words.size() != sign + 2 || !is_count(words.back().text)) {
    return wrong(kForm);
  }
  const std::string reason =
      sign == 3 ? fmt::format(" and reason = {}", sql_text(words[2].text)) : "";
  return ExpectRows{
      .select =
          fmt::format("select coalesce(sum(n), 0) from quality where source = {} and verdict = "
                      "{}{}",
                      sql_text(words[0].text), sql_text(words[1].text), reason),
      .rows = {{{.column = "n", .value = words.back().text}}},
      .nearby = "select source, verdict, reason, sum(n) from quality group by all order by all"};
}

Result<Expectation> read_dead_letter(Words words) {
  if (words.size() != 4 || !words[0].is("letter") || !words[2].is("contains")) {
    return wrong("dead letter ID contains \"TEXT\"");
  }
  return ExpectRows{.select = fmt::format("select distinct true from dead_letter where id = {} and "
                                          "contains(reason, {})",
                                          sql_text(words[1].text), sql_text(words[3].text)),
                    .rows = {{{.column = "found", .value = "true"}}},
                    .nearby = "select id, verdict, reason from dead_letter order by seq limit 20"};
}

constexpr std::string_view kIncidents =
    "select rule, state, happened_at, dimensions, title from incident_step order by happened_at, "
    "rule limit 20";

Result<Expectation> read_incident(Words words, base::EventTime day) {
  if (words.size() < 4 || !words[2].is("at") ||
      (!words[1].is("firing") && !words[1].is("resolved"))) {
    return wrong("incident RULE firing at 09:03 [warehouse=w1], or: resolved at ...");
  }
  const auto time = PURVEY_TRY(parse_clock(words[3].text, day));
  const std::string in = PURVEY_TRY(dimensions_in(words.subspan(4)));
  return ExpectRows{
      .select = fmt::format("select count(*) from incident_step where rule = {} and state = {} and "
                            "happened_at = timestamp '{}' and {}",
                            sql_text(words[0].text), sql_text(words[1].text), sql_time(time), in),
      .rows = {{{.column = "steps", .value = "1"}}},
      .nearby = std::string(kIncidents),
      .rule = words[0].text};
}

Result<Expectation> read_incidents(Words words) {
  if (words.size() != 3 || !words[1].is("=") || !is_count(words[2].text)) {
    return wrong("incidents RULE = 2, counting those that fired");
  }
  return ExpectRows{.select = fmt::format("select count(*) from incident_step where rule = {} and "
                                          "state = 'firing'",
                                          sql_text(words[0].text)),
                    .rows = {{{.column = "incidents", .value = words[2].text}}},
                    .nearby = std::string(kIncidents),
                    .rule = words[0].text};
}

/// `"select ..." = a b / c d`: a word a cell, rows between `/`; `nothing` for no rows.
Result<Expectation> read_sql(Words words) {
  if (words.size() < 3 || !words[0].quoted || !words[1].is("=")) {
    return wrong("sql \"select a, b from orders\" = 1 x / 2 y; nothing for no rows");
  }
  ExpectRows expected{.select = words[0].text};
  if (words.size() == 3 && words[2].is("nothing")) return expected;
  expected.rows.emplace_back();
  for (const Word& word : words.subspan(2)) {
    if (word.is("/")) {
      expected.rows.emplace_back();
    } else {
      expected.rows.back().push_back({.value = word.text, .is_null = word.is("none")});
    }
  }
  return expected;
}

Result<Expectation> read_no(Words words) {
  if (words.size() == 2 && words[0].is("order")) {
    return ExpectRows{
        .select = fmt::format("select * from orders where order_id = {}", sql_text(words[1].text))};
  }
  return wrong("no order ID; or: expect kpi ... = none, expect incidents RULE = 0");
}

Result<Expectation> read_by_key(Words words, base::EventTime day) {
  const std::string& what = words[0].text;
  const auto key = [&](size_t place) { return sql_text(words[place].text); };
  if (what == "order" && words.size() > 2) {
    return read_row("orders", fmt::format("order_id = {}", key(1)), words.subspan(2), day);
  }
  if (what == "shipment" && words.size() > 2) {
    return read_row("shipments", fmt::format("shipment_id = {}", key(1)), words.subspan(2), day);
  }
  if (what == "stock" && words.size() > 3) {
    return read_row("stock", fmt::format("sku = {} and warehouse = {}", key(1), key(2)),
                    words.subspan(3), day);
  }
  if (what == "sales" && words.size() > 4) {
    return read_row(
        "daily_sales",
        fmt::format("sku = {} and warehouse = {} and day = date {}", key(1), key(2), key(3)),
        words.subspan(4), day);
  }
  return wrong(
      "order ID column=value ...; stock SKU WAREHOUSE column=value ...; shipment ID "
      "column=value ...; sales SKU WAREHOUSE DAY column=value ...; kpi, verdict, quality, dead "
      "letter, incident, incidents, sql, no order, same results as FILE");
}

}  // namespace

Result<Expectation> read_expectation(Words words, base::EventTime day) {
  if (words.empty()) return wrong("kpi, order, stock, verdict, incident, sql ...");
  const std::string& what = words[0].text;
  if (what == "kpi") return read_kpi(words.subspan(1), day);
  if (what == "verdict") return read_verdict(words.subspan(1));
  if (what == "quality") return read_quality(words.subspan(1));
  if (what == "dead") return read_dead_letter(words.subspan(1));
  if (what == "incident") return read_incident(words.subspan(1), day);
  if (what == "incidents") return read_incidents(words.subspan(1));
  if (what == "sql") return read_sql(words.subspan(1));
  if (what == "no") return read_no(words.subspan(1));
  if (what == "same") {
    if (words.size() != 4 || !words[1].is("results") || !words[2].is("as")) {
      return wrong("same results as FILE.scenario");
    }
    return ExpectSameResults{.file = words[3].text};
  }
  return read_by_key(words, day);
}

}  // namespace purvey::scenarios
