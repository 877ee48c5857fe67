#include "store/depot/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "store/depot/store_fixture.h"

namespace purvey::store::depot {
namespace {

namespace fs = std::filesystem;

class StoreTest : public StoreFixture {};

TEST_F(StoreTest, a_new_store_is_empty_and_starts_at_seq_1) {
  const auto store = open();
  EXPECT_EQ(store->next_seq(), 1);
  EXPECT_EQ(store->watermark(), base::kNever);
  EXPECT_TRUE(store->parts().empty());
  EXPECT_FALSE(store->load_checkpoint().value().has_value());
}

TEST_F(StoreTest, committed_rows_lie_in_parts_by_table_and_utc_month) {
  const auto store = open();
  RowBuffer steps(TableId::kOrderStep);
  add_step(steps, {.seq = 1, .order = "a", .step = "paid", .at = "2026-01-31T23:59:59Z"});
  add_step(steps, {.seq = 2, .order = "a", .step = "packed", .at = "2026-02-01T00:00:00Z"});
  add_step(steps, {.seq = 3, .order = "a", .step = "shipped", .at = "0001-01-01T00:00:00Z"});
  add_step(steps, {.seq = 4, .order = "a", .step = "returned", .at = "9999-12-31T23:59:59Z"});
  ASSERT_TRUE(store->append(steps));
  EXPECT_TRUE(store->parts().empty()) << "rows are seen before they are committed";
  commit(*store, 5);

  ASSERT_EQ(store->parts().size(), 4U);
  EXPECT_EQ(store->parts()[0].path(), "order_step/month=0001-01/part-3-3.parquet");
  EXPECT_EQ(store->parts()[1].path(), "order_step/month=2026-01/part-1-1.parquet");
  EXPECT_EQ(store->parts()[2].path(), "order_step/month=2026-02/part-2-2.parquet");
  EXPECT_EQ(store->parts()[3].path(), "order_step/month=9999-12/part-4-4.parquet");
  for (const Part& part : store->parts()) {
    EXPECT_EQ(fs::file_size(folder() + "/archive/" + part.path()), part.bytes);
  }
  EXPECT_TRUE(store->verify());
}

TEST_F(StoreTest, an_error_after_the_ledger_says_that_the_events_are_taken_in) {
  const std::string in_the_way = folder() + "/archive/order_step/month=2026-01/part-1-1.parquet";
  {
    const auto store = open();
    fs::create_directories(in_the_way);
    RowBuffer steps(TableId::kOrderStep);
    add_step(steps, {.seq = 1, .order = "a", .step = "paid", .at = "2026-01-02T03:04:05Z"});
    ASSERT_TRUE(store->append(steps));
    const auto done = store->commit({.next_seq = 2});
    ASSERT_FALSE(done);
    EXPECT_TRUE(
        done.error().message.starts_with("the events are taken in, but then: " + in_the_way))
        << done.error().message;
  }
  fs::remove(in_the_way);
  const auto store = open();
  EXPECT_EQ(store->next_seq(), 2);
  EXPECT_EQ(fs::file_size(in_the_way), store->parts().at(0).bytes);
  EXPECT_TRUE(store->verify());
}

TEST_F(StoreTest, parts_of_the_same_seqs_get_different_names) {
  const auto store = open();
  for (int64_t time = 0; time < 2; ++time) {
    RowBuffer steps(TableId::kOrderStep);
    add_step(steps, {.seq = 7, .order = "a", .step = "paid", .at = "2026-01-01T00:00:00Z"});
    ASSERT_TRUE(store->append(steps));
    commit(*store, 8 + time);
  }
  ASSERT_EQ(store->parts().size(), 2U);
  EXPECT_EQ(store->parts()[0].name, "part-7-7-2.parquet");
  EXPECT_EQ(store->parts()[1].name, "part-7-7.parquet");
}

TEST_F(StoreTest, full_buffers_become_parts_of_two_row_groups) {
  const auto store = open();
  append_many_steps(*store, 250'000);
  commit(*store, 250'001);
  ASSERT_EQ(store->parts().size(), 2U);
  EXPECT_EQ(store->parts()[0].rows, 245'760U);
  EXPECT_EQ(store->parts()[1].rows, 4'240U);  // 250,000 - 245,760
  EXPECT_EQ(store->parts()[1].seq_from, 245'761);
}

TEST_F(StoreTest, progress_files_and_meta_come_back_after_a_restart) {
  const KnownFile file{.fingerprint = base::hash128("whole"),
                       .size = 5,
                       .head_hash = base::hash128("head"),
                       .name = "orders.ndjson",
                       .events = 3};
  {
    const auto store = open();
    const CommitInfo info{.next_seq = 42,
                          .watermark = {1'000},
                          .files = {file},
                          .checkpoint = "state one",
                          .meta = {{"zone", "UTC"}}};
    ASSERT_TRUE(store->commit(info));
  }
  const auto store = open();
  EXPECT_EQ(store->next_seq(), 42);
  EXPECT_EQ(store->watermark(), base::EventTime{1'000});
  EXPECT_EQ(store->meta("zone"), "UTC");
  EXPECT_EQ(store->meta("other"), std::nullopt);
  EXPECT_EQ(store->load_checkpoint().value(), "state one");
  EXPECT_EQ(store->known_fingerprint(file.fingerprint).value()->name, "orders.ndjson");
  EXPECT_EQ(store->find_file(5, file.head_hash).value()->events, 3U);
  EXPECT_FALSE(store->find_file(6, file.head_hash).value().has_value());
  EXPECT_FALSE(store->known_fingerprint(base::hash128("other")).value().has_value());
}

TEST_F(StoreTest, a_commit_without_a_checkpoint_keeps_the_last_one_and_two_are_kept) {
  const auto store = open();
  for (const char* state : {"one", "two", "three"}) {
    ASSERT_TRUE(store->commit({.next_seq = 1, .watermark = {}, .checkpoint = state}));
  }
  ASSERT_TRUE(store->commit({.next_seq = 2, .watermark = {}}));
  EXPECT_EQ(store->load_checkpoint().value(), "three");
  const fs::directory_iterator files(folder() + "/checkpoint");
  EXPECT_EQ(std::distance(files, fs::directory_iterator()), 2);
}

TEST_F(StoreTest, a_damaged_checkpoint_is_named) {
  const auto store = open();
  ASSERT_TRUE(store->commit({.next_seq = 1, .watermark = {}, .checkpoint = "state"}));
  flip_byte(folder() + "/checkpoint/checkpoint-1.zst", 5);
  const auto loaded = store->load_checkpoint();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, base::ErrorCode::kCorrupt);
  EXPECT_NE(loaded.error().message.find("checkpoint-1.zst"), std::string::npos);
}

TEST_F(StoreTest, a_second_user_of_the_folder_is_told_who_holds_it) {
  const auto store = open();
  const auto second = Store::open(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::ErrorCode::kConflict);
  EXPECT_NE(second.error().message.find(std::to_string(getpid())), std::string::npos);
}

TEST_F(StoreTest, read_only_needs_a_store_and_takes_no_rows) {
  auto only_questions = options();
  only_questions.read_only = true;
  EXPECT_EQ(Store::open(only_questions).error().code, base::ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(folder())) << "a question made the folder";
  open().reset();
  const auto store = Store::open(only_questions).value();
  EXPECT_FALSE(store->append(RowBuffer(TableId::kOrderStep)));
  EXPECT_FALSE(store->commit({}));
}

TEST_F(StoreTest, a_part_that_is_gone_or_cut_is_named_when_the_store_is_opened) {
  commit_one_step();
  const std::string part = folder() + "/archive/order_step/month=2026-01/part-1-1.parquet";
  const std::string kept = base::read_file(part, 1 << 20).value();
  fs::resize_file(part, fs::file_size(part) - 1);
  expect_corrupt_open("part-1-1.parquet: has");
  fs::remove(part);
  expect_corrupt_open("part-1-1.parquet: is in the manifest but cannot be found");
  ASSERT_TRUE(base::write_file(part, kept));
  EXPECT_TRUE(Store::open(options()));
}

TEST_F(StoreTest, verify_names_a_part_with_one_changed_byte) {
  commit_one_step();
  flip_byte(folder() + "/archive/order_step/month=2026-01/part-1-1.parquet", 20);
  const auto verified = open()->verify();
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, base::ErrorCode::kCorrupt);
  EXPECT_NE(verified.error().message.find("part-1-1.parquet"), std::string::npos);
  EXPECT_NE(verified.error().message.find("(1 of 1 parts"), std::string::npos);
}

TEST_F(StoreTest, a_ledger_that_is_garbage_newer_or_foreign_is_refused_untouched) {
  commit_one_step();
  const std::string path = folder() + "/state.db";
  fs::remove(path + "-wal");
  fs::remove(path + "-shm");
  ASSERT_TRUE(base::write_file(path, std::string(8192, 'x')));
  expect_corrupt_open("state.db");
  EXPECT_EQ(base::read_file(path, 1 << 20).value(), std::string(8192, 'x'));
}

TEST_F(StoreTest, the_manifest_for_people_is_written_again_when_it_is_gone) {
  commit_one_step();
  const std::string path = folder() + "/archive/order_step/manifest.json";
  const std::string before = base::read_file(path, 1 << 20).value();
  EXPECT_NE(before.find("\"path\": \"month=2026-01/part-1-1.parquet\", \"rows\": 1,"),
            std::string::npos)
      << before;
  fs::remove(path);
  open();
  EXPECT_EQ(base::read_file(path, 1 << 20).value(), before);
}

}  // namespace
}  // namespace purvey::store::depot
