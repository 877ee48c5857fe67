#include "watch/incident_desk.h"

#include <gtest/gtest.h>

#include "watch/desk_fixture.h"

namespace purvey::watch {
namespace {

using Lines = std::vector<std::string>;

/// A rule on `rate`, 10 minutes, above 0.2, with more keys.
std::string rule(const std::string& more = "", const std::string& name = "failing") {
  return "[[rule]]\nname = \"" + name + "\"\nmetric = \"rate\"\nwindow = \"10m\"\nabove = 0.2\n" +
         more;
}

TEST(IncidentDeskTest, fires_beyond_the_threshold_and_resolves_on_it) {
  Shop shop(rule());
  shop.observe_series({0.2, 0.21, 0.5, 0.2, 0.1});
  EXPECT_EQ(shop.told(), (Lines{"firing@1 failing {}", "resolved@3 failing {}"}));
  EXPECT_EQ(shop.desk().counts().firing, 0U);
}

TEST(IncidentDeskTest, a_rule_below_is_the_mirror_image) {
  Shop shop(
      "[[rule]]\nname = \"r\"\nmetric = \"rate\"\nwindow = \"10m\"\nbelow = 0.8\n"
      "resolve_above = 0.9\n");
  shop.observe_series({0.8, 0.7, 0.85, 0.9});
  EXPECT_EQ(shop.told(), (Lines{"firing@1 r {}", "resolved@3 r {}"}));
}

TEST(IncidentDeskTest, between_the_two_bounds_nothing_changes) {
  Shop shop(rule("resolve_below = 0.1\n"));
  shop.observe_series({0.15, 0.3, 0.15, 0.11, 0.25, 0.1, 0.15});
  EXPECT_EQ(shop.told(), (Lines{"firing@1 failing {}", "resolved@5 failing {}"}));
}

TEST(IncidentDeskTest, fires_with_the_window_that_completes_the_time) {
  Shop shop(rule("for = \"30m\"\n"));
  shop.observe_series({0.3, 0.3});
  EXPECT_TRUE(shop.told().empty());
  EXPECT_EQ(shop.desk().counts().pending, 1U);
  shop.observe_series({0.3, 0.3});
  EXPECT_EQ(shop.told(), (Lines{"firing@2 failing {}"}));
  EXPECT_EQ(shop.desk().counts().pending, 0U);
  EXPECT_EQ(shop.desk().counts().firing, 1U);
}

TEST(IncidentDeskTest, one_window_back_drops_what_is_pending_without_a_word) {
  Shop shop(rule("for = \"30m\"\nresolve_below = 0.1\n"));
  shop.observe_series({0.3, 0.3, 0.15, 0.3, 0.3});
  EXPECT_TRUE(shop.told().empty());
  shop.observe_series({0.3});
  EXPECT_EQ(shop.told(), (Lines{"firing@5 failing {}"}));
}

TEST(IncidentDeskTest, a_duration_of_one_window_is_the_first_window) {
  Shop shop(rule("for = \"10m\"\n"));
  shop.observe_series({0.3});
  EXPECT_EQ(shop.told(), (Lines{"firing@0 failing {}"}));
}

TEST(IncidentDeskTest, keeps_firing_until_it_is_back_for_long_enough) {
  Shop shop(rule("keep_firing_for = \"20m\"\n"));
  shop.observe_series({0.3, 0.1, 0.3, 0.1});
  EXPECT_EQ(shop.told(), (Lines{"firing@0 failing {}"}));
  shop.observe_series({0.1});
  EXPECT_EQ(shop.told(), (Lines{"resolved@4 failing {}"}));
}

TEST(IncidentDeskTest, too_few_observations_neither_fire_nor_resolve) {
  Shop shop(rule("min_n = 20\nfor = \"20m\"\n"));
  shop.observe({shop.row(0, 0.9, "", 19)}, 0);
  EXPECT_EQ(shop.desk().counts().pending, 0U);
  shop.observe({shop.row(1, 0.9, "", 20)}, 1);
  shop.observe({shop.row(2, 0.0, "", 19)}, 2);  // does not drop it either
  shop.observe({shop.row(3, 0.9, "", 20)}, 3);
  EXPECT_EQ(shop.told(), (Lines{"firing@3 failing {}"}));
  shop.observe({shop.row(4, 0.0, "", 19)}, 4);
  EXPECT_TRUE(shop.told().empty());
}

TEST(IncidentDeskTest, rows_that_are_not_final_are_ignored) {
  Shop shop(rule());
  flow::KpiRow open = shop.row(0, 0.9);
  open.final = false;
  shop.observe({open}, 0);
  EXPECT_TRUE(shop.told().empty());
  open.final = true;
  open.revision = 1;  // an open window was shown as revision 0 at a stop; its closing is the next
  open.window_start = shop.row(1, 0).window_start;
  shop.observe({open}, 1);
  EXPECT_EQ(shop.told(), (Lines{"firing@1 failing {}"}));
}

TEST(IncidentDeskTest, revisions_change_nothing) {
  Shop shop(rule());
  shop.observe({shop.row(0, 0.1)}, 0);
  flow::KpiRow revised = shop.row(0, 0.9);
  revised.revision = 1;
  shop.observe({revised}, 1);
  EXPECT_TRUE(shop.told().empty());
  shop.observe({shop.row(2, 0.9)}, 2);
  EXPECT_EQ(shop.told(), (Lines{"firing@2 failing {}"}));
  revised = shop.row(2, 0.1);
  revised.revision = 1;
  shop.observe({revised}, 3);
  EXPECT_TRUE(shop.told().empty());
}

TEST(IncidentDeskTest, a_revision_beside_the_first_row_changes_nothing) {
  Shop shop(rule("min_n = 20\n"));
  flow::KpiRow revised = shop.row(0, 0.9);
  revised.revision = 1;
  shop.observe({shop.row(0, 0.9, "", 19), revised}, 0);
  EXPECT_TRUE(shop.told().empty());
}

TEST(IncidentDeskTest, the_first_row_of_a_window_long_closed_comes_too_late) {
  Shop shop(rule());
  shop.observe({}, 5);
  shop.observe({shop.row(5, 0.9), shop.row(2, 0.9, "app")}, 6);
  EXPECT_TRUE(shop.told().empty());
}

TEST(IncidentDeskTest, a_watermark_that_goes_back_opens_nothing_again) {
  Shop shop(rule());
  shop.observe({}, 5);
  shop.observe({}, 2);
  shop.observe({shop.row(4, 0.9)}, 6);
  EXPECT_TRUE(shop.told().empty());
}

TEST(IncidentDeskTest, each_group_of_the_split_goes_its_own_way) {
  Shop shop(rule("dimensions = [\"channel\"]\n"));
  shop.observe({shop.row(0, 0.9), shop.row(0, 0.9, "web"), shop.row(0, 0.9, "app")}, 0);
  EXPECT_EQ(shop.told(), (Lines{R"(firing@0 failing {"channel":"app"})",
                                R"(firing@0 failing {"channel":"web"})"}));
  shop.observe({shop.row(1, 0.1, "web"), shop.row(1, 0.9, "app")}, 1);
  EXPECT_EQ(shop.told(), (Lines{R"(resolved@1 failing {"channel":"web"})"}));
  EXPECT_EQ(shop.desk().counts().firing, 1U);
}

TEST(IncidentDeskTest, rows_of_other_windows_and_splits_are_not_its_own) {
  Shop shop(rule("dimensions = [\"channel\"]\n"));
  shop.set_window(60);
  shop.observe({shop.row(0, 0.9, "app")}, 0);
  shop.set_window(600);
  shop.observe({shop.row(0, 0.9)}, 0);
  EXPECT_TRUE(shop.told().empty());
}

TEST(IncidentDeskTest, the_order_of_groups_and_rules_in_the_input_does_not_matter) {
  const std::string rules =
      rule("dimensions = [\"channel\"]\n", "b") + rule("dimensions = [\"channel\"]\n", "a");
  std::vector<IncidentStep> steps[2];
  for (const bool reversed : {false, true}) {
    Shop shop(rules);
    if (reversed) shop.restart();  // numbers the groups the other way round
    std::vector<flow::KpiRow> rows = {shop.row(0, 0.9, "web"), shop.row(0, 0.8, "app"),
                                      shop.row(0, 0.7, "say \"hi\"")};
    if (reversed) std::reverse(rows.begin(), rows.end());
    shop.observe(rows, 0);
    steps[reversed ? 1 : 0] = shop.steps();
  }
  ASSERT_EQ(steps[0].size(), 6U);
  EXPECT_EQ(steps[0][0].rule, "a");
  EXPECT_EQ(steps[0], steps[1]);
}

TEST(IncidentDeskTest, ids_are_of_rule_group_and_first_window_and_distinct) {
  Shop shop(rule("dimensions = [\"channel\"]\n") + rule("dimensions = [\"channel\"]\n", "other"));
  shop.observe({shop.row(0, 0.9, "app"), shop.row(0, 0.9, "web")}, 0);
  shop.observe({shop.row(1, 0.1, "app")}, 1);
  shop.observe({shop.row(2, 0.9, "app")}, 2);
  std::map<std::string, int> ids;
  for (const IncidentStep& step : shop.steps()) ++ids[step.incident_id];
  // Two rules: web begins once, app twice; app's first has two steps.
  EXPECT_EQ(shop.steps().size(), 8U);
  EXPECT_EQ(ids.size(), 6U);
  for (const auto& [id, count] : ids) EXPECT_EQ(id.size(), 32U);
}

TEST(IncidentDeskTest, the_id_is_the_same_on_every_machine) {
  // XXH3-128 of 07 "failing" 11 {"channel":"app"} and the zigzag varint of 2026-01-05T00:10:00Z.
  Shop shop(rule("dimensions = [\"channel\"]\n"));
  shop.observe({shop.row(0, 0.9, "app")}, 0);
  ASSERT_EQ(shop.steps().size(), 1U);
  EXPECT_EQ(shop.steps()[0].incident_id, "af58cac54cc370b2320ce55c6ec350cb");
}

TEST(IncidentDeskTest, a_step_tells_all_that_the_table_shows) {
  Shop shop(
      rule("for = \"20m\"\nseverity = \"critical\"\ndimensions = [\"channel\"]\n"
           "resolve_below = 0.1\nrunbook = \"https://wiki.example.com/pay\"\n"
           "title = \"Payments fail: {value}, {dimensions} [{metric}]\"\n"));
  shop.observe({shop.row(0, 0.25, "say \"hi\"")}, 0);
  shop.observe({shop.row(1, 0.3, "say \"hi\"", 40)}, 1);
  shop.observe({shop.row(4, 0.05, "say \"hi\"", 50)}, 4);
  ASSERT_EQ(shop.steps().size(), 2U);
  const IncidentStep& firing = shop.steps()[0];
  EXPECT_EQ(firing.rule, "failing");
  EXPECT_EQ(severity_name(firing.severity), "critical");
  EXPECT_EQ(firing.happened_at, shop.end_of(1));
  EXPECT_EQ(firing.metric, "rate");
  EXPECT_EQ(firing.dimensions, R"({"channel":"say \"hi\""})");
  EXPECT_EQ(firing.title, "Payments fail: 30.0 %, channel say \"hi\" [rate]");
  EXPECT_EQ(firing.detail,
            R"({"value":0.3,"threshold":0.2,"side":"above","window_seconds":600,"n":40,)"
            R"("for_seconds":1200,"runbook":"https://wiki.example.com/pay"})");
  const IncidentStep& resolved = shop.steps()[1];
  EXPECT_EQ(resolved.incident_id, firing.incident_id);
  EXPECT_EQ(resolved.title, firing.title);
  EXPECT_EQ(resolved.detail, R"({"reason":"back","value":0.05,"threshold":0.1,"side":"above",)"
                             R"("window_seconds":600,"n":50,"firing_seconds":1800})");
}

TEST(IncidentDeskTest, silence_resolves_after_24_windows_without_a_row) {
  Shop shop(rule());
  shop.observe_series({0.9});
  shop.observe({}, 23);
  EXPECT_EQ(shop.told(), (Lines{"firing@0 failing {}"}));
  shop.observe({}, 24);
  ASSERT_EQ(shop.steps().size(), 1U);
  EXPECT_EQ(shop.steps()[0].detail,
            R"({"reason":"no data","window_seconds":600,"firing_seconds":14400})");
  EXPECT_EQ(shop.told(), (Lines{"resolved@24 failing {}"}));
}

TEST(IncidentDeskTest, silence_ends_at_the_same_time_however_late_the_watermark_comes) {
  Shop shop(rule("resolve_after = \"30m\"\n"));
  shop.observe_series({0.9});
  shop.observe({shop.row(50, 0.9)}, 50);
  EXPECT_EQ(shop.told(),
            (Lines{"firing@0 failing {}", "resolved@3 failing {}", "firing@50 failing {}"}));
}

TEST(IncidentDeskTest, a_row_at_the_deadline_still_counts) {
  Shop shop(rule("resolve_after = \"30m\"\n"));
  shop.observe_series({0.9});
  shop.observe({shop.row(3, 0.9)}, 3);
  shop.observe({}, 5);
  EXPECT_EQ(shop.told(), (Lines{"firing@0 failing {}"}));
}

TEST(IncidentDeskTest, silence_drops_what_is_pending) {
  Shop shop(rule("for = \"20m\"\nresolve_after = \"30m\"\n"));
  shop.observe_series({0.9});
  shop.observe({}, 3);
  EXPECT_EQ(shop.desk().counts().pending, 0U);
  shop.observe({shop.row(4, 0.9)}, 4);
  EXPECT_TRUE(shop.told().empty());
}

TEST(IncidentDeskTest, resolve_after_zero_waits_for_ever) {
  Shop shop(rule("resolve_after = \"0s\"\n"));
  shop.observe_series({0.9});
  shop.observe({}, 1'000'000);
  EXPECT_EQ(shop.told(), (Lines{"firing@0 failing {}"}));
}

TEST(IncidentDeskTest, a_level_is_unchanged_in_windows_without_a_row) {
  Shop shop(
      "[[rule]]\nname = \"r\"\nmetric = \"level\"\nwindow = \"10m\"\nabove = 50\n"
      "for = \"40m\"\n");
  shop.observe({shop.level_row(0, 51)}, 0);
  shop.observe({shop.level_row(3, 52)}, 3);  // windows 0 to 3 are four
  EXPECT_EQ(shop.told(), (Lines{"firing@3 r {}"}));
  shop.observe({}, 1'000);  // silent because it does not change
  EXPECT_TRUE(shop.told().empty());
  shop.observe({shop.level_row(1'001, 50)}, 1'001);
  EXPECT_EQ(shop.told(), (Lines{"resolved@1001 r {}"}));
}

TEST(IncidentDeskTest, a_rate_has_no_say_in_windows_without_a_row) {
  Shop shop(rule("for = \"40m\"\n"));
  for (const int64_t window : {0, 3, 7}) shop.observe({shop.row(window, 0.9)}, window);
  EXPECT_TRUE(shop.told().empty());
  shop.observe({shop.row(9, 0.9)}, 9);
  EXPECT_EQ(shop.told(), (Lines{"firing@9 failing {}"}));
}

TEST(IncidentDeskTest, a_day_ends_when_the_zone_says_so) {
  // Berlin goes to summer time on 2026-03-29: that day has 23 hours.
  Shop shop(
      "[[rule]]\nname = \"r\"\nmetric = \"rate\"\nwindow = \"1d\"\nabove = 0.2\n"
      "for = \"2d\"\n",
      "Europe/Berlin");
  shop.set_window(86'400);
  const auto day = [&](const char* start) {
    flow::KpiRow row = shop.row(0, 0.9);
    row.window_start = *base::parse_rfc3339(start);
    return row;
  };
  shop.desk().observe(std::vector{day("2026-03-27T23:00:00Z"), day("2026-03-28T23:00:00Z")},
                      *base::parse_rfc3339("2026-03-29T22:00:00Z"), shop.steps());
  ASSERT_EQ(shop.steps().size(), 1U);
  EXPECT_EQ(base::format_rfc3339(shop.steps()[0].happened_at), "2026-03-29T22:00:00Z");
}

TEST(IncidentDeskTest, a_restart_changes_neither_steps_nor_ids) {
  const std::string rules = rule(
      "for = \"20m\"\nkeep_firing_for = \"20m\"\nresolve_after = "
      "\"50m\"\ndimensions = [\"channel\"]\n");
  const double values[] = {0.1, 0.9, 0.9, 0.9, 0.1, 0.9, 0.1, 0.1, 0.9, 0.9};
  std::vector<IncidentStep> expected;
  for (int64_t stop = -1; stop < 20; ++stop) {
    Shop shop(rules);
    for (int64_t window = 0; window < 20; ++window) {
      std::vector<flow::KpiRow> rows;
      if (window < 10) {
        rows = {shop.row(window, values[window], "app"),
                shop.row(window, values[9 - window], "say \"hi\"")};
      }
      shop.observe(rows, window);
      if (window == stop) shop.restart();
    }
    if (stop == -1) expected = shop.steps();
    EXPECT_EQ(shop.steps(), expected) << "restarted after window " << stop;
  }
  // app: beyond at 1 and 2, back at 6 and 7, beyond at 8 and 9, silent for 5 windows after 9.
  // The other, the same backwards: beyond at 0 and 1, back at 2 and 3, beyond at 6 and 7, silent.
  std::vector<int64_t> ends;
  for (const IncidentStep& step : expected) {
    ends.push_back((step.happened_at - Shop::start()) / std::chrono::minutes(10) - 1);
  }
  EXPECT_EQ(ends, (std::vector<int64_t>{1, 2, 3, 7, 7, 9, 14, 14}));
}

TEST(IncidentDeskTest, the_same_state_saves_as_the_same_bytes) {
  std::string saved[2];
  for (const bool reversed : {false, true}) {
    Shop shop(rule("dimensions = [\"channel\"]\n") + rule("for = \"20m\"\n", "total"));
    if (reversed) shop.restart();
    shop.observe({shop.row(0, 0.9), shop.row(0, 0.9, "web"), shop.row(0, 0.8, "app")}, 0);
    base::ByteWriter writer(saved[reversed ? 1 : 0]);
    shop.desk().save(writer);
  }
  EXPECT_EQ(saved[0], saved[1]);
}

TEST(IncidentDeskTest, what_fires_by_a_rule_that_is_gone_is_resolved) {
  Shop shop(rule() + rule("", "stays") + rule("for = \"20m\"\n", "pending"));
  shop.observe_series({0.9});
  EXPECT_EQ(shop.told().size(), 2U);
  shop.replace_rules(rule("", "stays"));
  shop.restart();  // before anything was observed: it is not forgotten
  shop.observe_series({0.9});
  ASSERT_EQ(shop.steps().size(), 1U);
  EXPECT_EQ(shop.steps()[0].title, "rate is 90.0 % (total)");
  EXPECT_EQ(shop.steps()[0].detail,
            R"({"reason":"rule gone","window_seconds":600,"firing_seconds":0})");
  EXPECT_EQ(shop.told(), (Lines{"resolved@0 failing {}"}));
  EXPECT_EQ(shop.desk().counts().firing, 1U);
}

TEST(IncidentDeskTest, a_rule_that_watches_something_else_now_begins_anew) {
  Shop shop(rule());
  shop.observe_series({0.9});
  const std::string first = shop.steps()[0].incident_id;
  shop.told();
  shop.replace_rules(rule("dimensions = [\"channel\"]\n"));
  shop.observe({shop.row(1, 0.9, "app")}, 1);
  ASSERT_EQ(shop.steps().size(), 2U);
  EXPECT_EQ(shop.steps()[0].incident_id, first);
  EXPECT_EQ(shop.told(), (Lines{"resolved@0 failing {}", R"(firing@1 failing {"channel":"app"})"}));
}

TEST(IncidentDeskTest, a_rule_with_another_threshold_goes_on_with_its_incidents) {
  Shop shop(rule());
  shop.observe_series({0.9});
  const std::string id = shop.steps()[0].incident_id;
  shop.replace_rules(
      "[[rule]]\nname = \"failing\"\nmetric = \"rate\"\nwindow = \"10m\"\n"
      "above = 0.95\n");
  shop.observe_series({0.9});
  ASSERT_EQ(shop.steps().size(), 2U);
  EXPECT_EQ(shop.steps()[1].incident_id, id);
  EXPECT_EQ(shop.steps()[1].state, IncidentState::kResolved);
}

TEST(IncidentDeskTest, at_the_limit_new_ones_are_refused_and_counted) {
  Shop shop(rule("dimensions = [\"channel\"]\n"));
  shop.set_active_max(2);
  // Whichever number a group has: the first by name are taken.
  shop.observe({shop.row(0, 0.9, "web"), shop.row(0, 0.9, "phone"), shop.row(0, 0.9, "app")}, 0);
  EXPECT_EQ(shop.told(), (Lines{R"(firing@0 failing {"channel":"app"})",
                                R"(firing@0 failing {"channel":"phone"})"}));
  EXPECT_EQ(shop.desk().counts().refused, 1U);
  shop.observe({shop.row(1, 0.1, "app"), shop.row(1, 0.9, "web")}, 1);
  EXPECT_EQ(shop.told(), (Lines{R"(resolved@1 failing {"channel":"app"})",
                                R"(firing@1 failing {"channel":"web"})"}));
  shop.restart();
  EXPECT_EQ(shop.desk().counts().refused, 1U);
}

TEST(IncidentDeskTest, at_the_limit_the_first_rule_of_the_book_comes_first) {
  Shop shop(rule("", "z") + rule("", "a"));
  shop.set_active_max(1);
  shop.observe({shop.row(0, 0.9)}, 0);
  EXPECT_EQ(shop.told(), (Lines{"firing@0 z {}"}));
}

TEST(IncidentDeskTest, payments_that_fail_go_from_the_board_to_an_incident) {
  const auto pack = flow::read_pack(*base::read_toml(PURVEY_SOURCE_DIR "/packs/ecommerce.toml"));
  ASSERT_TRUE(pack);
  RuleBook book(*pack);
  ASSERT_TRUE(book.add_file(*base::read_toml(PURVEY_SOURCE_DIR "/packs/ecommerce.rules.toml")));
  base::Dictionary names;
  flow::KpiBoard board(*pack, names, {});
  IncidentDesk desk(book, board, {});
  const auto pay = [&](flow::Measure measure, const char* method, int64_t second) {
    flow::Dimensions dimensions;
    dimensions[flow::Dimension::kMethod] = names.intern(method);
    board.add({.measure = measure, .time = Shop::start() + std::chrono::seconds(second)},
              dimensions);
  };
  for (int64_t i = 0; i < 30; ++i) {
    const bool failed = i % 10 < 4;  // 12 of 30
    pay(failed ? flow::Measure::kPaymentFailed : flow::Measure::kPaymentAuthorized, "card", i * 20);
    pay(flow::Measure::kPaymentAuthorized, "transfer", i * 20);
  }
  std::vector<IncidentStep> steps;
  const auto advance = [&](int64_t minutes) {
    std::vector<flow::KpiRow> rows;
    const base::EventTime watermark = Shop::start() + std::chrono::minutes(minutes);
    board.advance(watermark, rows);
    board.revise(rows);
    desk.observe(rows, watermark, steps);
  };
  advance(9);
  EXPECT_TRUE(steps.empty());
  advance(10);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].title, "Payments fail: 40.0 % of those tried (method card)");
  EXPECT_EQ(steps[0].dimensions, R"({"method":"card"})");
  // Late payments that all went well revise the window, and the incident stays as it is.
  for (int64_t i = 0; i < 300; ++i) pay(flow::Measure::kPaymentAuthorized, "card", 30);
  advance(11);
  EXPECT_EQ(steps.size(), 1U);
  for (int64_t i = 0; i < 20; ++i) pay(flow::Measure::kPaymentAuthorized, "card", 660);
  advance(20);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[1].state, IncidentState::kResolved);
  EXPECT_EQ(steps[1].incident_id, steps[0].incident_id);
}

TEST(IncidentDeskTest, damaged_bytes_are_refused_or_harmless) {
  Shop shop(rule("dimensions = [\"channel\"]\n"));
  shop.observe({shop.row(0, 0.9, "web"), shop.row(0, 0.9, "app")}, 0);
  std::string bytes;
  base::ByteWriter writer(bytes);
  shop.desk().save(writer);
  const auto load = [&](std::string_view damaged) {
    IncidentDesk desk(shop.book(), shop.board(), base::SiteZone());
    base::ByteReader reader(damaged);
    const bool loaded = desk.load(reader) && reader.finish("desk");
    std::vector<IncidentStep> steps;
    desk.observe({}, shop.end_of(100), steps);
    return loaded;
  };
  EXPECT_TRUE(load(bytes));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(load(std::string_view(bytes).substr(0, size))) << size;
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xFF);
    load(damaged);
  }
}

}  // namespace
}  // namespace purvey::watch
