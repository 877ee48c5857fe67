#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "store/depot/facts_fixture.h"

namespace purvey::store::depot {
namespace {

namespace fs = std::filesystem;

enum class Way {
  kMount,  ///< a read-only file system
  kUser,   ///< another user's folder
};

/// A data folder with one order that the asking process cannot write: a child makes it so for
/// itself.
class UnwritableTest : public FactsFixture, public ::testing::WithParamInterface<Way> {
 protected:
  static constexpr int kNotPossible = 77;

  void SetUp() override {
    FactsFixture::SetUp();
    place(1, "a", "2026-01-01T10:00:00Z", "P:2:10");
    step({.seq = 2, .order = "a", .step = "paid", .at = "2026-01-02T00:00:00Z"});
    commit_all();
    digest_ = store().digest().value();
    store_.reset();
    fs::create_directory(out());
    fs::permissions(out(), fs::perms::all);
    fs::permissions(fs::path(out()).parent_path(), fs::perms::others_all, fs::perm_options::add);
  }

  /// A folder that can be written.
  std::string out() const { return folder() + "-out"; }

  /// Whether the folder can no longer be written by this process.
  bool lose_the_right_to_write() const {
    if (GetParam() == Way::kUser) {
      constexpr uid_t kNobody = 65534;
      return geteuid() == 0 && setgid(kNobody) == 0 && setuid(kNobody) == 0;
    }
    const char* path = folder().c_str();
    return unshare(CLONE_NEWNS) == 0 &&
           mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount(path, path, nullptr, MS_BIND, nullptr) == 0 &&
           mount(nullptr, path, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }
  /// Runs `work` in a process that cannot write the folder.
  void without_writing(const std::function<void()>& work) {
    const int status = run_child([&] {
      if (!lose_the_right_to_write()) _exit(kNotPossible);
      ASSERT_NE(access(folder().c_str(), W_OK), 0);
      work();
    });
    if (WEXITSTATUS(status) == kNotPossible) {
      GTEST_SKIP() << "needs root, and the right to mount";
    }
    EXPECT_EQ(status, 0);
  }

  StoreOptions only_questions() const {
    auto asking = options();
    asking.read_only = true;
    return asking;
  }
  void open_for_questions() {
    auto opened = Store::open(only_questions());
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void expect_unavailable(const std::string& words) const {
    const auto opened = Store::open(only_questions());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, base::ErrorCode::kUnavailable);
    EXPECT_EQ(opened.error().message, words);
  }
  /// Commits a step of May and is killed at that point.
  void crash_at(const char* point) {
    const int status = run_child([this, point] {
      setenv("PURVEY_CRASH_AT", point, 1);
      store_ = open();
      step({.seq = 3, .order = "a", .step = "packed", .at = "2026-05-01T00:00:00Z"});
      commit_all();
    });
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  /// As a backup of a folder after a crash whose log was already brought home.
  void fold_log_into_ledger() {
    const fs::path part = folder() + "/archive/order_step/month=2026-05/";
    open_for_questions();
    store_.reset();
    fs::rename(part / "part-3-3.parquet", part / ".part-3-3.parquet");
  }

  std::string digest_;
};

TEST_P(UnwritableTest, answers_are_the_same) {
  without_writing([this] {
    open_for_questions();
    EXPECT_EQ(ask("SELECT order_id, status FROM orders"), "a,paid\n");
    EXPECT_EQ(store().digest().value(), digest_);
    ASSERT_TRUE(store().export_csv(out() + "/csv"));
    EXPECT_NE(base::read_file(out() + "/csv/orders.csv", 1 << 20).value().find("a,"),
              std::string::npos);
    ASSERT_TRUE(store().export_parquet(out() + "/parquet"));
  });
}

TEST_P(UnwritableTest, so_they_are_without_what_is_not_needed) {
  for (const char* name : {"facts.duckdb", "facts.key", "lock"})
    fs::remove(fs::path(folder()) / name);
  fs::remove_all(folder() + "/checkpoint");
  ASSERT_TRUE(base::write_file(folder() + "/state.db-wal", ""));
  without_writing([this] {
    open_for_questions();
    EXPECT_EQ(store().digest().value(), digest_);
  });
  EXPECT_FALSE(fs::exists(folder() + "/lock"));
}

TEST_P(UnwritableTest, a_damaged_projection_is_not_used) {
  flip_byte(folder() + "/facts.duckdb", 5000);
  without_writing([this] {
    open_for_questions();
    EXPECT_EQ(store().digest().value(), digest_);
  });
  EXPECT_TRUE(fs::exists(folder() + "/facts.duckdb"));
}

TEST_P(UnwritableTest, a_log_to_be_brought_home_is_named) {
  crash_at("after_commit_before_rename");
  ASSERT_GT(fs::file_size(folder() + "/state.db-wal"), 0U);
  without_writing([this] {
    expect_unavailable(folder() +
                       "/state.db-wal: a run that broke off left this to be finished, and its "
                       "folder cannot be written; copy the data folder to a place that can be "
                       "written and ask there");
  });
}

TEST_P(UnwritableTest, a_part_to_be_put_in_place_is_named) {
  crash_at("after_commit_before_rename");
  fold_log_into_ledger();
  without_writing([this] {
    expect_unavailable(
        folder() + "/archive/order_step/month=2026-05/part-3-3.parquet: cannot be put in place: " +
        (GetParam() == Way::kMount ? "Read-only file system" : "Permission denied") +
        "; a run that broke off left this to be finished: copy the data folder to a place that "
        "can be written and ask there");
  });
  open_for_questions();
  EXPECT_EQ(ask("SELECT status FROM orders"), "packed\n");
}

TEST_P(UnwritableTest, who_commits_still_keeps_a_question_out) {
  const auto committing = open();
  without_writing([this] {
    const auto opened = Store::open(only_questions());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, base::ErrorCode::kConflict) << opened.error().message;
  });
}

TEST_P(UnwritableTest, nothing_can_be_committed) {
  without_writing([this] { EXPECT_FALSE(Store::open(options())); });
}

INSTANTIATE_TEST_SUITE_P(Ways, UnwritableTest, ::testing::Values(Way::kMount, Way::kUser),
                         [](const auto& way) {
                           return way.param == Way::kMount ? "mount" : "user";
                         });

}  // namespace
}  // namespace purvey::store::depot
