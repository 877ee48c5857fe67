#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "store/depot/store_fixture.h"

namespace purvey::store::depot {
namespace {

namespace fs = std::filesystem;

/// A store with one commit (next_seq 2); a child makes the second (next_seq 10, four parts in four
/// months) and is killed on the way.
class CrashTest : public StoreFixture {
 protected:
  void SetUp() override {
    const auto store = open();
    append_step(*store, 1, "2025-01-01T00:00:00Z");
    const auto done = store->commit({.next_seq = 2, .watermark = {1}, .checkpoint = "first"});
    ASSERT_TRUE(done) << done.error().message;
  }

  static void append_step(Store& store, int64_t seq, std::string_view at) {
    RowBuffer rows(TableId::kOrderStep);
    add_step(rows, {.seq = seq, .order = "a", .step = "paid", .at = at});
    ASSERT_TRUE(store.append(rows));
  }

  void second_commit() const {
    const auto store = open();
    append_step(*store, 2, "2026-01-01T00:00:00Z");
    append_step(*store, 3, "2026-02-01T00:00:00Z");
    append_step(*store, 4, "2026-03-01T00:00:00Z");
    append_step(*store, 5, "2026-04-01T00:00:00Z");
    ASSERT_TRUE(store->commit({.next_seq = 10,
                               .watermark = {2},
                               .files = {{.fingerprint = base::hash128("x"), .name = "x.ndjson"}},
                               .checkpoint = "second"}));
  }

  /// Runs `work` in a process of its own that is killed at that point; gives how it ended.
  static int run_child(const std::string& crash_at, const std::function<void()>& work) {
    return StoreFixture::run_child([&] {
      if (!crash_at.empty()) setenv("PURVEY_CRASH_AT", crash_at.c_str(), 1);
      work();
    });
  }

  void crash(const std::string& point) {
    const int status = run_child(point, [this] { second_commit(); });
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << point << " was not reached";
  }

  /// Opens the store and checks that it is whole, as of the first or of the second commit.
  void expect_state(int64_t next_seq) const {
    const auto store = open();
    EXPECT_EQ(store->next_seq(), next_seq);
    const bool second = next_seq == 10;
    EXPECT_EQ(store->watermark(), base::EventTime{second ? 2 : 1});
    EXPECT_EQ(store->parts().size(), second ? 5U : 1U);
    EXPECT_EQ(store->load_checkpoint().value(), second ? "second" : "first");
    EXPECT_EQ(store->known_fingerprint(base::hash128("x")).value().has_value(), second);
    EXPECT_TRUE(store->verify());
    EXPECT_EQ(files_of_parts(), store->parts().size());
  }

  size_t files_of_parts() const {
    size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder() + "/archive")) {
      files += entry.path().extension() == ".parquet" ? 1 : 0;
    }
    return files;
  }
};

TEST_F(CrashTest, before_the_ledger_has_it_nothing_of_a_commit_is_left) {
  for (const char* point : {"after_part", "after_part:3", "before_commit"}) {
    crash(point);
    expect_state(2);
  }
  second_commit();  // and it can be done again
  expect_state(10);
}

class CrashAfterCommitTest : public CrashTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(CrashAfterCommitTest, all_of_a_commit_is_there) {
  crash(GetParam());
  expect_state(10);
}

INSTANTIATE_TEST_SUITE_P(Points, CrashAfterCommitTest,
                         ::testing::Values("after_commit_before_rename", "between_renames",
                                           "between_renames:2", "between_renames:4"));

TEST_F(CrashTest, a_crash_while_recovering_from_a_crash_loses_nothing) {
  crash("after_commit_before_rename");
  for (int pass = 0; pass < 4; ++pass) {
    // Each start gives one part its name and dies before the next.
    const int status = run_child(
        pass == 0 ? "between_recovery_renames" : "between_recovery_renames:2", [this] { open(); });
    EXPECT_TRUE(WIFSIGNALED(status) || pass == 3);
  }
  expect_state(10);
}

/// Makes every file longer than 256 KiB impossible, or puts the folder on a disk of 1 MiB.
void fill_disk(const std::string& folder, bool& mounted) {
  mounted = unshare(CLONE_NEWNS) == 0 &&
            mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
            mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=1m") == 0;
  if (mounted) return;
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{256 << 10, RLIM_INFINITY};
  setrlimit(RLIMIT_FSIZE, &limit);
}

TEST_F(CrashTest, a_full_disk_is_an_error_and_the_last_commit_stands) {
  const int status = run_child("", [this] {
    fs::remove_all(folder());
    fs::create_directory(folder());
    bool mounted = false;
    fill_disk(folder(), mounted);
    {
      const auto store = open();
      append_step(*store, 1, "2025-01-01T00:00:00Z");
      ASSERT_TRUE(store->commit({.next_seq = 2, .watermark = {1}, .checkpoint = "first"}));
      const base::Error error = append_until_error(*store);
      EXPECT_EQ(error.code, base::ErrorCode::kUnavailable) << error.message;
      EXPECT_NE(error.message.find("part-"), std::string::npos) << error.message;
      const auto again = store->commit({.next_seq = 99});
      ASSERT_FALSE(again) << "a store that failed took a commit";
      EXPECT_EQ(again.error().message, error.message);
    }
    for (const auto& entry : fs::recursive_directory_iterator(folder() + "/archive")) {
      EXPECT_FALSE(entry.path().filename().string().starts_with(".part-")) << entry.path();
    }
    expect_state(2);
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace purvey::store::depot
