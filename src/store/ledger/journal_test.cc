#include "store/ledger/journal.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <vector>

namespace purvey::store::ledger {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    std::string pattern = ::testing::TempDir() + "purvey-journal-XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  ~JournalTest() override { fs::remove_all(folder_); }

  std::unique_ptr<Journal> open(uint64_t segment_bytes = 64U << 20) const {
    auto journal = Journal::open({.folder = folder_, .segment_bytes = segment_bytes});
    EXPECT_TRUE(journal) << journal.error().message;
    return std::move(*journal);
  }

  /// Appends `count` records, each of `events` events, in transactions of one.
  static void append(Journal& journal, int count, uint32_t events = 2, size_t bytes = 10) {
    for (int i = 0; i < count; ++i) {
      const std::string body = body_of(journal.next_number(), bytes);
      JournalRecord record{.events = events, .received = {journal.next_number()}, .body = body};
      const auto done = journal.append({&record, 1});
      ASSERT_TRUE(done) << done.error().message;
    }
  }

  static std::string body_of(int64_t number, size_t bytes) {
    std::string body = fmt::format("body {} ", number);
    body.resize(std::max(bytes, body.size()), '\0');
    return body;
  }

  /// Reads from `number` on and checks what comes; gives the numbers.
  static std::vector<int64_t> numbers(Journal& journal, int64_t number = 1, size_t bytes = 10) {
    std::vector<int64_t> numbers;
    const auto done = journal.read(number, [&](const JournalRecord& record) -> base::Result<bool> {
      numbers.push_back(record.number);
      EXPECT_EQ(record.body, body_of(record.number, bytes));
      EXPECT_EQ(record.received.micros, record.number);
      return true;
    });
    EXPECT_TRUE(done) << done.error().message;
    return numbers;
  }

  static std::vector<int64_t> range(int64_t from, int64_t to) {
    std::vector<int64_t> numbers;
    for (int64_t i = from; i <= to; ++i) numbers.push_back(i);
    return numbers;
  }

  std::vector<std::string> segments() const {
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.path().extension() == ".db") paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  static void change(const std::string& path, const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
  }

  static base::Result<void> read_all(Journal& journal) {
    return journal.read(1, [](const JournalRecord&) -> base::Result<bool> { return true; });
  }

  /// Runs `work` in a process that dies at a crash point.
  static void die_at(const char* point, const std::function<void()>& work) {
    const pid_t child = fork();
    if (child == 0) {
      setenv("PURVEY_CRASH_AT", point, 1);
      work();
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << point;
  }

  std::string folder_;
};

TEST_F(JournalTest, a_segment_without_records_is_not_followed_by_another) {
  {
    const auto journal = open(1);  // every append would begin a new one
    append(*journal, 3);
  }
  EXPECT_EQ(numbers(*open(1)), range(1, 3));
  EXPECT_EQ(segments().size(), 3U);
}

TEST_F(JournalTest, the_log_of_a_segment_that_did_not_close_well_goes_with_it) {
  {
    const auto journal = open(1);
    append(*journal, 3);
  }
  std::ofstream(segments()[0] + "-wal") << "left";
  std::ofstream(folder_ + "/segment-000000000000.db-wal") << "left by a crash between the two";
  ASSERT_TRUE(open(1)->drop_before(3));
  std::vector<std::string> left;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    left.push_back(entry.path().filename().string());
  }
  std::sort(left.begin(), left.end());
  EXPECT_EQ(left, (std::vector<std::string>{"segment-000000000003.db"}));
}

TEST_F(JournalTest, records_come_back_in_order_with_their_numbers_and_seqs) {
  {
    const auto journal = open();
    EXPECT_EQ(journal->next_number(), 1);
    EXPECT_EQ(journal->next_seq(), 1);
    append(*journal, 2, 3);
    JournalRecord both[] = {{.events = 0, .kind = RecordKind::kTick, .received = {7}},
                            {.events = 5, .received = {8}, .body = std::string_view("\0x", 2)}};
    ASSERT_TRUE(journal->append(both));
    EXPECT_EQ(both[0].number, 3);
    EXPECT_EQ(both[0].first_seq, 7);
    EXPECT_EQ(both[1].first_seq, 7);
  }
  const auto journal = open();
  EXPECT_EQ(journal->next_number(), 5);
  EXPECT_EQ(journal->next_seq(), 12);
  std::vector<JournalRecord> tail;
  std::vector<std::string> bodies;
  ASSERT_TRUE(journal->read(3, [&](const JournalRecord& record) -> base::Result<bool> {
    bodies.emplace_back(record.body);
    tail.push_back(record);
    return true;
  }));
  ASSERT_EQ(tail.size(), 2U);
  EXPECT_EQ(tail[0].kind, RecordKind::kTick);
  EXPECT_EQ(tail[0].received.micros, 7);
  EXPECT_EQ(tail[1].events, 5U);
  EXPECT_EQ(bodies[1], std::string("\0x", 2));
}

