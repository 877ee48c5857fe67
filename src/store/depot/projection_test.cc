#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "base/file.h"
#include "store/depot/facts_fixture.h"

namespace purvey::store::depot {
namespace {

namespace fs = std::filesystem;

/// facts.duckdb may be anything at any time: the answers are the same.
class ProjectionTest : public FactsFixture {
 protected:
  void SetUp() override {
    FactsFixture::SetUp();
    place(1, "a", "2026-01-01T10:00:00Z", "P:2:10");
    step({.seq = 2, .order = "a", .step = "paid", .at = "2026-01-02T00:00:00Z"});
    commit_all();
    answer_ = ask("SELECT * FROM orders");
    digest_ = store().digest().value();
    ASSERT_NE(answer_.find("paid"), std::string::npos);
  }
  std::string file() const { return folder() + "/facts.duckdb"; }
  void expect_same_answers() {
    EXPECT_EQ(ask("SELECT * FROM orders"), answer_);
    EXPECT_EQ(store().digest().value(), digest_);
  }
  size_t set_aside() const {
    size_t found = 0;
    for (const auto& entry : fs::directory_iterator(folder())) {
      found += entry.path().filename().string().starts_with("facts.duckdb.corrupt-") ? 1 : 0;
    }
    return found;
  }

  std::string answer_;
  std::string digest_;
};

TEST_F(ProjectionTest, deleted_it_is_made_again) {
  fs::remove(file());
  expect_same_answers();
  EXPECT_TRUE(fs::exists(file()));
  EXPECT_EQ(set_aside(), 0U);
}

TEST_F(ProjectionTest, damaged_in_any_way_it_is_set_aside_and_made_again) {
  const std::function<void()> damages[] = {
      [this] { fs::resize_file(file(), 0); },
      [this] { fs::resize_file(file(), 4096); },
      [this] { fs::resize_file(file(), fs::file_size(file()) - 1); },
      [this] { flip_byte(file(), 9); },       // the version of the format
      [this] { flip_byte(file(), 20'000); },  // a block
      [this] { ASSERT_TRUE(base::write_file(file(), std::string(100'000, 'x'))); },
  };
  size_t kept = 0;
  for (const auto& damage : damages) {
    damage();
    expect_same_answers();
    EXPECT_EQ(set_aside(), std::min<size_t>(++kept, 5)) << "more than five are not kept";
  }
}

TEST_F(ProjectionTest, a_log_of_changes_beside_it_is_never_replayed) {
  ASSERT_TRUE(base::write_file(file() + ".wal", "garbage"));
  fs::remove(file());
  expect_same_answers();
  EXPECT_FALSE(fs::exists(file() + ".wal"));
}

TEST_F(ProjectionTest, it_follows_every_commit) {
  step({.seq = 3, .order = "a", .step = "cancelled", .at = "2026-01-03T00:00:00Z"});
  EXPECT_EQ(ask("SELECT status FROM orders"), "paid\n") << "seen before it was committed";
  commit_all();
  EXPECT_EQ(ask("SELECT status FROM orders"), "cancelled\n");
}

TEST_F(ProjectionTest, the_folder_may_be_moved) {
  store_.reset();
  fs::rename(folder(), folder() + "-kept");
  fs::create_directory(folder());
  fs::rename(folder() + "-kept", folder() + "/inner");
  auto moved = options();
  moved.folder = folder() + "/inner";
  store_ = Store::open(moved).value();
  expect_same_answers();
}

TEST_F(ProjectionTest, an_unknown_zone_is_refused_when_the_store_is_opened) {
  store_.reset();
  auto zoned = options();
  zoned.timezone = "Asia/Atlantis";
  const auto opened = Store::open(zoned);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message,
            "time zone 'Asia/Atlantis' is not known; write an IANA name such as Asia/Shanghai");
}

TEST_F(ProjectionTest, a_damaged_part_is_named_by_question_digest_and_export) {
  const std::string part = folder() + "/archive/order_step/month=2026-01/part-2-2.parquet";
  const std::string good = base::read_file(part, 1 << 20).value();
  ASSERT_TRUE(base::write_file(part, std::string(good.size(), 'x')));
  const std::string wanted = "part-2-2.parquet: its bytes are not those that were written";
  EXPECT_NE(refusal("SELECT * FROM orders").message.find(wanted), std::string::npos)
      << refusal("SELECT * FROM orders").message;
  EXPECT_NE(store().digest().error().message.find(wanted), std::string::npos);
  const auto exported = store().export_csv(folder() + "/out");
  ASSERT_FALSE(exported);
  EXPECT_NE(exported.error().message.find(wanted), std::string::npos);
  EXPECT_FALSE(fs::exists(folder() + "/out"));
  EXPECT_FALSE(fs::exists(folder() + "/out.partial"));
  ASSERT_TRUE(base::write_file(part, good));
  expect_same_answers();
}

TEST_F(ProjectionTest, no_changed_byte_of_a_part_is_answered_with_numbers) {
  const std::string part = folder() + "/archive/order_step/month=2026-01/part-2-2.parquet";
  const auto size = static_cast<long>(fs::file_size(part));
  for (long offset = 0; offset < size; offset += 41) {
    flip_byte(part, offset);
    EXPECT_EQ(refusal("SELECT * FROM order_step").code, base::ErrorCode::kCorrupt) << offset;
    flip_byte(part, offset);
  }
  expect_same_answers();
}

}  // namespace
}  // namespace purvey::store::depot
