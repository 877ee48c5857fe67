#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "base/file.h"
#include "store/depot/facts_fixture.h"
#include "store/result/writers.h"

namespace purvey::store::depot {
namespace {

namespace fs = std::filesystem;

/// A data folder with one order, to which several processes come at once. Each opens it by itself.
class SharingTest : public FactsFixture {
 protected:
  void SetUp() override {
    FactsFixture::SetUp();
    place(1, "a", "2026-01-01T10:00:00Z", "P:2:10");
    step({.seq = 2, .order = "a", .step = "paid", .at = "2026-01-02T00:00:00Z"});
    commit_all();
    digest_ = store().digest().value();
    store_.reset();
  }

  StoreOptions only_questions() const {
    auto asking = options();
    asking.read_only = true;
    return asking;
  }
  void expect_right_answers() {
    auto opened = Store::open(only_questions());
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    EXPECT_EQ(ask("SELECT order_id, status FROM orders"), "a,paid\n");
    EXPECT_EQ(store().digest().value(), digest_);
    store_.reset();
  }
  /// What another process is told that wants to open the folder.
  void expect_refusal(const StoreOptions& wanted, const std::string& message) {
    const int status = run_child([&] {
      const auto opened = Store::open(wanted);
      ASSERT_FALSE(opened);
      EXPECT_EQ(opened.error().code, base::ErrorCode::kConflict);
      EXPECT_EQ(opened.error().message, message);
    });
    EXPECT_EQ(status, 0);
  }
  /// Lets `count` processes do it at the same instant.
  static void at_once(size_t count, const std::function<void()>& work) {
    int gate[2];
    ASSERT_EQ(pipe(gate), 0);
    std::vector<pid_t> children;
    for (size_t i = 0; i < count; ++i) {
      children.push_back(start_child([&] {
        close(gate[1]);
        char nothing = 0;
        EXPECT_EQ(read(gate[0], &nothing, 1), 0);  // until the gate is opened by closing it
        work();
      }));
    }
    close(gate[0]);
    close(gate[1]);
    for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder())) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string digest_;
};

TEST_F(SharingTest, a_question_is_answered_while_another_has_the_folder_open) {
  store_ = Store::open(only_questions()).value();
  EXPECT_EQ(ask("SELECT status FROM orders"), "paid\n");
  EXPECT_EQ(run_child([this] { expect_right_answers(); }), 0);
  EXPECT_EQ(ask("SELECT count(*) FROM order_line"), "1\n");
}

TEST_F(SharingTest, eight_ask_at_the_same_instant) {
  at_once(8, [this] { expect_right_answers(); });
}

TEST_F(SharingTest, eight_ask_at_the_same_instant_without_a_projection) {
  for (const char* name : {"/facts.duckdb", "/facts.key", "/lock"}) fs::remove(folder() + name);
  at_once(8, [this] { expect_right_answers(); });
  EXPECT_EQ(files(), (std::vector<std::string>{"archive", "checkpoint", "lock", "state.db"}))
      << "a question left something behind";
}

TEST_F(SharingTest, of_eight_that_find_the_projection_damaged_one_sets_it_aside) {
  flip_byte(folder() + "/facts.duckdb", 5000);
  at_once(8, [this] { expect_right_answers(); });
  EXPECT_FALSE(fs::exists(folder() + "/facts.duckdb"));
  EXPECT_TRUE(fs::exists(folder() + "/facts.duckdb.corrupt-1"));
  EXPECT_FALSE(fs::exists(folder() + "/facts.duckdb.corrupt-2"));
}

TEST_F(SharingTest, a_projection_of_other_views_is_left_to_who_commits) {
  const std::string before = base::read_file(folder() + "/facts.key", 1 << 20).value();
  auto zoned = only_questions();
  zoned.timezone = "Asia/Shanghai";
  store_ = Store::open(zoned).value();
  EXPECT_EQ(ask("SELECT day FROM daily_sales"), "2026-01-01\n");
  EXPECT_FALSE(refusal("SELECT * FROM read_text('/proc/version')").message.empty());
  EXPECT_FALSE(refusal("CREATE TABLE t (a INTEGER)").message.empty());
  EXPECT_EQ(base::read_file(folder() + "/facts.key", 1 << 20).value(), before);
}

TEST_F(SharingTest, eight_finish_what_a_crash_left) {
  const auto crashed = run_child([this] {
    setenv("PURVEY_CRASH_AT", "after_commit_before_rename", 1);
    store_ = open();
    for (int month = 1; month <= 9; ++month) {
      const std::string at = "2025-0" + std::to_string(month) + "-01T00:00:00Z";
      step({.seq = 2 + month, .order = "b", .step = "paid", .at = at});
    }
    next_seq_ = 12;
    commit_all();
  });
  ASSERT_NE(crashed, 0);
  const std::string part = folder() + "/archive/order_step/month=2025-09/";
  ASSERT_TRUE(fs::exists(part + ".part-11-11.parquet"));
  at_once(8, [this] {
    store_ = Store::open(only_questions()).value();
    EXPECT_EQ(ask("SELECT count(*) FROM order_step"), "10\n");
    EXPECT_TRUE(store().verify());
  });
  EXPECT_TRUE(fs::exists(part + "part-11-11.parquet"));
  EXPECT_FALSE(fs::exists(part + ".part-11-11.parquet"));
}

TEST_F(SharingTest, who_commits_keeps_everybody_out_and_is_named) {
  const auto committing = open();
  const std::string message =
      folder() + ": process " + std::to_string(getpid()) +
      " is using this data folder; wait for it or stop it, or give another --data";
  expect_refusal(only_questions(), message);
  expect_refusal(options(), message);
}

TEST_F(SharingTest, questions_keep_out_who_would_commit) {
  const auto asking = Store::open(only_questions()).value();
  expect_refusal(options(), folder() +
                                ": questions are running on this data folder; wait for their "
                                "answers, or give another --data");
  EXPECT_EQ(run_child([this] { expect_right_answers(); }), 0) << "a refusal left a lock";
}

TEST_F(SharingTest, a_question_leaves_parts_that_are_not_committed_to_who_commits) {
  const std::string hidden = folder() + "/archive/order_step/month=2026-01/.part-9-9.parquet";
  ASSERT_TRUE(base::write_file(hidden, "half a part"));
  expect_right_answers();
  EXPECT_TRUE(fs::exists(hidden));
  open();
  EXPECT_FALSE(fs::exists(hidden));
}

TEST_F(SharingTest, a_large_question_leaves_nothing_on_disk_and_what_a_killed_one_left_goes) {
  const auto before = files();
  store_ = Store::open(only_questions()).value();
  const QueryLimits little{.memory_mb = 64};
  const auto writer =
      result::make_csv_writer([](std::string_view) -> base::Result<void> { return {}; });
  const auto end = store().query(
      "SELECT count(*) FROM (SELECT range, hash(range)::VARCHAR AS name FROM range(4000000) "
      "ORDER BY name, range OFFSET 10)",
      little, *writer);
  EXPECT_TRUE(end) << end.error().message;
  store_.reset();
  EXPECT_EQ(files(), before);

  fs::create_directory(folder() + "/facts.tmp-killed");
  expect_right_answers();
  EXPECT_TRUE(fs::exists(folder() + "/facts.tmp-killed")) << "it may be in use";
  open();
  EXPECT_FALSE(fs::exists(folder() + "/facts.tmp-killed"));
}

}  // namespace
}  // namespace purvey::store::depot
