// The language of scenarios: what is wrong with one is told with its line and what to write
// instead.
#include "tests/scenarios/scenario_file.h"

#include <gtest/gtest.h>

#include "tests/scenarios/scenario_runner.h"

namespace purvey::scenarios {
namespace {

std::string error_of(const std::string& text) {
  const auto scenario = read_scenario("x.scenario", text);
  return scenario ? "no error" : scenario.error().message;
}

constexpr const char* kDay = "day 2026-03-02\n";
constexpr const char* kExpect = "expect quality /shop accepted = 0\n";

/// A line of a scenario that is otherwise right.
std::string error_of_line(const std::string& line) {
  return error_of(kDay + line + "\n" + kExpect);
}

TEST(ScenarioFileTest, a_scenario_that_expects_nothing_is_refused) {
  EXPECT_EQ(error_of("day 2026-03-02\nat 09:00 order.paid o1\n"),
            "x.scenario:2: the scenario expects nothing; write expect ...");
}

TEST(ScenarioFileTest, what_is_wrong_is_told_with_its_line_and_what_to_write) {
  const std::pair<const char*, const char*> kCases[] = {
      {"at 9:00 order.paid o1",
       "\"9:00\" is no time; write 09:00, 09:00:30 or 2026-03-02T09:00:00Z"},
      {"at 09:00 order.pikced o1",
       "there is no event type order.pikced; did you mean order.picked?"},
      {"at 09:00 order.paid o1 carier=k1", "order.paid has no field carier; did you mean carrier?"},
      {"at 09:00 order.paid", "order.paid needs order_id=..."},
      {"at 09:00 from shop order.paid o1", "sources begin with a slash; write from /shop"},
      {"at 09:00 order.placed o1 amount=ten",
       "amount=ten: expected a number; malformed events are written with raw {...}"},
      {"at 09:00 order.placed o1 amount=1 lines=s1",
       "\"s1\" is no order line; write SKUxUNITS@PRICE, as in s1x2@3.00"},
      {"again e1", "no event e1 of /shop was sent above; write at 09:00 id e1 ..."},
      {"advance", "write advance 5m, or advance to 09:10"},
      {"advance 5 minutes", "write advance 5m, or advance to 09:10"},
      {"advance 5x", "\"5x\" is no span of time; write 30s, 5m, 2h or 3d"},
      {"start", "the server is up already"},
      {"  at 09:00 order.paid o1", "only lines below settings or file begin with blanks"},
      {"expect kpi gmv 2m at 09:00 = 1",
       "expected: expect kpi gmv 1m at 09:00 [warehouse=w1] = 12.50 [n 2] [open]; windows are 1m, "
       "10m, 1h, 1d; none for no row, ~ 0.33 for a rounded value"},
      {"expect verdict e1 = fine",
       "there is no verdict fine; accepted, late, duplicate, conflict, too_old, quarantined, "
       "rejected"},
      {"expect order o1 status = paid",
       "expected name=value, found \"status\"; write it without blanks around the ="},
      {"expect sql \"select 1", "a quote without end; write \"...\""},
      {"day 2026-02-30", "\"2026-02-30\" is no day; write 2026-03-02"},
  };
  for (const auto& [line, message] : kCases) {
    EXPECT_EQ(error_of_line(line), std::string("x.scenario:2: ") + message);
  }
  EXPECT_EQ(error_of(kExpect), "x.scenario:1: say the day first: day 2026-03-02");
  EXPECT_EQ(error_of_line("stop\nat 09:00 order.paid o1"),
            "x.scenario:3: the server is down here; write start first");
  EXPECT_TRUE(error_of_line("dance").starts_with(
      "x.scenario:2: \"dance\" begins no line like this; lines begin with at, again"));
}

/// The failures of a plain run.
std::vector<std::string> failures_of(const std::string& text) {
  const auto scenario = read_scenario("x.scenario", text);
  EXPECT_TRUE(scenario) << scenario.error().message;
  return run_scenario(*scenario, all_modes()[0]).failures;
}

TEST(ScenarioFileTest, an_expectation_that_fails_shows_what_was_found) {
  const auto failures = failures_of(
      "day 2026-03-02\n"
      "at 09:00 id e1 order.placed o1 amount=12.50 currency=CNY\n"
      "advance to 09:02\n"
      "expect kpi gmv 1m at 09:00 = 12.50\n"
      "expect kpi gmv 1m at 09:00 = 13 n 2\n"
      "expect order o1 status=paid\n"
      "expect verdict e1 = late\n");
  ASSERT_EQ(failures.size(), 4U);
  EXPECT_TRUE(
      failures[0].starts_with("x.scenario:5: \n  Expected:\n    value=13  final=true  n=2  "
                              "\n  Found:\n    12.5  true  1  \n  There is:"))
      << failures[0];
  EXPECT_TRUE(failures[1].starts_with(
      "x.scenario:6: \n  Expected:\n    status=paid  \n  Found:\n    placed  "))
      << failures[1];
  EXPECT_EQ(failures[2], "x.scenario:7: expected /shop e1 to be late, found accepted");
  EXPECT_EQ(failures[3], "x.scenario:7: /shop e1 is remembered as \"accepted\", not late");
}

TEST(ScenarioFileTest, what_only_a_run_can_tell_is_told_with_its_line_too) {
  EXPECT_EQ(failures_of("day 2026-03-02\nexpect kpi gvm 1m at 09:00 = none\n"),
            std::vector<std::string>{"x.scenario:2: the pack has no KPI gvm; docs/data.md lists "
                                     "them"});
  EXPECT_EQ(failures_of("day 2026-03-02\nexpect incidents storm = 0\n"),
            std::vector<std::string>{"x.scenario:2: no rule storm is in force; write it under "
                                     "settings"});
  const auto clock =
      failures_of("day 2026-03-02\nadvance to 10:00\nadvance to 09:00\n" + std::string(kExpect));
  EXPECT_EQ(clock, std::vector<std::string>{
                       "x.scenario:3: the clock stands at 2026-03-02 10:00:00 already"});
  const auto question =
      failures_of("day 2026-03-02\n" + std::string(kExpect) + "expect order o1 colour=red\n");
  ASSERT_EQ(question.size(), 1U);
  EXPECT_TRUE(question[0].starts_with("x.scenario:3: ")) << question[0];
  EXPECT_NE(question[0].find("colour"), std::string::npos) << question[0];
  const auto settings = failures_of("settings\n  [event]\n  disordr = \"1s\"\nday 2026-03-02\n" +
                                    std::string(kExpect));
  ASSERT_EQ(settings.size(), 1U);
  EXPECT_NE(settings[0].find("disordr"), std::string::npos) << settings[0];
}

}  // namespace
}  // namespace purvey::scenarios