TEST_F(JournalTest, a_visit_can_end_the_reading_or_fail_it) {
  const auto journal = open();
  append(*journal, 5);
  int seen = 0;
  ASSERT_TRUE(journal->read(2, [&](const JournalRecord& record) -> base::Result<bool> {
    return ++seen, record.number < 3;
  }));
  EXPECT_EQ(seen, 2);
  const auto failed = journal->read(
      1, [](const JournalRecord&) -> base::Result<bool> { return base::exhausted("enough"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "enough");
}

TEST_F(JournalTest, segments_follow_each_other_and_old_ones_can_go) {
  constexpr size_t kBody = 40'000;
  {
    const auto journal = open(100'000);
    append(*journal, 10, 2, kBody);
    EXPECT_EQ(numbers(*journal, 1, kBody), range(1, 10));
  }
  EXPECT_GE(segments().size(), 3U);
  const auto journal = open(100'000);
  EXPECT_EQ(journal->next_number(), 11);
  EXPECT_EQ(journal->next_seq(), 21);
  EXPECT_EQ(numbers(*journal, 4, kBody), range(4, 10));

  const size_t before = segments().size();
  ASSERT_TRUE(journal->drop_before(1));
  EXPECT_EQ(segments().size(), before);
  ASSERT_TRUE(journal->drop_before(11));
  EXPECT_EQ(segments().size(), 1U);
  const auto dropped =
      journal->read(1, [](const JournalRecord&) -> base::Result<bool> { return true; });
  ASSERT_FALSE(dropped);
  EXPECT_EQ(dropped.error().code, ErrorCode::kNotFound);
  append(*journal, 1, 2, kBody);
  EXPECT_EQ(numbers(*open(100'000), 11, kBody), range(11, 11));
}

TEST_F(JournalTest, a_killed_append_is_there_whole_or_not_at_all) {
  for (const auto& [point, kept] :
       {std::pair{"journal_before_commit", 3}, {"journal_after_commit", 4}}) {
    fs::remove_all(folder_);
    append(*open(), 3);
    die_at(point, [&] { append(*open(), 1); });
    const auto journal = open();
    EXPECT_EQ(numbers(*journal), range(1, kept)) << point;
    append(*journal, 1);
    EXPECT_EQ(numbers(*journal), range(1, kept + 1));
  }
}

TEST_F(JournalTest, a_kill_while_a_segment_begins_leaves_no_gap) {
  constexpr size_t kBody = 120'000;
  append(*open(100'000), 1, 2, kBody);
  die_at("segment_before_rename", [&] { append(*open(100'000), 3, 2, kBody); });
  const auto journal = open(100'000);
  EXPECT_EQ(numbers(*journal, 1, kBody), range(1, 1));
  append(*journal, 3, 2, kBody);
  EXPECT_EQ(numbers(*journal, 1, kBody), range(1, 4));
}

TEST_F(JournalTest, a_damaged_record_is_named) {
  append(*open(), 5);
  const std::pair<const char*, const char*> damages[] = {
      {"UPDATE record SET body = x'00' WHERE number = 3", "record 3 is damaged"},
      {"UPDATE record SET body = CAST('body 3   ' AS BLOB), events = 9 WHERE number = 4",
       "record 3"},
      {"DELETE FROM record WHERE number = 2", "record 2 is missing"}};
  for (const auto& [sql, words] : damages) {
    change(segments()[0], sql);
    const auto done = read_all(*open());
    ASSERT_FALSE(done) << sql;
    EXPECT_EQ(done.error().code, ErrorCode::kCorrupt);
    EXPECT_NE(done.error().message.find(words), std::string::npos) << done.error().message;
  }
}

TEST_F(JournalTest, a_missing_segment_and_a_foreign_file_are_refused) {
  constexpr size_t kBody = 120'000;
  append(*open(100'000), 4, 2, kBody);
  const auto paths = segments();
  ASSERT_GE(paths.size(), 3U);
  fs::rename(paths[1], folder_ + "/aside");
  const auto gap = Journal::open({.folder = folder_});
  ASSERT_FALSE(gap);
  EXPECT_NE(gap.error().message.find("bring the missing file back"), std::string::npos);

  change(paths[1], "CREATE TABLE mine (x)");
  const auto foreign = Journal::open({.folder = folder_});
  ASSERT_FALSE(foreign);
  EXPECT_NE(foreign.error().message.find("is no segment"), std::string::npos);
}

TEST_F(JournalTest, a_later_format_is_refused) {
  append(*open(), 1);
  change(segments()[0], "PRAGMA user_version = 2");
  const auto journal = Journal::open({.folder = folder_});
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace purvey::store::ledger
