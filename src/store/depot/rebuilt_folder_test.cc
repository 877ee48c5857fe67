// A folder that was worked out anew takes the place of the old one whole, or not at all.
#include "store/depot/rebuilt_folder.h"

#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "store/depot/store_fixture.h"

namespace purvey::store::depot {
namespace {

namespace fs = std::filesystem;

/// The old store: order `a`, next_seq 2, and a file of its own. The new one, in its rebuild folder:
/// orders `b` and `c`, next_seq 3.
class RebuiltFolderTest : public StoreFixture {
 protected:
  void SetUp() override {
    commit_one_step();
    write(folder() + "/site.key", "old and new");
    fs::create_directories(folder() + "/ids");
    write(folder() + "/ids/old", "old");
  }

  static void write(const std::string& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  void build() const {
    const std::string built = rebuild_folder(folder());
    const auto store = Store::open({.folder = built});
    ASSERT_TRUE(store) << store.error().message;
    RowBuffer rows(TableId::kOrderStep);
    add_step(rows, {.seq = 1, .order = "b", .step = "paid", .at = "2025-01-01T00:00:00Z"});
    add_step(rows, {.seq = 2, .order = "c", .step = "paid", .at = "2026-02-01T00:00:00Z"});
    ASSERT_TRUE((*store)->append(rows));
    ASSERT_TRUE((*store)->commit({.next_seq = 3, .checkpoint = "new"}));
    fs::create_directories(built + "/ids");
    write(built + "/ids/new", "new");
  }

  /// As a purge does it, which holds the old store meanwhile.
  void replace() const {
    const auto old = open();
    build();
    const auto done = put_in_place(folder(), base::Disk::system());
    EXPECT_TRUE(done) << done.error().message;
  }

  void crash(const std::string& point) {
    const int status = run_child([&] {
      setenv("PURVEY_CRASH_AT", point.c_str(), 1);
      replace();
    });
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << point << " was not reached";
  }

  /// What the folder holds, found by opening it for commits or for questions.
  void expect_whole(bool is_new, bool read_only = false) const {
    {
      StoreOptions how = options();
      how.read_only = read_only;
      const auto store = Store::open(how);
      ASSERT_TRUE(store) << store.error().message;
      EXPECT_EQ((*store)->next_seq(), is_new ? 3 : 2);
      EXPECT_EQ((*store)->parts().size(), is_new ? 2U : 1U);
      EXPECT_TRUE((*store)->verify());
      EXPECT_TRUE((*store)->digest());
    }
    EXPECT_EQ(fs::exists(folder() + "/ids/new"), is_new);
    EXPECT_EQ(fs::exists(folder() + "/ids/old"), !is_new);
    EXPECT_TRUE(fs::exists(folder() + "/site.key"));
    EXPECT_FALSE(fs::exists(folder() + "/rebuilt"));
    if (!read_only) {
      EXPECT_FALSE(fs::exists(rebuild_folder(folder())));
    }
  }
};

TEST_F(RebuiltFolderTest, it_takes_the_place_of_the_old_one) {
  replace();
  expect_whole(true);
}

TEST_F(RebuiltFolderTest, before_the_rename_a_crash_leaves_the_old_one) {
  for (const char* point : {"after_part", "before_commit", "rebuilt_before_rename"}) {
    crash(point);
    expect_whole(false, true);
    expect_whole(false);
  }
  replace();  // and it can be done again
  expect_whole(true);
}

TEST_F(RebuiltFolderTest, a_ledger_that_was_not_closed_well_is_never_put_in_place) {
  const auto old = open();
  build();
  write(rebuild_folder(folder()) + "/state.db-wal", "left behind");
  const auto done = put_in_place(folder(), base::Disk::system());
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("nothing was changed"), std::string::npos);
}

class RebuiltFolderCrashTest : public RebuiltFolderTest,
                               public ::testing::WithParamInterface<std::tuple<const char*, bool>> {
};

TEST_P(RebuiltFolderCrashTest, behind_the_rename_a_crash_leaves_the_new_one) {
  const auto [point, read_only] = GetParam();
  crash(point);
  expect_whole(true, read_only);
}

TEST_P(RebuiltFolderCrashTest, who_finishes_it_may_be_killed_as_well) {
  crash("rebuilt_after_rename");
  const auto [point, read_only] = GetParam();
  const int status = run_child([&] {
    setenv("PURVEY_CRASH_AT", point, 1);
    StoreOptions how = options();
    how.read_only = read_only;
    static_cast<void>(Store::open(how));
  });
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << point << " was not reached";
  expect_whole(true, read_only);
}

INSTANTIATE_TEST_SUITE_P(
    Points, RebuiltFolderCrashTest,
    ::testing::Combine(::testing::Values("rebuilt_after_rename", "rebuilt_while_moving",
                                         "rebuilt_while_moving:2", "rebuilt_while_moving:3",
                                         "rebuilt_with_its_ledger"),
                       ::testing::Bool()));

}  // namespace
}  // namespace purvey::store::depot
