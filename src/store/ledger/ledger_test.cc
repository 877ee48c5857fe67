#include "store/ledger/ledger.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"

namespace purvey::store::ledger {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

Part part_named(std::string name) {
  return {.table = TableId::kPayment,
          .month = "2026-01",
          .name = std::move(name),
          .rows = 3,
          .bytes = 400,
          .seq_from = -5,
          .seq_to = 9'000'000'000,
          .time_from = {-1},
          .time_to = {1},
          .hash = {.low = 1, .high = 0xffff'ffff'ffff'ffff}};
}

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() {
    std::string pattern = ::testing::TempDir() + "purvey-ledger-XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  ~LedgerTest() override { fs::remove_all(folder_); }

  std::string path() const { return folder_ + "/state.db"; }
  std::unique_ptr<Ledger> open() const {
    auto ledger = Ledger::open(path());
    EXPECT_TRUE(ledger) << ledger.error().message;
    return std::move(*ledger);
  }
  void change(const char* sql) const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
  }
  void make_version_2() const {
    for (const char* column : {"stored_from", "stored_to", "is_thinned"}) {
      change(("ALTER TABLE part DROP COLUMN " + std::string(column)).c_str());
    }
    change("DROP TABLE replaced_file; DROP TABLE dropped; PRAGMA user_version = 2");
  }
  ErrorCode refusal() const {
    const auto ledger = Ledger::open(path());
    EXPECT_FALSE(ledger);
    return ledger ? ErrorCode::kCancelled : ledger.error().code;
  }

  std::string folder_;
};

TEST_F(LedgerTest, a_part_comes_back_as_it_was_written) {
  const std::vector<Part> parts = {part_named("part-b.parquet"), part_named("part-a.parquet")};
  {
    const auto ledger = open();
    LedgerCommit commit{.progress = {.commits = 1}};
    commit.parts = parts;
    ASSERT_TRUE(ledger->commit(commit));
  }
  const auto found = open()->parts().value();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path(), "payment/month=2026-01/part-a.parquet");
  EXPECT_EQ(found[0].rows, 3U);
  EXPECT_EQ(found[0].bytes, 400U);
  EXPECT_EQ(found[0].seq_from, -5);
  EXPECT_EQ(found[0].seq_to, 9'000'000'000);
  EXPECT_EQ(found[0].time_from, base::EventTime{-1});
  EXPECT_EQ(found[0].time_to, base::EventTime{1});
  EXPECT_EQ(found[0].hash, parts[0].hash);
}

TEST_F(LedgerTest, a_commit_that_fails_changes_nothing) {
  const auto ledger = open();
  const std::vector<Part> first = {part_named("part-a.parquet")};
  LedgerCommit commit{.progress = {.commits = 1, .next_seq = 5}, .meta = {{"a", "1"}}};
  commit.parts = first;
  ASSERT_TRUE(ledger->commit(commit));

  const std::vector<Part> again = {part_named("part-new.parquet"), part_named("part-a.parquet")};
  LedgerCommit doubled{.progress = {.commits = 2, .next_seq = 9}, .meta = {{"a", "2"}}};
  doubled.parts = again;
  const auto done = ledger->commit(doubled);
  ASSERT_FALSE(done) << "a part was taken twice";
  EXPECT_EQ(done.error().code, ErrorCode::kConflict);
  EXPECT_EQ(ledger->parts().value().size(), 1U);
  EXPECT_EQ(ledger->progress().value().next_seq, 5);
  EXPECT_EQ(ledger->meta().value().at("a"), "1");
  EXPECT_TRUE(ledger->commit({.progress = {.commits = 2, .next_seq = 6}})) << "it takes no more";
}

TEST_F(LedgerTest, files_come_back_in_the_order_in_which_they_were_taken_in) {
  const auto file = [](const char* name) {
    return KnownFile{
        .fingerprint = base::hash128(name), .name = name, .path = "/in/" + std::string(name)};
  };
  std::vector<KnownFile> first = {file("z"), file("a")};
  first[0].received = {7};
  first[0].next_record = 12;
  first[0].sources = {{.source = "", .events = 1}, {.source = "/s", .events = 5, .purged = true}};
  const std::vector<KnownFile> second = {file("m")};
  const auto ledger = open();
  ASSERT_TRUE(ledger->commit({.progress = {.commits = 1}, .files = first}));
  ASSERT_TRUE(ledger->commit({.progress = {.commits = 3}, .files = second}));
  const auto files = ledger->files().value();
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].name + files[1].name + files[2].name, "zam");
  EXPECT_EQ(files[0].path, "/in/z");
  EXPECT_EQ(files[0].received, base::EventTime{7});
  EXPECT_EQ(files[0].next_record, 12);
  ASSERT_EQ(files[0].sources.size(), 2U);
  EXPECT_EQ(files[0].sources[1].source, "/s");
  EXPECT_EQ(files[0].sources[1].events, 5U);
  EXPECT_TRUE(files[0].sources[1].purged);
  EXPECT_EQ(files[1].commit, 1U);
  EXPECT_TRUE(files[1].sources.empty());
  EXPECT_EQ(files[2].commit, 3U);
}

