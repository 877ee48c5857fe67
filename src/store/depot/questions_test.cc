#include "store/depot/questions.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <limits>
#include <stop_token>
#include <thread>
#include <vector>

#include "store/depot/facts_fixture.h"
#include "store/result/writers.h"

namespace purvey::store::depot {
namespace {

/// Asks for the end of a question as soon as its first rows come.
class StopsWhatItHears final : public ResultSink {
 public:
  explicit StopsWhatItHears(std::stop_source& stop) : stop_(stop) {}
  base::Result<void> begin(std::span<const ResultColumn>) override { return {}; }
  base::Result<void> rows(const ResultChunk&) override {
    stop_.request_stop();
    return {};
  }

 private:
  std::stop_source& stop_;
};

class QuestionsTest : public FactsFixture {
 protected:
  void SetUp() override {
    FactsFixture::SetUp();
    questions_ = store().questions().value();
  }
  void TearDown() override { questions_.reset(); }

  base::Result<std::string> answer(std::string_view sql, const QueryLimits& limits = {}) {
    std::string text;
    const auto writer = result::make_csv_writer([&](std::string_view bytes) {
      text.append(bytes);
      return base::Result<void>();
    });
    PURVEY_TRY(questions_->query(sql, limits, *writer));
    PURVEY_TRY(writer->finish());
    std::erase(text, '\r');
    return text.substr(text.find('\n') + 1);
  }

  std::unique_ptr<Questions> questions_;
};

TEST_F(QuestionsTest, they_show_the_last_commit_and_not_what_waits) {
  EXPECT_EQ(answer("SELECT count(*) FROM orders"), "0\n");
  place(1, "a", "2026-01-01T10:00:00Z", "P:2:10");
  EXPECT_EQ(answer("SELECT count(*) FROM orders"), "0\n");
  commit_all();
  EXPECT_EQ(answer("SELECT order_id, status FROM orders"), "a,placed\n");
  reopen();
  questions_ = store().questions().value();
  EXPECT_EQ(answer("SELECT order_id FROM orders"), "a\n");
}

TEST_F(QuestionsTest, many_threads_ask_while_commits_go_on_and_each_sees_whole_commits) {
  constexpr int kCommits = 20;
  std::atomic<bool> done{false};
  std::atomic<int> asked{0};
  std::vector<std::thread> askers;
  for (int i = 0; i < 3; ++i) {
    askers.emplace_back([&] {
      while (!done) {
        // Each commit adds a head and three steps: together, or not at all.
        EXPECT_EQ(answer("SELECT (SELECT count(*) FROM order_head) * 3 = (SELECT count(*) FROM "
                         "order_step)")
                      .value_or("failed"),
                  "true\n");
        ++asked;
      }
    });
  }
  int64_t seq = 1;
  for (int i = 0; i < kCommits; ++i) {
    const std::string order = std::to_string(i);
    place(seq++, order, "2026-01-01T10:00:00Z", "P:2:10");
    for (const char* name : {"paid", "packed", "shipped"}) {
      step({.seq = seq++, .order = order, .step = name, .at = "2026-01-02T00:00:00Z"});
    }
    commit_all();
  }
  while (asked < 3) std::this_thread::yield();
  done = true;
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(answer("SELECT count(*) FROM orders"), "20\n");
}

TEST_F(QuestionsTest, a_long_one_ends_when_it_is_stopped_or_its_time_is_up) {
  constexpr std::string_view kLong =
      "SELECT a.range + b.range FROM range(1000000) a, range(1000000) b";
  std::stop_source stop;
  StopsWhatItHears sink(stop);
  const auto stopped = questions_->query(kLong,
                                         {.time = std::chrono::hours(1),
                                          .rows = std::numeric_limits<uint64_t>::max(),
                                          .stop = stop.get_token()},
                                         sink);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, base::ErrorCode::kCancelled);
  const auto late =
      answer("SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = 7",
             {.time = std::chrono::milliseconds(100)});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, base::ErrorCode::kExhausted);
}

TEST_F(QuestionsTest, they_change_nothing_and_read_no_other_file) {
  for (const char* sql :
       {"CREATE TABLE t (a INT)", "DROP VIEW orders", "SET threads = 4",
        "COPY (SELECT 1) TO '/tmp/x.csv'", "ATTACH '/tmp/x.db'", "SELECT 1; SELECT 2",
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/hostname')", ""}) {
    const auto refused = answer(sql);
    ASSERT_FALSE(refused) << sql;
    EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalidInput)
        << sql << refused.error().message;
  }
}

TEST_F(QuestionsTest, a_folder_says_where_it_can_be_asked_while_its_process_lives) {
  EXPECT_EQ(FolderLock::announced(folder()), std::nullopt);
  const Announcement here{.url = "https://127.0.0.1:8080", .certificate = "/c.pem"};
  ASSERT_TRUE(store().announce(here));
  EXPECT_EQ(FolderLock::announced(folder()), here);
  const auto second = Store::open(options());
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find(std::to_string(getpid()) + " is using"), std::string::npos)
      << second.error().message;
  store_.reset();
  EXPECT_EQ(FolderLock::announced(folder()), std::nullopt);
}

}  // namespace
}  // namespace purvey::store::depot
