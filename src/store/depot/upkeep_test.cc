#include <fmt/core.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <utility>

#include "base/file.h"
#include "store/depot/upkeep_fixture.h"
#include "store/result/writers.h"

namespace purvey::store::depot {
namespace {

class UpkeepTest : public UpkeepFixture {};

TEST_F(UpkeepTest, merging_changes_no_row_and_no_digest) {
  for (int minute = 0; minute < 20; ++minute) commit_minute(minute);
  ASSERT_EQ(store().parts().size(), 80U);  // four tables
  const std::string rows = all_rows();
  const std::string digest = *store().digest();
  tidy_up();
  // 20 parts of 1 or 2 rows by fours: 5, of which 4 become one again: 2 of each table.
  EXPECT_EQ(store().parts().size(), 8U);
  EXPECT_EQ(all_rows(), rows);
  EXPECT_EQ(*store().digest(), digest);
  EXPECT_EQ(files(), 8U);
  reopen_all();
  EXPECT_TRUE(store().verify());
  EXPECT_EQ(all_rows(), rows);
  EXPECT_EQ(*store().digest(), digest);
  EXPECT_EQ(told_, "");
}

TEST_F(UpkeepTest, rows_stay_sorted_by_time_and_bounds_hold) {
  for (const int minute : {3, 0, 2, 1}) commit_minute(minute);
  tidy_up();
  for (const Part& part : store().parts()) {
    EXPECT_EQ(part.rows, part.table == TableId::kOrderStep ? 8U : 4U);
    EXPECT_EQ(part.stored_from, 20'500);
    EXPECT_EQ(part.stored_to, 20'500);
    EXPECT_EQ(part.time_from, time_of("2026-01-01T00:00:00Z"));
  }
  EXPECT_EQ(ask("SELECT qty FROM order_step WHERE qty IS NOT NULL"), "0\n1\n2\n3\n");
}

TEST_F(UpkeepTest, a_question_that_began_before_reads_the_parts_of_then) {
  for (int minute = 0; minute < 4; ++minute) commit_minute(minute);
  const auto questions = *store().questions();
  size_t files_meanwhile = 0;
  MeanwhileSink sink([&] {
    tidy_up();
    files_meanwhile = files();
  });
  ASSERT_TRUE(questions->query("SELECT count(*) FROM order_step", {}, sink));
  EXPECT_EQ(store().parts().size(), 4U);
  EXPECT_EQ(files_meanwhile, 20U);  // the merged ones beside those that are still read
  commit_minute(4);
  EXPECT_EQ(files(), 8U);  // four merged, four new
}

TEST_F(UpkeepTest, a_damaged_part_is_left_alone_and_told_of) {
  for (int minute = 0; minute < 4; ++minute) commit_minute(minute);
  const Part damaged = store().parts()[1];
  flip_byte(folder() + "/archive/" + damaged.path(), 40);
  tidy_up();
  EXPECT_NE(told_.find("its bytes are not those that were written"), std::string::npos) << told_;
  EXPECT_EQ(upkeep_->report().failures, 1U);
  EXPECT_EQ(store().parts().size(), 4U + 3U);
  EXPECT_FALSE(store().verify());
  // The others of its table go on.
  commit_minute(4);
  tidy_up();
  const auto& parts = store().parts();
  EXPECT_EQ(std::count_if(parts.begin(), parts.end(),
                          [&](const Part& part) { return part.table == damaged.table; }),
            2);
  EXPECT_EQ(upkeep_->report().failures, 1U);
}

/// Gives readers that find no memory.
class EngineWithoutMemory final : public facts::Engine {
 public:
  base::Result<std::unique_ptr<PartWriter>> part_writer(
      const facts::ParquetOptions& options) const override {
    return duckdb().part_writer(options);
  }
  base::Result<std::unique_ptr<PartReader>> part_reader(
      const facts::ParquetOptions&) const override {
    class Reader final : public PartReader {
     public:
      base::Result<void> read(const Part&, const std::string&, size_t, RowBuffer&) override {
        throw std::bad_alloc();
      }
    };
    return std::make_unique<Reader>();
  }
  base::Result<std::unique_ptr<facts::Facts>> facts(
      const facts::FactsOptions& options) const override {
    return duckdb().facts(options);
  }
};

TEST_F(UpkeepTest, an_exception_behind_ends_the_rewrite_and_nothing_else) {
  const EngineWithoutMemory engine;
  upkeep_.reset();
  store_.reset();
  auto options = this->options();
  options.engine = &engine;
  store_ = *Store::open(options);
  open_upkeep();
  for (int minute = 0; minute < 4; ++minute) commit_minute(minute);
  const std::string rows = all_rows();
  tidy_up();
  EXPECT_GT(upkeep_->report().failures, 0U);
  EXPECT_NE(told_.find("bad_alloc"), std::string::npos) << told_;
  EXPECT_EQ(all_rows(), rows);
  EXPECT_EQ(files(), store().parts().size());
  upkeep_.reset();
  store_.reset();  // before the engine
}

TEST_F(UpkeepTest, what_was_not_put_in_place_leaves_no_file) {
  for (int minute = 0; minute < 4; ++minute) commit_minute(minute);
  ASSERT_TRUE(upkeep_->step(now()));
  ASSERT_TRUE(upkeep_->is_busy());
  later_->wait();
  EXPECT_EQ(files(), 17U);
  upkeep_.reset();
  EXPECT_EQ(files(), 16U);
}

TEST_F(UpkeepTest, names_of_parts_that_are_gone_are_not_remembered) {
  for (int minute = 0; minute < 4; ++minute) commit_minute(minute);
  const Part first = store().parts().front();
  tidy_up();
  // Its file is gone, but a start would still remove what has its name.
  EXPECT_NE(*store().take_part_name({&first, 1}), first.name);
  commit_minute(4);
  EXPECT_EQ(*store().take_part_name({&first, 1}), first.name);
}

TEST_F(UpkeepTest, rows_that_go_on_coming_meanwhile_are_kept) {
  for (int minute = 0; minute < 4; ++minute) commit_minute(minute);
  ASSERT_TRUE(upkeep_->step(now()));
  for (int minute = 4; minute < 9; ++minute) commit_minute(minute);
  tidy_up();
  EXPECT_EQ(ask("SELECT count(*), count(DISTINCT seq) FROM order_step"), "18,18\n");
}

/// The upkeep is killed at a point; then the parts are those from before or the new ones.
class UpkeepCrashTest : public UpkeepTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(UpkeepCrashTest, leaves_the_old_or_the_new) {
  for (int minute = 0; minute < 4; ++minute) commit_minute(minute);
  const std::string rows = all_rows();
  const std::string digest = *store().digest();
  upkeep_.reset();
  store_.reset();
  const int status = run_child([this] {
    setenv("PURVEY_CRASH_AT", GetParam(), 1);
    store_ = open();
    open_upkeep();
    tidy_up();
  });
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << GetParam();
  {
    // Who only asks finds either, too.
    auto only = options();
    only.read_only = true;
    const auto asked = Store::open(only);
    ASSERT_TRUE(asked) << asked.error().message;
    EXPECT_EQ(*(*asked)->digest(), digest);
  }
  store_ = open();
  open_upkeep();
  EXPECT_EQ(all_rows(), rows);
  EXPECT_EQ(files(), store().parts().size());
  tidy_up();
  EXPECT_EQ(*store().digest(), digest);
  EXPECT_EQ(store().parts().size(), 4U);
  EXPECT_EQ(files(), 4U);
}

INSTANTIATE_TEST_SUITE_P(Points, UpkeepCrashTest,
                         ::testing::Values("before_replacement", "after_replacement",
                                           "between_renames", "after_replacement:3"));

}  // namespace
}  // namespace purvey::store::depot