TEST_F(LedgerTest, a_file_of_version_1_goes_on_and_says_what_it_does_not_know) {
  open();
  make_version_2();
  change("DROP TABLE known_file_source");
  for (const char* column : {"path", "taken_by", "place", "received", "next_record"}) {
    change(("ALTER TABLE known_file DROP COLUMN " + std::string(column)).c_str());
  }
  change(
      "INSERT INTO known_file VALUES ('0000000000000000000000000000000a', 1, "
      "'0000000000000000000000000000000b', 'old.ndjson', 3); PRAGMA user_version = 1");
  ASSERT_TRUE(Ledger::open_read_only(path())->get()->file_by_fingerprint({.low = 10}).value());
  const std::vector<KnownFile> more = {{.fingerprint = base::hash128("x"), .name = "x"}};
  const auto ledger = open();
  ASSERT_TRUE(ledger->commit({.progress = {.commits = 9}, .files = more}));
  const auto files = ledger->files().value();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].name, "old.ndjson");
  EXPECT_EQ(files[0].commit, 0U);
  EXPECT_EQ(files[1].commit, 9U);
}

TEST_F(LedgerTest, parts_of_version_2_are_of_the_day_of_the_first_commit_that_knows_one) {
  const std::vector<Part> old = {part_named("old")};
  ASSERT_TRUE(open()->commit({.parts = old}));
  make_version_2();
  EXPECT_EQ(Ledger::open_read_only(path()).value()->parts().value()[0].stored_to,
            Part::kUnknownDay);
  const auto ledger = open();
  ASSERT_TRUE(ledger->commit({}));
  EXPECT_EQ(ledger->parts().value()[0].stored_from, Part::kUnknownDay);
  const std::vector<Part> more = {part_named("more")};
  ASSERT_TRUE(ledger->commit({.parts = more, .stored_day = 20'000}));
  const std::vector<Part> last = {part_named("zlast")};
  ASSERT_TRUE(ledger->commit({.parts = last, .stored_day = 20'001}));
  std::string days;
  const auto parts = ledger->parts();
  for (const Part& part : *parts) {
    EXPECT_EQ(part.stored_from, part.stored_to);
    days += part.name + std::to_string(part.stored_to) + " ";
  }
  EXPECT_EQ(days, "more20000 old20000 zlast20001 ");
}

TEST_F(LedgerTest, a_part_takes_the_place_of_others_in_one_transaction) {
  const std::vector<Part> small = {part_named("a"), part_named("b"), part_named("c")};
  const auto ledger = open();
  ASSERT_TRUE(ledger->commit({.parts = small}));
  std::vector<Part> whole = {part_named("ab")};
  whole[0].stored_from = 7;
  whole[0].stored_to = 9;
  whole[0].is_thinned = true;
  const std::span<const Part> from(small.data(), 2);
  ASSERT_TRUE(ledger->commit({.parts = whole, .removed = from}));
  const auto parts = ledger->parts().value();
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].name + parts[1].name, "abc");
  EXPECT_EQ(parts[0].stored_from, 7);
  EXPECT_EQ(parts[0].stored_to, 9);
  EXPECT_TRUE(parts[0].is_thinned);
  auto replaced = ledger->replaced_files().value();
  EXPECT_EQ(replaced,
            (std::vector<std::string>{"payment/month=2026-01/a", "payment/month=2026-01/b"}));
  // One that is not there: nothing of it holds.
  whole[0].name = "again";
  const auto again = ledger->commit({.parts = whole, .removed = from});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
  EXPECT_EQ(ledger->parts().value().size(), 2U);
  replaced.pop_back();
  ASSERT_TRUE(ledger->commit({.cleared = replaced}));
  EXPECT_EQ(ledger->replaced_files().value(), std::vector<std::string>{"payment/month=2026-01/b"});
}

TEST_F(LedgerTest, what_was_dropped_adds_up) {
  const auto ledger = open();
  const std::vector<DroppedRows> first = {
      {.table = TableId::kKpi, .cause = "kpi_minute", .rows = 5, .seq_to = 9, .stored_to = 3},
      {.table = TableId::kKpi, .cause = "archive", .rows = 1, .seq_to = 2, .stored_to = 1}};
  ASSERT_TRUE(ledger->commit({.dropped = first}));
  const std::vector<DroppedRows> second = {
      {.table = TableId::kKpi, .cause = "kpi_minute", .rows = 2, .seq_to = 8, .stored_to = 4}};
  ASSERT_TRUE(ledger->commit({.dropped = second}));
  const auto all = ledger->dropped().value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0], first[1]);
  EXPECT_EQ(
      all[1],
      (DroppedRows{
          .table = TableId::kKpi, .cause = "kpi_minute", .rows = 7, .seq_to = 9, .stored_to = 4}));
}

TEST_F(LedgerTest, of_checkpoints_the_last_two_are_known_newest_first) {
  const auto ledger = open();
  for (const char* name : {"one", "two", "three"}) {
    ASSERT_TRUE(ledger->commit({.checkpoint = CheckpointRef{.name = name, .hash = {}}}));
  }
  const auto known = ledger->checkpoints().value();
  ASSERT_EQ(known.size(), 2U);
  EXPECT_EQ(known[0].name, "three");
  EXPECT_EQ(known[1].name, "two");
}

TEST_F(LedgerTest, read_only_shows_what_is_there_and_makes_nothing) {
  const auto kind = [this] { return Ledger::open_read_only(path()).error().code; };
  EXPECT_EQ(kind(), ErrorCode::kUnavailable);
  EXPECT_TRUE(fs::is_empty(folder_));
  ASSERT_TRUE(base::write_file(path(), ""));
  EXPECT_EQ(kind(), ErrorCode::kNotFound);

  const auto writing = open();
  ASSERT_TRUE(writing->commit({.progress = {.commits = 1, .next_seq = 5}}));
  const auto ledger = Ledger::open_read_only(path()).value();
  EXPECT_EQ(ledger->progress().value().next_seq, 5);
  EXPECT_FALSE(ledger->commit({.progress = {.commits = 2, .next_seq = 6}}));
  EXPECT_EQ(writing->progress().value().next_seq, 5);
}

TEST_F(LedgerTest, its_folder_may_have_any_name) {
  const std::string odd = folder_ + "/50%25 a?b#c'd";
  fs::create_directory(odd);
  ASSERT_TRUE(Ledger::open(odd + "/state.db").value()->commit({.progress = {.next_seq = 5}}));
  EXPECT_TRUE(fs::exists(odd + "/state.db"));
  EXPECT_EQ(Ledger::open_read_only(odd + "/state.db").value()->progress().value().next_seq, 5);
}

TEST_F(LedgerTest, a_file_of_a_newer_purvey_is_refused) {
  open().reset();
  change("PRAGMA user_version = 4");
  const auto ledger = Ledger::open(path());
  ASSERT_FALSE(ledger);
  EXPECT_EQ(ledger.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(ledger.error().message,
            path() + ": has format 4, this Purvey knows up to 3; use the newer Purvey");
}

TEST_F(LedgerTest, a_file_of_another_program_or_of_garbage_is_refused) {
  change("PRAGMA application_id = 7; CREATE TABLE t (a)");
  EXPECT_EQ(refusal(), ErrorCode::kCorrupt);
  fs::remove(path());
  ASSERT_TRUE(base::write_file(path(), std::string(5000, 'x')));
  EXPECT_EQ(refusal(), ErrorCode::kCorrupt);
}

TEST_F(LedgerTest, a_damaged_page_is_found_when_the_file_is_opened) {
  {
    const auto ledger = open();
    std::map<std::string, std::string> meta;
    for (int i = 0; i < 2000; ++i) meta[std::to_string(i)] = std::string(50, 'v');
    ASSERT_TRUE(ledger->commit({.meta = meta}));
  }
  change("PRAGMA wal_checkpoint(TRUNCATE)");
  const auto size = fs::file_size(path());
  size_t found = 0;
  size_t damaged = 0;
  const std::string good = base::read_file(path(), 1 << 24).value();
  for (size_t offset = 4096; offset + 200 < size; offset += 4096) {
    std::string bytes = good;
    bytes.replace(offset, 64, 64, '\xff');  // the head of a page
    fs::remove(path() + "-wal");
    fs::remove(path() + "-shm");
    ASSERT_TRUE(base::write_file(path(), bytes));
    ++damaged;
    const auto ledger = Ledger::open(path());
    if (!ledger && ledger.error().code == ErrorCode::kCorrupt) ++found;
  }
  EXPECT_GT(damaged, 20U);
  EXPECT_EQ(found, damaged);
}

}  // namespace
}  // namespace purvey::store::ledger
