#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <vector>

#include "base/file.h"
#include "store/depot/disk_ceiling.h"
#include "store/depot/upkeep_fixture.h"

namespace purvey::store::depot {
namespace {

class UpkeepRetentionTest : public UpkeepFixture {
 protected:
  void SetUp() override {
    retention_ = {.kpi_minute_days = 14, .archive_days = 400, .dead_letter_days = 30};
    UpkeepFixture::SetUp();
  }
  /// That which the folder has reached just now.
  void set_ceiling(Retention retention) {
    upkeep_.reset();
    retention_ = retention;
    retention_.disk_bytes = folder_bytes(folder(), base::Disk::system());
    open_upkeep();
  }
  void put_letter(const std::string& id, const std::string& raw = "{") {
    put(TableId::kDeadLetter, {{"seq", std::to_string(next_seq_++)},
                               {"received", "2026-02-01T00:00:00Z"},
                               {"id", id},
                               {"verdict", "rejected"},
                               {"raw", raw}});
  }
  /// Some 150 kB in the archive.
  void put_large_letter(int id) {
    std::mt19937 random(static_cast<unsigned>(id));
    std::string raw;
    while (raw.size() < 300'000) raw += fmt::format("{:08x}", random());
    put_letter(std::to_string(id), raw);
  }
  uint64_t letters() {
    uint64_t rows = 0;
    for (const Part& part : store().parts()) {
      rows += part.table == TableId::kDeadLetter ? part.rows : 0;
    }
    return rows;
  }
  /// As in a server, where the journal's thread looks about once a second.
  void tidy_up_for_seconds(int seconds) {
    for (int i = 0; i < seconds; i += 2) {
      second_ += 2;
      let_journal_go();
      tidy_up();
    }
  }
  void let_journal_go() { upkeep_->note_journal_dropped(); }
};

TEST_F(UpkeepRetentionTest, minutes_go_after_two_weeks_and_hours_stay) {
  for (int minute = 0; minute < 8; ++minute) commit_minute(minute);
  day_ += 14;
  tidy_up();
  EXPECT_EQ(ask("SELECT count(*) FROM kpi"), "8\n");
  EXPECT_EQ(ask("SELECT * FROM dropped"), "");
  ++day_;
  commit_minute(8);  // of an hour
  commit_minute(9);
  tidy_up();
  EXPECT_EQ(ask("SELECT n FROM kpi ORDER BY n"), "0\n4\n8\n9\n");
  EXPECT_EQ(ask("SELECT \"table\", cause, rows, stored_to FROM dropped"),
            "kpi,kpi_minute,6,2026-02-16\n");
  EXPECT_EQ(upkeep_->report().rows_dropped.at("kpi_minute"), 6U);
  EXPECT_NE(told_.find("6 rows of kpi, stored until 2026-02-16, are dropped ([retention] "
                       "kpi_minute)"),
            std::string::npos)
      << told_;
  // And once only.
  const auto merges = upkeep_->report().merges;
  reopen_all();
  tidy_up();
  EXPECT_EQ(upkeep_->report().merges, 0U) << merges;
  EXPECT_EQ(ask("SELECT count(*) FROM order_step"), "20\n");
}

TEST_F(UpkeepRetentionTest, a_kpi_part_of_minutes_alone_goes_whole) {
  for (const int minute : {1, 2, 3}) commit_minute(minute);
  day_ += 15;
  tidy_up();
  EXPECT_EQ(ask("SELECT count(*) FROM kpi"), "0\n");
  EXPECT_TRUE(store().verify());
  const auto manifest = base::read_file(folder() + "/archive/kpi/manifest.json", 1 << 20);
  EXPECT_EQ(manifest->find(".parquet"), std::string::npos) << *manifest;
}

TEST_F(UpkeepRetentionTest, rows_count_from_the_day_they_were_stored) {
  commit_minute(0);  // all are of January 2026; the wall says later
  day_ += 300;
  commit_minute(1);
  put_letter("young");
  commit_minute(2);
  day_ += 101;
  tidy_up();
  // Of the first day all is gone but the quality report; of the others the minutes and the letter.
  EXPECT_EQ(ask("SELECT count(*) FROM order_step"), "4\n");
  EXPECT_EQ(ask("SELECT count(*) FROM dead_letter"), "0\n");
  EXPECT_EQ(ask("SELECT sum(n) FROM quality"), "6\n");
  EXPECT_EQ(ask("SELECT \"table\", cause, rows FROM dropped ORDER BY ALL"),
            "dead_letter,dead_letters,1\nkpi,archive,1\nkpi,kpi_minute,2\norder_line,archive,1\n"
            "order_step,archive,2\n");
  EXPECT_EQ(store().next_seq(), next_seq_);
  EXPECT_EQ(files(), store().parts().size());
}

TEST_F(UpkeepRetentionTest, what_no_server_has_stored_has_no_age) {
  step({.seq = next_seq_++, .order = "a", .step = "paid", .at = "2020-01-01T00:00:00Z"});
  commit_all();  // as a replay does
  day_ += 1'000;
  tidy_up();
  EXPECT_EQ(ask("SELECT count(*) FROM order_step"), "1\n");
  commit_minute(0);
  day_ += 401;
  tidy_up();
  EXPECT_EQ(ask("SELECT count(*) FROM order_step"), "0\n");
}

TEST_F(UpkeepRetentionTest, the_digest_says_nothing_of_when_rows_were_dropped) {
  for (const int minute : {1, 2, 3, 4}) commit_minute(minute);
  put_letter("a");
  commit_minute(5);
  day_ += 31;
  tidy_up();
  const std::string digest = *store().digest();
  // The same rows without a word of what is gone.
  upkeep_.reset();
  store_.reset();
  std::filesystem::remove_all(folder());
  store_ = open();
  next_seq_ = 1;
  retention_ = {};
  open_upkeep();
  for (const int minute : {1, 2, 3, 4, 5}) commit_minute(minute);
  const std::string whole = *store().digest();
  EXPECT_NE(whole, digest);  // minutes of KPIs are part of the results
  retention_ = {.kpi_minute_days = 14};
  day_ += 15;
  reopen_all();
  tidy_up();
  EXPECT_EQ(*store().digest(), digest);
}

TEST_F(UpkeepRetentionTest, at_the_ceiling_events_are_refused_until_there_is_room) {
  for (int minute = 0; minute < 8; ++minute) commit_minute(minute);
  set_ceiling({});
  EXPECT_TRUE(upkeep_->is_at_ceiling());
  ASSERT_TRUE(upkeep_->refusal());
  EXPECT_NE(upkeep_->refusal()->find("[retention] disk"), std::string::npos);
  EXPECT_EQ(upkeep_->report().folder_bytes, retention_.disk_bytes);
  const std::string rows = all_rows();
  for (int i = 0; i < 20; ++i, second_ += 2) tidy_up();
  EXPECT_EQ(all_rows(), rows);
  retention_.disk_bytes *= 2;
  reopen_all();
  EXPECT_FALSE(upkeep_->refusal());
}

TEST_F(UpkeepRetentionTest, at_the_ceiling_what_was_stored_first_goes_if_that_is_wanted) {
  for (int minute = 0; minute < 4; ++minute, ++day_) commit_minute(minute);
  commit_minute(4);
  set_ceiling({.drops_oldest = true});
  EXPECT_TRUE(upkeep_->is_at_ceiling());
  EXPECT_FALSE(upkeep_->refusal());  // the journal first
  EXPECT_EQ(ask("SELECT count(*) FROM order_step"), "10\n");
  for (int i = 0; i < 20 && upkeep_->is_at_ceiling(); ++i) {
    second_ += 2;
    let_journal_go();
    tidy_up();
  }
  EXPECT_NE(ask("SELECT count(*) FROM order_step WHERE seq > 20"), "0\n");
  EXPECT_NE(ask("SELECT count(*) FROM dropped WHERE cause = 'disk'"), "0\n");
  EXPECT_EQ(ask("SELECT sum(n) FROM quality"), "10\n");
  EXPECT_EQ(files(), store().parts().size());
}

TEST_F(UpkeepRetentionTest, what_a_question_still_reads_makes_nothing_more_go) {
  for (int day = 0; day < 8; ++day, ++day_) {
    put_large_letter(day);
    commit_minute(day);
  }
  set_ceiling({.drops_oldest = true});
  const auto questions = *store().questions();
  MeanwhileSink sink([&] { tidy_up_for_seconds(60); });
  ASSERT_TRUE(questions->query("SELECT count(*) FROM dead_letter", {}, sink));
  // A tenth of eight goes with the first.
  EXPECT_EQ(letters(), 7U);
  EXPECT_FALSE(upkeep_->is_at_ceiling());
  EXPECT_FALSE(upkeep_->refusal());
}

TEST_F(UpkeepRetentionTest, no_part_goes_before_the_journal_had_its_turn) {
  for (int minute = 0; minute < 4; ++minute, ++day_) commit_minute(minute);
  commit_minute(4);
  set_ceiling({.drops_oldest = true});
  for (int i = 0; i < 20; ++i, second_ += 2) tidy_up();
  EXPECT_EQ(ask("SELECT count(*) FROM order_step"), "10\n");
  EXPECT_TRUE(upkeep_->is_at_ceiling());
  EXPECT_FALSE(upkeep_->refusal());
  tidy_up_for_seconds(2);
  EXPECT_NE(ask("SELECT count(*) FROM order_step"), "10\n");
}

TEST_F(UpkeepRetentionTest, what_passes_is_not_counted) {
  commit_minute(0);
  const uint64_t before = folder_bytes(folder(), base::Disk::system());
  for (const char* const name : {"/facts.tmp-abcdef", "/rebuild.new"}) {
    std::filesystem::create_directory(folder() + name);
    ASSERT_TRUE(base::write_file(folder() + name + "/a", std::string(1'000, 'a')));
  }
  EXPECT_EQ(folder_bytes(folder(), base::Disk::system()), before);
}

TEST_F(UpkeepRetentionTest, a_damaged_part_keeps_no_other_from_being_thinned) {
  for (const int minute : {1, 2, 3}) {
    commit_minute(minute);
    ++day_;
  }
  const auto parts = store().parts();
  const auto damaged = std::find_if(parts.begin(), parts.end(),
                                    [](const Part& part) { return part.table == TableId::kKpi; });
  flip_byte(folder() + "/archive/" + damaged->path(), 40);
  day_ += 15;
  tidy_up();
  std::vector<Part> left = store().parts();
  std::erase_if(left, [](const Part& part) { return part.table != TableId::kKpi; });
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left.front().path(), damaged->path());
  EXPECT_EQ(upkeep_->report().failures, 1U);
}

TEST_F(UpkeepRetentionTest, a_folder_that_may_not_be_looked_into_is_not_counted) {
  commit_minute(0);
  const uint64_t before = folder_bytes(folder(), base::Disk::system());
  const std::string locked = folder() + "/lost+found";
  std::filesystem::create_directory(locked);
  ASSERT_TRUE(base::write_file(locked + "/a", std::string(1'000, 'a')));
  EXPECT_EQ(folder_bytes(folder(), base::Disk::system()), before + 1'000);
  const int status = run_child([&] {
    std::filesystem::permissions(locked, std::filesystem::perms::none);
    std::filesystem::permissions(std::filesystem::path(folder()).parent_path(),
                                 std::filesystem::perms::all);
    if (setuid(65'534) != 0) _exit(0);  // nobody to be
    EXPECT_EQ(folder_bytes(folder(), base::Disk::system()), before);
  });
  EXPECT_EQ(status, 0);
  std::filesystem::permissions(locked, std::filesystem::perms::all);
}

/// The upkeep is killed while it drops.
class DropCrashTest : public UpkeepRetentionTest,
                      public ::testing::WithParamInterface<const char*> {};

TEST_P(DropCrashTest, leaves_all_or_nothing_and_no_orphan) {
  for (int minute = 0; minute < 4; ++minute) commit_minute(minute);
  upkeep_.reset();
  store_.reset();
  day_ += 401;
  const int status = run_child([this] {
    setenv("PURVEY_CRASH_AT", GetParam(), 1);
    store_ = open();
    open_upkeep();
    tidy_up();
  });
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << GetParam();
  store_ = open();
  open_upkeep();
  EXPECT_EQ(files(), store().parts().size());
  const std::string steps = ask("SELECT count(*) FROM order_step");
  const std::string told = ask("SELECT rows FROM dropped WHERE \"table\" = 'order_step'");
  EXPECT_TRUE((steps == "8\n" && told.empty()) || (steps == "0\n" && told == "8\n"))
      << steps << told;
  tidy_up();
  EXPECT_EQ(ask("SELECT count(*) FROM order_step"), "0\n");
  EXPECT_EQ(ask("SELECT rows FROM dropped WHERE \"table\" = 'order_step'"), "8\n");
  EXPECT_EQ(ask("SELECT sum(n) FROM quality"), "8\n");
}

INSTANTIATE_TEST_SUITE_P(Points, DropCrashTest,
                         ::testing::Values("before_replacement", "after_replacement"));

}  // namespace
}  // namespace purvey::store::depot
