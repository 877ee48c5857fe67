#include "app/live_flow.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <future>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "app/flow_engine.h"
#include "app/flow_fixture.h"
#include "app/live_view.h"
#include "app/play_journal.h"
#include "event/json_decoder.h"

namespace purvey::app {
namespace {

using namespace std::chrono_literals;

constexpr int64_t kSecond = 1'000'000;

class LiveFlowTest : public FlowFixture {
 protected:
  std::unique_ptr<LiveFlow> open(
      const std::string& name, std::chrono::milliseconds commit_interval = std::chrono::minutes(1),
      const store::depot::Retention& retention = {}) {
    auto flow = LiveFlow::open({.data = path(name),
                                .commit_interval = commit_interval,
                                .segment_bytes = 100'000,
                                .keep_journal = true,
                                .clock = [this] { return base::EventTime{now_}; },
                                .upkeep_every = std::min(commit_interval, 1'000ms),
                                .merge_fan = 3,
                                .retention = retention},
                               configuration_);
    EXPECT_TRUE(flow) << flow.error().message;
    return std::move(*flow);
  }

  template <class Flow>
  static std::shared_ptr<event::EventBatch> decode(Flow& flow, std::string lines) {
    const size_t end = lines.size();
    lines.append(64, ' ');
    const std::lock_guard lock(flow.names().interning());  // a recovery may go on
    event::JsonDecoder decoder(flow.names(), flow.people(), flow.base_currency());
    const auto batch = std::make_shared<event::EventBatch>();
    for (size_t at = 0; at < end;) {
      const size_t next = lines.find('\n', at);
      decoder.decode(std::string_view(lines).substr(at, next - at), *batch);
      at = next + 1;
    }
    return batch;
  }

  /// Decodes lines and submits them as one batch, and waits for the answer.
  static base::Result<void> send(LiveFlow& flow, std::string lines) {
    const auto batch = decode(flow, std::move(lines));
    std::promise<base::Result<void>> answered;
    auto answer = answered.get_future();
    PURVEY_TRY(
        flow.submit({batch, [&](const base::Result<void>& done) { answered.set_value(done); }}));
    return answer.get();
  }

  static std::string rows_of(LiveFlow& flow, std::string_view sql) {
    std::string text;
    const auto writer = store::result::make_csv_writer([&](std::string_view bytes) {
      text.append(bytes);
      return base::Result<void>();
    });
    const auto end = flow.questions().query(sql, {}, *writer);
    if (!end) return end.error().message;
    std::erase(text, '\r');
    text = text.substr(text.find('\n') + 1);
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }

  /// What the API tells of all orders placed, by the minute.
  static std::string shown_orders(LiveFlow& flow) {
    std::promise<std::string> answered;
    auto answer = answered.get_future();
    const auto asked = flow.ask([&](const FlowState& state) {
      const auto kpi = static_cast<uint32_t>(state.pack().find("orders_placed"));
      const std::string all = kpis_json(state, {.kpi = kpi, .window_seconds = 60});
      answered.set_value(all.substr(0, all.find(R"(,{"metric":"orders_placed","dimensions":{"c)")));
    });
    return asked ? answer.get() : asked.error().message;
  }

  /// The digest of the folder's journal, played into a fresh folder.
  std::string digest_of_journal(const std::string& name) const {
    const auto again = replay_journal(path(name) + "/journal", "", configuration_);
    return again ? again->digest : again.error().message;
  }

  static std::string order(int n) { return placed(n, n * 20) + paid(n, n * 20 + 5); }

  /// Sends one order after the other in a process that dies at a crash point; gives those that were
  /// acknowledged.
  std::vector<int> send_until_killed(const std::string& name, const std::string& crash_at) {
    int acknowledged[2];
    EXPECT_EQ(pipe(acknowledged), 0);
    const pid_t child = fork();
    if (child == 0) {
      setenv("PURVEY_CRASH_AT", crash_at.c_str(), 1);
      const auto flow = open(name, std::chrono::milliseconds(20));
      for (int i = 0; i < 5'000; ++i) {
        const bool taken = send(*flow, order(i)).has_value();
        if (taken && ::write(acknowledged[1], &i, sizeof i) != sizeof i) _exit(1);
      }
      _exit(0);
    }
    close(acknowledged[1]);
    std::vector<int> sent;
    for (int i = 0; read(acknowledged[0], &i, sizeof i) == sizeof i;) sent.push_back(i);
    close(acknowledged[0]);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << crash_at;
    return sent;
  }

  std::atomic<int64_t> now_{kStart + 86'400 * kSecond};
};

TEST_F(LiveFlowTest, what_is_acknowledged_is_counted_and_committed_at_the_stop) {
  const auto flow = open("a");
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += placed(i, i * 60) + paid(i, i * 60 + 30);
  ASSERT_TRUE(send(*flow, lines));
  ASSERT_TRUE(send(*flow, placed(0, 0) + "{\n"));
  ASSERT_TRUE(flow->stop());
  EXPECT_EQ(ask("a", "select count(*), count(paid_at) from orders"), "100,100");
  EXPECT_EQ(ask("a", "select verdict, sum(n) from quality group by 1 order by 1"),
            "accepted,200\nduplicate,1\nrejected,1");
  EXPECT_EQ(ask("a",
                "select value from kpi_latest where metric = 'orders_placed' and window_seconds = "
                "3600 and dimensions = '{}' order by window_start"),
            "60\n40");
  EXPECT_EQ(digest_of_journal("a"), digest("a"));
}

TEST_F(LiveFlowTest, shards_give_the_digest_of_one_and_go_on_as_another_number) {
  std::vector<std::string> digests;
  for (const size_t shards : {1U, 3U}) {
    const auto name = std::to_string(shards);
    configuration_.shards.shards = shards;
    auto flow = open(name, std::chrono::milliseconds(5));
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(send(*flow, order(i) + order(i / 2)));
    ASSERT_TRUE(flow->stop());
    configuration_.shards.shards = 5 - shards;
    flow = open(name);
    for (int i = 40; i < 80; ++i) ASSERT_TRUE(send(*flow, order(i) + order(i / 2)));
    ASSERT_TRUE(flow->stop());
    digests.push_back(digest(name));
    EXPECT_EQ(digest_of_journal(name), digests.back()) << shards;
    EXPECT_EQ(ask(name, "select count(*), count(paid_at) from orders"), "80,80");
  }
}

TEST_F(LiveFlowTest, who_waits_for_a_commit_finds_in_it_what_was_acknowledged_before) {
  const auto flow = open("a", std::chrono::hours(1));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(send(*flow, order(i)));
    const auto committed = std::make_shared<std::promise<base::Result<void>>>();
    ASSERT_TRUE(flow->when_committed(
        [committed](const base::Result<void>& done) { committed->set_value(done); }));
    ASSERT_TRUE(committed->get_future().get());
    EXPECT_EQ(rows_of(*flow, "select count(*), count(paid_at) from orders"),
              fmt::format("{0},{0}", i + 1));
  }
  ASSERT_TRUE(flow->stop());
  EXPECT_EQ(digest_of_journal("a"), digest("a"));
}

TEST_F(LiveFlowTest, who_waits_for_a_commit_when_the_flow_ends_is_told) {
  for (const bool is_stopped : {true, false}) {
    const std::string name = is_stopped ? "stopped" : "killed";
    auto flow = open(name, std::chrono::hours(1));
    ASSERT_TRUE(send(*flow, order(1)));
    std::vector<std::future<base::Result<void>>> waiting;
    for (int i = 0; i < 20; ++i) {
      const auto told = std::make_shared<std::promise<base::Result<void>>>();
      waiting.push_back(told->get_future());
      ASSERT_TRUE(
          flow->when_committed([told](const base::Result<void>& done) { told->set_value(done); }));
    }
    if (is_stopped) {
      ASSERT_TRUE(flow->stop());
    } else {
      flow.reset();
    }
    for (auto& one : waiting) {
      ASSERT_EQ(one.wait_for(std::chrono::seconds(0)), std::future_status::ready) << name;
      EXPECT_TRUE(!is_stopped || one.get().has_value());
    }
  }
}

TEST_F(LiveFlowTest, it_goes_on_after_a_stop) {
  for (int hour = 0; hour < 3; ++hour) {
    const auto flow = open("a");
    ASSERT_TRUE(send(*flow, placed(hour, hour * 3'600) + placed(hour, hour * 3'600)));
    ASSERT_TRUE(flow->stop());
  }
  EXPECT_EQ(ask("a", "select count(*) from orders"), "3");
  EXPECT_EQ(ask("a", "select sum(n) from quality where verdict = 'duplicate'"), "3");
  EXPECT_EQ(digest_of_journal("a"), digest("a"));
}

TEST_F(LiveFlowTest, what_recovery_played_stays_in_the_journal_until_it_is_committed) {
  constexpr int kOrders = 2'000;  // several segments of the journal
  const auto open_engine = [&] {
    auto engine = FlowEngine::open({.data = path("a"), .segment_bytes = 100'000, .now = {now_}},
                                   configuration_);
    EXPECT_TRUE(engine) << engine.error().message;
    EXPECT_TRUE((*engine)->recover());
    return *std::move(engine);
  };
  const auto write = [&](FlowEngine& engine, int from, int to) {
    for (int first = from; first < to; first += 50) {
      std::string lines;
      for (int n = first; n < std::min(first + 50, to); ++n) lines += order(n);
      const auto batch = decode(engine, lines);
      const auto journaled = engine.write_journal({{.batch = batch,
                                                    .done = [](const base::Result<void>&) {},
                                                    .received = {now_},
                                                    .body = *engine.pack(*batch)}},
                                                  std::nullopt, [](const auto&) {});
      ASSERT_TRUE(journaled) << journaled.error().message;
    }
  };
  write(*open_engine(), 0, kOrders);  // and killed, with nothing committed
  for (int again = 0; again < 2; ++again) {
    const auto engine = open_engine();  // plays them, and is killed before it commits
    write(*engine, kOrders + again, kOrders + again + 1);
    ASSERT_TRUE(engine->drop_covered());
  }
  ASSERT_TRUE(open("a")->stop());
  EXPECT_EQ(ask("a", "select count(*), count(paid_at) from orders"), "2002,2002");
}

TEST_F(LiveFlowTest, events_are_taken_in_before_the_recovery_and_counted_behind_it) {
  const auto open_engine = [&] {
    auto engine =
        FlowEngine::open({.data = path("a"), .keep_journal = true, .now = {now_}}, configuration_);
    EXPECT_TRUE(engine) << engine.error().message;
    return *std::move(engine);
  };
  std::vector<FlowEngine::Journaled> to_count;
  const auto write = [&](FlowEngine& engine, const std::string& lines) {
    const auto batch = decode(engine, lines);
    ASSERT_TRUE(engine.write_journal({{.batch = batch,
                                       .done = [](const base::Result<void>&) {},
                                       .received = {now_},
                                       .body = *engine.pack(*batch)}},
                                     std::nullopt,
                                     [&](const auto& one) { to_count.push_back(one); }));
  };
  {
    const auto engine = open_engine();
    ASSERT_TRUE(engine->recover());
    write(*engine, order(1) + order(2));
  }  // killed before it counts
  to_count.clear();
  auto engine = open_engine();
  write(*engine, order(2) + order(3));
  ASSERT_EQ(to_count.size(), 1U);
  ASSERT_TRUE(engine->recover());
  EXPECT_TRUE(engine->settled().shards().find_order("o1"));
  EXPECT_FALSE(engine->settled().shards().find_order("o3"));
  engine->count(to_count[0]);
  ASSERT_TRUE(engine->write_stop({now_}, [&](const auto& one) { engine->count(one); }));
  ASSERT_TRUE(engine->write(*engine->prepare_commit({now_})));
  engine.reset();
  EXPECT_EQ(digest_of_journal("a"), digest("a"));
  EXPECT_EQ(ask("a", "select verdict, sum(n) from quality group by 1 order by 1"),
            "accepted,6\nduplicate,2");
}

TEST_F(LiveFlowTest, who_asks_while_a_recovery_fails_does_not_wait_for_ever) {
  open("a").reset();
  {
    const auto journal = store::ledger::Journal::open({.folder = path("a") + "/journal"});
    ASSERT_TRUE(journal) << journal.error().message;
    store::ledger::JournalRecord record{
        .events = 1, .received = {now_}, .body = "what no Purvey wrote"};
    ASSERT_TRUE((*journal)->append({&record, 1}));
  }
  const auto flow = open("a");
  auto answered = std::make_shared<std::promise<void>>();
  const auto answer = answered->get_future();
  const auto asked = flow->ask([answered](const FlowState&) { answered->set_value(); });
  answered.reset();
  EXPECT_EQ(answer.wait_for(10s), std::future_status::ready) << "dropped, not kept";
  for (int i = 0; i < 500 && !flow->failure(); ++i) std::this_thread::sleep_for(20ms);
  ASSERT_TRUE(flow->failure());
  EXPECT_EQ(flow->failure()->code, base::ErrorCode::kCorrupt);
}

TEST_F(LiveFlowTest, a_second_one_on_the_folder_is_refused) {
  const auto flow = open("a");
  const auto second = LiveFlow::open({.data = path("a")}, configuration_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::ErrorCode::kConflict);
}

TEST_F(LiveFlowTest, a_backfill_counts_however_old_it_is_and_moves_no_time) {
  constexpr int64_t kDay = 86'400;
  const auto from = [](std::string line, const std::string& source) {
    return line.replace(line.find("/shop"), 5, source);
  };
  now_ = kStart + 41 * kDay * kSecond;
  for (const size_t shards : {1U, 3U}) {
    configuration_.shards.shards = shards;
    configuration_.sources = {{.name = "/history", .backfill = true}};
    const auto name = std::to_string(shards);
    const auto flow = open(name);
    ASSERT_TRUE(send(*flow, placed(1, 40 * kDay) + placed(2, 40 * kDay + 120)));
    // Months before, and a little ahead of the others, within what the clock allows.
    ASSERT_TRUE(send(*flow, from(placed(3, 0) + "", "/history") + placed(4, 5)));
    ASSERT_TRUE(send(*flow, from(placed(5, 40 * kDay + 500), "/history")));
    ASSERT_TRUE(send(*flow, placed(6, 40 * kDay + 121)));
    ASSERT_TRUE(flow->stop());
    EXPECT_EQ(ask(name, "select source, verdict, sum(n) from quality group by all order by all"),
              "/history,accepted,2\n/shop,accepted,3\n/shop,too_old,1");
    EXPECT_EQ(ask(name,
                  "select window_start::date, value from kpi_latest where metric = 'orders_placed' "
                  "and window_seconds = 86400 and dimensions = '{}' order by 1"),
              "2026-01-01,1\n2026-02-10,4");
    configuration_.shards.shards = 4 - shards;
    EXPECT_EQ(digest_of_journal(name), digest(name));
  }
}

TEST_F(LiveFlowTest, a_source_with_its_own_clock_is_held_against_itself) {
  configuration_.sources = {{.name = "/shop", .own_clock = true}};
  const auto flow = open("a");
  constexpr int64_t kYear = 365 * int64_t{86'400};
  ASSERT_TRUE(
      send(*flow, placed(1, 3 * kYear) + placed(2, 3 * kYear + 12 * 3'600) + placed(3, 5 * kYear)));
  ASSERT_TRUE(flow->stop());
  EXPECT_EQ(ask("a", "select verdict, sum(n) from quality group by all order by all"),
            "accepted,2\nquarantined,1");
}

TEST_F(LiveFlowTest, a_clock_of_its_own_moves_no_time_of_sources_that_go_by_the_wall_clock) {
  configuration_.sources = {{.name = "/ahead", .own_clock = true}};
  const auto from = [](std::string line, const std::string& source) {
    return line.replace(line.find("/shop"), 5, source);
  };
  const auto flow = open("a");
  constexpr int64_t kDay = 86'400;
  now_ = kStart + kDay * kSecond;
  ASSERT_TRUE(send(*flow, placed(1, kDay)));
  ASSERT_TRUE(send(*flow, from(placed(2, 30 * kDay), "/ahead")));
  now_ += 60 * kSecond;  // the shop is silent meanwhile
  ASSERT_TRUE(send(*flow, from(placed(3, 30 * kDay + 60), "/ahead")));
  ASSERT_TRUE(send(*flow, placed(4, kDay + 50)));
  ASSERT_TRUE(flow->stop());
  EXPECT_EQ(ask("a", "select source, verdict, sum(n) from quality group by all order by all"),
            "/ahead,accepted,2\n/shop,accepted,2");
}

TEST_F(LiveFlowTest, late_and_too_old_events_are_told_apart) {
  const auto flow = open("a");
  constexpr int64_t kDay = 86'400;
  now_ = kStart + 10 * kDay * kSecond;
  ASSERT_TRUE(send(*flow, placed(1, 3 * kDay + 10 * 3'600)));
  ASSERT_TRUE(send(*flow, placed(2, 3 * kDay + 1) +           // its hour is closed, its day is open
                              placed(3, 2 * kDay + 80'000) +  // yesterday's day is closed
                              placed(4, 2 * kDay + 1'000)));  // more than 24 h behind
  ASSERT_TRUE(flow->stop());
  EXPECT_EQ(ask("a", "select verdict, reason, n from quality order by 1"),
            "accepted,\"\",2\nlate,windows_closed,1\ntoo_old,beyond_horizon,1");
  EXPECT_EQ(ask("a", "select order_id from orders order by 1"), "o1\no2\no3");
  EXPECT_EQ(ask("a", "select id, reason from dead_letter"), "p4,beyond_horizon");
  EXPECT_EQ(ask("a",
                "select value from kpi_latest where metric = 'orders_placed' and window_seconds = "
                "86400 and dimensions = '{}'"),
            "2");
}

TEST_F(LiveFlowTest,
       the_last_closed_windows_and_the_open_ones_are_told_also_after_a_kill_or_a_stop) {
  auto flow = open("a", std::chrono::milliseconds(1));
  ASSERT_TRUE(send(*flow, placed(1, 10) + placed(2, 20) + placed(3, 200)));
  const auto row = [](int minute, int value, const char* final, int revision = 0) {
    return fmt::format(
        R"({{"metric":"orders_placed","dimensions":{{}},"window_start":"2026-01-01T00:{:02}:00Z",)"
        R"("window_seconds":60,"value":{},"n":{},"revision":{},"final":{}}})",
        minute, value, value, revision, final);
  };
  const std::string told = "[" + row(0, 2, "true") + "," + row(3, 1, "false");
  EXPECT_EQ(shown_orders(*flow), told);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  flow.reset();  // as a kill would end it
  flow = open("a");
  EXPECT_EQ(shown_orders(*flow), told);
  ASSERT_TRUE(flow->stop());
  flow = open("a");
  EXPECT_EQ(shown_orders(*flow), told);
  ASSERT_TRUE(send(*flow, placed(4, 210) + placed(5, 250)));
  EXPECT_EQ(shown_orders(*flow), "[" + row(3, 2, "true", 1) + "," + row(4, 1, "false"));
  ASSERT_TRUE(flow->stop());
}

TEST_F(LiveFlowTest, a_window_that_changed_before_a_commit_is_told_though_the_process_dies) {
  auto flow = open("a", std::chrono::milliseconds(1));
  ASSERT_TRUE(send(*flow, placed(1, 10) + placed(2, 200)));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  ASSERT_TRUE(send(*flow, placed(3, 20)));  // its minute is closed, the next one has not begun
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  flow.reset();  // as a kill would end it
  ASSERT_TRUE(open("a")->stop());
  EXPECT_EQ(ask("a",
                "select value from kpi_latest where metric = 'orders_placed' and window_seconds = "
                "60 and dimensions = '{}' order by window_start limit 1"),
            "2");
  EXPECT_EQ(digest_of_journal("a"), digest("a"));
}

TEST_F(LiveFlowTest, at_the_ceiling_of_the_disk_events_are_refused_and_all_else_goes_on) {
  {
    const auto flow = open("a");
    ASSERT_TRUE(send(*flow, order(1)));
    EXPECT_FALSE(flow->refusal());
    ASSERT_TRUE(flow->stop());
  }
  const auto flow = open("a", 20ms, {.disk_bytes = 1});
  const auto refused = send(*flow, order(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kExhausted);
  EXPECT_EQ(refused.error().message, flow->refusal());
  EXPECT_EQ(rows_of(*flow, "select order_id from order_head"), "o1");
  EXPECT_GT(flow->upkeep().folder_bytes, 1U);
  ASSERT_TRUE(flow->stop());
  const auto again = open("a");
  EXPECT_TRUE(send(*again, order(2)));
  ASSERT_TRUE(again->stop());
}

TEST_F(LiveFlowTest, at_the_ceiling_parts_wait_until_the_journal_had_its_turn) {
  const auto opened =
      FlowEngine::open({.data = path("a"),
                        .keep_journal = true,
                        .now = {now_},
                        .upkeep = {.retention = {.disk_bytes = 1, .drops_oldest = true}}},
                       configuration_);
  ASSERT_TRUE(opened) << opened.error().message;
  FlowEngine& engine = **opened;
  const auto batch = decode(engine, order(1));
  const auto journaled =
      engine.write_journal({{.batch = batch,
                             .done = [](const base::Result<void>&) {},
                             .received = {now_},
                             .body = *engine.pack(*batch)}},
                           std::nullopt, [&](const auto& record) { engine.count(record); });
  ASSERT_TRUE(journaled) << journaled.error().message;
  const auto results = engine.prepare_commit({now_});
  ASSERT_TRUE(results) << results.error().message;
  ASSERT_TRUE(engine.write(*results));
  now_ += 86'400 * kSecond;
  const auto tidy = [&] {
    for (int i = 0; i < 5; ++i, now_ += 2 * kSecond) ASSERT_TRUE(engine.tidy({now_}));
  };
  tidy();
  EXPECT_FALSE(engine.upkeep_report().rows_dropped.contains("disk"));
  EXPECT_FALSE(engine.refusal());
  ASSERT_TRUE(engine.drop_covered());
  tidy();
  EXPECT_TRUE(engine.upkeep_report().rows_dropped.contains("disk"));
}

TEST_F(LiveFlowTest, what_a_server_knows_of_orders_outlives_their_rows) {
  const auto flow = open("a", 20ms, {.archive_days = 400});
  ASSERT_TRUE(send(*flow, order(1)));
  const auto orders = [&] { return rows_of(*flow, "select count(*) from order_head"); };
  for (int i = 0; i < 200 && orders() != "1"; ++i) std::this_thread::sleep_for(20ms);
  EXPECT_EQ(orders(), "1");
  now_ += 402 * 86'400 * kSecond;
  for (int i = 0; i < 200 && orders() != "0"; ++i) std::this_thread::sleep_for(20ms);
  EXPECT_EQ(orders(), "0");
  EXPECT_EQ(rows_of(*flow, "select rows, cause from dropped where \"table\" = 'order_head'"),
            "1,archive");
  std::promise<std::string> status;
  ASSERT_TRUE(flow->ask([&](const FlowState& state) {
    const auto known = state.shards().find_order("o1");
    status.set_value(known ? std::string(flow::order_status(*known)) : "forgotten");
  }));
  EXPECT_EQ(status.get_future().get(), "paid");
  ASSERT_TRUE(flow->stop());
}

TEST_F(LiveFlowTest, parts_are_merged_while_it_goes_on) {
  const auto flow = open("a", 1ms);
  int sent = 0;
  for (; sent < 300 && flow->upkeep().merges < 10; ++sent) {
    ASSERT_TRUE(send(*flow, order(sent)));
    const std::string orders = rows_of(*flow,
                                       "select count(*) - count(distinct order_id) from "
                                       "order_head");
    EXPECT_EQ(orders, "0");
  }
  EXPECT_GE(flow->upkeep().merges, 10U) << sent;
  EXPECT_EQ(flow->upkeep().failures, 0U);
  ASSERT_TRUE(flow->stop());
  EXPECT_EQ(digest_of_journal("a"), digest("a"));
}

TEST_F(LiveFlowTest, a_kill_at_any_point_loses_nothing_and_doubles_nothing) {
  std::mt19937 random(11);
  for (const char* point :
       {"journal_before_commit", "journal_after_commit", "segment_before_rename", "after_part",
        "before_commit", "after_commit_before_rename", "between_renames", "before_replacement",
        "after_replacement"}) {
    const std::string name = std::string("k-") + point;
    const auto sent = send_until_killed(name, fmt::format("{}:{}", point, 2 + random() % 5));
    const auto flow = open(name);
    std::string again;
    for (const int i : sent) again += order(i);
    ASSERT_TRUE(again.empty() || send(*flow, again).has_value());
    ASSERT_TRUE(flow->stop());
    // All that was acknowledged is known, and every order is there once.
    EXPECT_EQ(ask(name, "select coalesce(sum(n), 0) from quality where verdict = 'duplicate'"),
              fmt::format("{}", 2 * sent.size()))
        << point;
    for (const char* table : {"order_head", "order_step"}) {
      EXPECT_EQ(ask(name, fmt::format("select count(*) = count(distinct order_id) from {}", table)),
                "true")
          << point;
    }
    EXPECT_EQ(digest_of_journal(name), digest(name)) << point;
  }
}

}  // namespace
}  // namespace purvey::app
