// A purged source is, in every result, as if it had never sent anything: the digest is that of a
// folder which got the same files without its lines.
#include "app/purge.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <random>
#include <set>

#include "app/flow_engine.h"
#include "app/flow_fixture.h"
#include "app/replay.h"
#include "app/row_collector.h"

namespace purvey::app {
namespace {

namespace fs = std::filesystem;

/// A line of a file, and who wrote it.
struct Line {
  std::string source;
  std::string text;
};

class PurgeTest : public FlowFixture {
 protected:
  /// In memory, where there is such a folder: nothing here is about a disk that loses what it was
  /// told to keep, and waiting for one would be nine tenths of the time.
  static void SetUpTestSuite() {
    std::error_code failed;
    const auto space = fs::space("/dev/shm", failed);
    if (!failed && space.available > (256U << 20)) setenv("TMPDIR", "/dev/shm", 0);
  }

  static Line line(const std::string& source, const std::string& id, const std::string& type,
                   int64_t second, const std::string& data) {
    return {source, fmt::format(R"({{"specversion":"1.0","id":"{}","source":"{}","type":"{}",)"
                                R"("time":"{}","data":{}}})"
                                "\n",
                                id, source, type,
                                base::format_rfc3339({kStart + second * 1'000'000}), data)};
  }

  /// Days of `source`: orders that other sources step on too, returning customers, stock,
  /// duplicates, conflicts, impossible events, samples. Unsorted.
  static std::vector<Line> days_of(const std::string& source, int orders, uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<Line> lines;
    for (int i = 0; i < orders; ++i) {
      const auto at = static_cast<int64_t>(random() % 200'000);
      const auto order = fmt::format("o{}", random() % 400);
      const auto placed =
          line(source, fmt::format("p{}", i), "order.placed", at,
               fmt::format(R"({{"order_id":"{}","customer_id":"c{}","amount":{},)"
                           R"("currency":"CNY","channel":"{}","lines":[{{"sku":"s{}",)"
                           R"("qty":2,"price":3}}]}})",
                           order, i % 40, 10 + i, source.substr(1), i % 9));
      lines.push_back(placed);
      lines.push_back(line(source, fmt::format("d{}", i), "order.delivered",
                           at + static_cast<int64_t>(random() % 90'000),
                           fmt::format(R"({{"order_id":"{}"}})", order)));
      if (i % 7 == 0) lines.push_back(placed);
      if (i % 11 == 0) {
        lines.push_back(line(source, fmt::format("p{}", i), "order.paid", at,
                             fmt::format(R"({{"order_id":"{}"}})", order)));
      }
      if (i % 5 == 0) {
        lines.push_back(line(source, fmt::format("l{}", i), "stock.level", at,
                             fmt::format(R"({{"sku":"s{}","warehouse":"w","on_hand":{}}})", i % 9,
                                         static_cast<int>(random() % 30) - 3)));
      }
    }
    std::shuffle(lines.begin(), lines.end(), random);
    return lines;
  }

  static std::vector<Line> together(std::vector<Line> one, const std::vector<Line>& other,
                                    uint32_t seed) {
    one.insert(one.end(), other.begin(), other.end());
    std::mt19937 random(seed);
    std::shuffle(one.begin(), one.end(), random);
    return one;
  }

  std::string write_lines(const std::string& name, const std::vector<Line>& lines,
                          const std::string& without = "") const {
    std::string text;
    for (const Line& one : lines) {
      if (without.empty() || one.source != without) text += one.text;
    }
    return write(name, text);
  }

  base::Result<ReplaySummary> replay(const std::vector<std::string>& files,
                                     const std::string& data) const {
    if (!fs::exists(path(data))) {  // one key for all, so that pseudonyms are equal
      fs::create_directory(path(data));
      write(data + "/lock", "");
      write(data + "/site.key", std::string(32, 'k'));
    }
    return run_replay(
        {.files = files, .data = path(data), .now = {kStart + 400 * int64_t{86'400'000'000}}},
        configuration_);
  }

  base::Result<PurgeSummary> purge(const std::string& data, const std::string& source,
                                   const std::string& files = "") const {
    const auto ready = PURVEY_TRY(
        Purge::prepare({.data = path(data), .source = source, .files = files}, configuration_));
    return ready->run({});
  }

  /// The error of a purge that is refused and changes nothing.
  std::string refusal(const std::string& data, const std::string& source,
                      const std::string& files = "") const {
    const std::string before = digest(data);
    const auto done = purge(data, source, files);
    EXPECT_FALSE(done) << "it was purged";
    EXPECT_EQ(digest(data), before);
    EXPECT_FALSE(fs::exists(path(data) + "/rebuild.new"));
    return done ? "" : done.error().message;
  }

  void expect_same(const std::string& purged, const std::string& never) const {
    EXPECT_EQ(digest(purged), digest(never));
    EXPECT_EQ(ask(purged, "select max(seq) from quality"),
              ask(never, "select max(seq) from quality"));
    EXPECT_FALSE(fs::exists(path(purged) + "/rebuild.new"));
    EXPECT_FALSE(fs::exists(path(purged) + "/rebuilt"));
  }
};

TEST_F(PurgeTest, a_file_of_its_own_goes_as_if_it_was_never_replayed) {
  const auto shop = write_lines("shop.ndjson", days_of("/shop", 200, 1));
  const auto wrong = write_lines("wrong.ndjson", days_of("/wrong", 100, 2));
  ASSERT_TRUE(replay({shop}, "data"));
  ASSERT_TRUE(replay({wrong}, "data"));
  ASSERT_TRUE(replay({shop}, "never"));
  ASSERT_NE(digest("data"), digest("never"));
  fs::remove(wrong);  // nothing of it is needed
  const auto done = purge("data", "/wrong");
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->digest, digest("data"));
  expect_same("data", "never");
}

TEST_F(PurgeTest, of_files_with_several_sources_the_others_are_left) {
  configuration_.shards = {.shards = 2, .threads = true};
  const auto mixed = together(days_of("/shop", 150, 3), days_of("/wrong", 150, 4), 5);
  const auto more = together(days_of("/erp", 90, 6), days_of("/wrong", 20, 7), 8);
  const auto late = days_of("/shop", 60, 9);
  ASSERT_TRUE(replay({write_lines("a", mixed), write_lines("b", more)}, "data"));
  ASSERT_TRUE(replay({write_lines("c", late)}, "data"));
  ASSERT_TRUE(replay(
      {write_lines("a.left", mixed, "/wrong"), write_lines("b.left", more, "/wrong")}, "never"));
  ASSERT_TRUE(replay({write_lines("c", late)}, "never"));
  ASSERT_TRUE(purge("data", "/wrong"));
  expect_same("data", "never");
}

TEST_F(PurgeTest, two_sources_may_go_one_after_the_other_in_any_order) {
  const auto mixed =
      together(together(days_of("/a", 60, 1), days_of("/b", 60, 2), 3), days_of("/c", 60, 4), 5);
  const auto file = write_lines("mixed", mixed);
  ASSERT_TRUE(replay({file}, "ab"));
  ASSERT_TRUE(replay({file}, "ba"));
  ASSERT_TRUE(replay({write_lines("c", mixed, "/a")}, "without_a"));
  std::vector<Line> only_c;
  for (const Line& one : mixed) {
    if (one.source == "/c") only_c.push_back(one);
  }
  ASSERT_TRUE(replay({write_lines("only_c", only_c)}, "never"));
  ASSERT_TRUE(purge("ab", "/a"));
  expect_same("ab", "without_a");
  ASSERT_TRUE(purge("ab", "/b"));
  ASSERT_TRUE(purge("ba", "/b"));
  ASSERT_TRUE(purge("ba", "/a"));
  expect_same("ab", "never");
  expect_same("ba", "never");
  ASSERT_TRUE(purge("ab", "/c"));
  EXPECT_EQ(ask("ab", "select count(*) from kpi"), "0");
  EXPECT_EQ(ask("ab", "select count(*) from quality"), "0");
}

TEST_F(PurgeTest, what_is_sent_again_afterwards_counts) {
  const auto shop = days_of("/shop", 100, 1);
  const auto wrong = days_of("/wrong", 50, 2);
  const auto mixed = write_lines("mixed", together(shop, wrong, 3));
  ASSERT_TRUE(replay({write_lines("wrong", wrong), mixed}, "data"));
  ASSERT_TRUE(purge("data", "/wrong"));
  // The wrong file once more: it is not known any more. The other one is.
  const auto again = replay({path("wrong"), mixed}, "data");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->events, wrong.size());
  ASSERT_EQ(again->known.size(), 1U);
  EXPECT_EQ(again->known[0].known_as, mixed);
  EXPECT_EQ(again->known[0].purged, std::vector<std::string>{"/wrong"});
  ASSERT_TRUE(replay({write_lines("left", together(shop, wrong, 3), "/wrong")}, "never"));
  ASSERT_TRUE(replay({path("wrong")}, "never"));
  expect_same("data", "never");
  // And it goes again, with the one that knows nothing of it any more.
  ASSERT_TRUE(purge("data", "/wrong"));
  ASSERT_TRUE(replay({path("left")}, "without"));
  expect_same("data", "without");
}

TEST_F(PurgeTest, lines_without_a_source_go_with_the_last_source_of_their_file) {
  const Line garbage{"", "{nothing\n"};
  auto alone = days_of("/wrong", 20, 1);
  alone.push_back(garbage);
  auto mixed = together(days_of("/wrong", 20, 2), days_of("/shop", 20, 3), 4);
  mixed.push_back(garbage);
  ASSERT_TRUE(replay({write_lines("alone", alone)}, "data"));
  ASSERT_TRUE(replay({write_lines("mixed", mixed)}, "data"));
  ASSERT_TRUE(replay({write_lines("left", mixed, "/wrong")}, "never"));
  EXPECT_EQ(ask("data", "select n from quality where source is null"), "2");
  ASSERT_TRUE(purge("data", "/wrong"));
  EXPECT_EQ(ask("data", "select n from quality where source is null"), "1");
  expect_same("data", "never");
}

TEST_F(PurgeTest, a_source_that_is_not_there_is_named_with_one_like_it) {
  ASSERT_TRUE(replay({write_lines("a", days_of("/shop/import", 5, 1))}, "data"));
  EXPECT_NE(refusal("data", "/shop/imprt").find("did you mean /shop/import?"), std::string::npos);
  EXPECT_NE(refusal("data", "else").find("there is /shop/import"), std::string::npos);
  EXPECT_NE(refusal("data", "it's").find("'it's'"), std::string::npos);
}

TEST_F(PurgeTest, a_file_that_is_needed_and_missing_is_looked_for) {
  const auto mixed = together(days_of("/shop", 20, 1), days_of("/wrong", 20, 2), 3);
  const auto file = write_lines("mixed", mixed);
  ASSERT_TRUE(replay({file}, "data"));
  fs::create_directories(path("elsewhere/deep"));
  fs::rename(file, path("elsewhere/deep/renamed"));
  EXPECT_NE(refusal("data", "/wrong").find(file + ": is missing or has changed"),
            std::string::npos);
  write_lines("mixed", mixed, "/shop");  // another one of that name
  EXPECT_NE(refusal("data", "/wrong").find("is missing or has changed"), std::string::npos);
  EXPECT_NE(refusal("data", "/wrong", path("nowhere")).find("--files"), std::string::npos);
  ASSERT_TRUE(purge("data", "/wrong", path("elsewhere")));
  ASSERT_TRUE(replay({write_lines("left", mixed, "/wrong")}, "never"));
  expect_same("data", "never");
  // Where it was found is where it is looked for the next time.
  ASSERT_TRUE(purge("data", "/shop"));
}

TEST_F(PurgeTest, a_file_that_has_changed_behind_its_first_mebibyte_is_found_out_on_the_way) {
  auto lines = together(days_of("/shop", 2'500, 1), days_of("/wrong", 2'500, 2), 3);
  const auto file = write_lines("big", lines);
  ASSERT_GT(fs::file_size(file), 2U << 20);
  ASSERT_TRUE(replay({file}, "data"));
  std::swap(lines[lines.size() - 1].text, lines[lines.size() - 2].text);
  write_lines("big", lines);
  EXPECT_NE(refusal("data", "/wrong").find("has changed since it was replayed"), std::string::npos);
  // A look ahead finds it before anything is done.
  const auto look = Purge::prepare({.data = path("data"), .source = "/wrong", .checks_whole = true},
                                   configuration_);
  ASSERT_FALSE(look);
  EXPECT_NE(look.error().message.find("has changed since"), std::string::npos);
}

TEST_F(PurgeTest, what_came_through_a_pipe_cannot_be_counted_again) {
  ASSERT_TRUE(replay({write_lines("a", days_of("/wrong", 5, 1))}, "data"));
  const std::string pipe = path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const pid_t writer = fork();
  if (writer == 0) {
    std::ofstream(pipe) << line("/shop", "1", "order.paid", 5, R"({"order_id":"o"})").text;
    _exit(0);
  }
  ASSERT_TRUE(replay({pipe}, "data"));
  waitpid(writer, nullptr, 0);
  EXPECT_NE(refusal("data", "/wrong").find("through a pipe"), std::string::npos);
}

/// A server on one thread, at times of its own, on the folder `data`.
class PurgeServer {
 public:
  PurgeServer(std::string data, const Configuration& configuration)
      : data_(std::move(data)), configuration_(configuration) {}

  /// Starts, sends each message, with a tick behind it, and stops; `without`: these lines are not
  /// sent, and neither is a message that has no others.
  base::Result<void> serve(const std::vector<std::vector<Line>>& messages,
                           const std::string& without, bool is_killed = false) {
    PURVEY_TRY(start());
    for (const auto& message : messages) {
      now_ = now_ + std::chrono::seconds(1);
      PURVEY_TRY(send(message, without));
      PURVEY_TRY(take({}, now_));
    }
    if (!is_killed) PURVEY_TRY(stop());
    engine_.reset();
    return {};
  }

  void sleep(base::Micros time) { now_ = now_ + time; }

  /// Starts, retries or discards open dead letters of an id, and stops.
  base::Result<void> operate(OperatorVerb verb, const std::string& id) {
    now_ = now_ + std::chrono::seconds(1);
    PURVEY_TRY(start());
    PURVEY_TRY(act(verb, id));
    PURVEY_TRY(stop());
    engine_.reset();
    return {};
  }

 private:
  base::Result<void> start() {
    engine_ = PURVEY_TRY(FlowEngine::open({.data = data_,
                                           .segment_bytes = 20'000,
                                           .keep_journal = true,
                                           .now = now_,
                                           .new_key = event::Pseudonymizer::published_key},
                                          configuration_));
    return engine_->recover();
  }
  base::Result<void> stop() {
    PURVEY_TRY(engine_->write_stop(now_, count_));
    const auto results = PURVEY_TRY(engine_->prepare_commit(now_));
    return engine_->write(results);
  }

  static void decode(std::string text, event::JsonDecoder& decoder, event::EventBatch& batch) {
    const size_t size = text.size();
    text.append(64, ' ');  // which decoding may read
    decoder.decode(std::string_view(text).substr(0, size), batch);
  }

  base::Result<void> send(const std::vector<Line>& message, const std::string& without) {
    event::JsonDecoder decoder(engine_->names(), engine_->people(), engine_->base_currency());
    const auto batch = std::make_shared<event::EventBatch>();
    for (const Line& line : message) {
      if (line.source != without) decode(line.text, decoder, *batch);
    }
    if (batch->rows.empty()) return {};
    FlowEngine::Submitted submitted;
    submitted.body = PURVEY_TRY(engine_->pack(*batch));
    submitted.batch = batch;
    return take(std::move(submitted), std::nullopt);
  }

  base::Result<void> act(OperatorVerb verb, const std::string& id) {
    RowCollector rows;
    const auto questions = PURVEY_TRY(engine_->questions());
    PURVEY_TRY(questions->query(
        "select seq, raw from dead_letters where state = 'open' and id = '" + id + "' order by seq",
        {}, rows));
    const auto command = std::make_shared<OperatorCommand>();
    command->verb = verb;
    if (verb == OperatorVerb::kRetry) command->events = std::make_shared<event::EventBatch>();
    event::JsonDecoder again(engine_->names(),
                             engine_->people(event::Pseudonymizer::Pseudonyms::kKept),
                             engine_->base_currency());
    for (const Row& row : rows.take()) {
      command->letters.push_back(std::stoll(row[0].value()));
      if (command->events) decode(row[1].value(), again, *command->events);
    }
    if (command->letters.empty()) return base::not_found("no open dead letter of " + id);
    FlowEngine::Submitted submitted;
    submitted.body = PURVEY_TRY(engine_->pack(*command));
    submitted.command = command;
    return take(std::move(submitted), std::nullopt);
  }

  base::Result<void> take(std::optional<FlowEngine::Submitted> one,
                          std::optional<base::EventTime> tick) {
    std::vector<FlowEngine::Submitted> all;
    if (one) {
      one->done = [](const base::Result<void>&) {};
      one->received = now_;
      all.push_back(*std::move(one));
    }
    return engine_->write_journal(std::move(all), tick, count_);
  }

  const std::string data_;
  const Configuration& configuration_;
  base::EventTime now_{kStart};
  std::unique_ptr<FlowEngine> engine_;
  const FlowEngine::PassOn count_ = [this](const FlowEngine::Journaled& one) {
    engine_->count(one);
  };

  static constexpr int64_t kStart = 1'767'225'600'000'000 + 4 * int64_t{86'400'000'000};
};

TEST_F(PurgeTest, replays_a_server_and_its_dead_letters_go_on_in_their_order_without_it) {
  for (const bool is_oracle : {false, true}) {
    const std::string data = is_oracle ? "never" : "data";
    const std::string without = is_oracle ? "/wrong" : "";
    const auto files = [&](const std::string& name, const std::vector<Line>& lines) {
      return write_lines(data + name, lines, without);
    };
    const auto messages = [&](uint32_t seed) {
      const auto lines =
          together(days_of("/shop", 60, seed), days_of("/wrong", 60, seed + 1), seed);
      std::vector<std::vector<Line>> all;
      for (size_t at = 0; at < lines.size(); at += 1 + at % 7) {
        const size_t end = std::min(lines.size(), at + 1 + at % 7);
        all.emplace_back(lines.begin() + static_cast<ptrdiff_t>(at),
                         lines.begin() + static_cast<ptrdiff_t>(end));
      }
      return all;
    };
    // Impossible stock is in `l...`: those of files and of messages are retried and discarded.
    const auto impossible = [&](const std::string& source, const std::string& id) {
      return line(source, id, "stock.level", 500, R"({"sku":"s","warehouse":"w","on_hand":-1})");
    };
    auto first = together(days_of("/shop", 40, 11), days_of("/wrong", 40, 12), 13);
    for (const char* const source : {"/wrong", "/shop"})
      first.push_back(impossible(source, "bad1"));
    auto second = together(days_of("/erp", 40, 14), days_of("/wrong", 40, 15), 16);
    second.push_back(impossible("/erp", "bad2"));
    PurgeServer server(path(data), configuration_);
    const auto done = [&]() -> base::Result<void> {
      PURVEY_TRY(replay({files("1", first), files("2", second)}, data));
      PURVEY_TRY(server.serve(messages(20), without));
      PURVEY_TRY(server.operate(OperatorVerb::kDiscard, "bad1"));
      PURVEY_TRY(replay({files("3", days_of("/erp", 30, 17))}, data));
      PURVEY_TRY(
          server.serve({{impossible("/wrong", "bad3"), impossible("/shop", "bad3")}}, without));
      server.sleep(std::chrono::hours(20 * 24));
      PURVEY_TRY(server.serve(messages(30), without, true));
      PURVEY_TRY(server.operate(OperatorVerb::kRetry, "bad2"));
      PURVEY_TRY(server.operate(OperatorVerb::kDiscard, "bad3"));
      return {};
    }();
    ASSERT_TRUE(done) << data << ": " << done.error().message;
  }
  const std::string before = ask("never", "select count(*), max(letter) from dead_letter_step");
  ASSERT_NE(ask("data", "select count(*), max(letter) from dead_letter_step"), before);
  const auto done = purge("data", "/wrong");
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(ask("data", "select count(*), max(letter) from dead_letter_step"), before);
  expect_same("data", "never");
  // Rows are as old as they were: of the replays' day and of the server's days.
  std::set<int32_t> days;
  {
    const auto store = store::depot::Store::open({.folder = path("data"), .read_only = true});
    for (const store::Part& part : (*store)->parts()) days.insert(part.stored_to);
  }
  constexpr int32_t kFirstDay = kStart / 86'400'000'000;
  EXPECT_EQ(days, (std::set<int32_t>{kFirstDay + 4, kFirstDay + 24, kFirstDay + 400}));
  // And it goes on: another source is purged from both, and the server takes in more.
  for (const char* const data : {"data", "never"}) {
    const auto more = purge(data, "/erp");
    ASSERT_TRUE(more) << data << ": " << more.error().message;
  }
  expect_same("data", "never");
}

TEST_F(PurgeTest, a_journal_without_its_beginning_is_refused) {
  std::vector<std::vector<Line>> messages;
  for (const Line& one : days_of("/wrong", 100, 1)) messages.push_back({one});
  PurgeServer server(path("data"), configuration_);
  ASSERT_TRUE(server.serve(messages, ""));
  const std::string first = path("data/journal/segment-000000000001.db");
  ASSERT_TRUE(fs::remove(first));
  EXPECT_NE(refusal("data", "/wrong").find("record 1 was dropped"), std::string::npos);
  fs::remove_all(path("data/journal"));
  EXPECT_NE(refusal("data", "/wrong").find("bring it back"), std::string::npos);
}

TEST_F(PurgeTest, a_disk_that_takes_no_more_leaves_the_old_folder) {
  const auto file =
      write_lines("mixed", together(days_of("/shop", 30, 1), days_of("/wrong", 30, 2), 3));
  ASSERT_TRUE(replay({file}, "data"));
  const std::string old = digest("data");
  for (const rlim_t bytes : {rlim_t{0}, rlim_t{4096}, rlim_t{20'000}, rlim_t{50'000}}) {
    SCOPED_TRACE(bytes);
    const pid_t child = fork();
    if (child == 0) {
      std::signal(SIGXFSZ, SIG_IGN);
      const auto ready = Purge::prepare({.data = path("data"), .source = "/wrong"}, configuration_);
      const rlimit limit{bytes, RLIM_INFINITY};
      setrlimit(RLIMIT_FSIZE, &limit);  // no file grows beyond
      const auto done = (*ready)->run({});
      _exit(!done && done.error().code == base::ErrorCode::kUnavailable ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_FALSE(fs::exists(path("data/rebuild.new")));
    EXPECT_EQ(digest("data"), old);
  }
  EXPECT_TRUE(purge("data", "/wrong"));
}

TEST_F(PurgeTest, a_kill_at_any_point_leaves_the_old_folder_or_the_new_one) {
  const auto mixed = together(days_of("/shop", 30, 1), days_of("/wrong", 30, 2), 3);
  const auto file = write_lines("mixed", mixed);
  ASSERT_TRUE(replay({write_lines("left", mixed, "/wrong")}, "never"));
  const std::string never = digest("never");
  for (const char* const point :
       {"after_part", "before_commit", "after_commit_before_rename", "between_renames:3",
        "rebuilt_before_rename", "rebuilt_after_rename", "rebuilt_while_moving:2",
        "rebuilt_with_its_ledger"}) {
    SCOPED_TRACE(point);
    fs::remove_all(path("data"));
    ASSERT_TRUE(replay({file}, "data"));
    const std::string old = digest("data");
    const pid_t child = fork();
    if (child == 0) {
      setenv("PURVEY_CRASH_AT", point, 1);
      _exit(purge("data", "/wrong") ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "was not reached";
    const bool is_new =
        std::string(point).starts_with("rebuilt_") && std::string(point) != "rebuilt_before_rename";
    EXPECT_EQ(digest("data"), is_new ? never : old);
    ASSERT_TRUE(is_new || purge("data", "/wrong"));
    expect_same("data", "never");
  }
}

}  // namespace
}  // namespace purvey::app
