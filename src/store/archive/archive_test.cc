#include "store/archive/archive.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <vector>

#include "base/file.h"
#include "store/archive/part_checks.h"

namespace purvey::store::archive {
namespace {

namespace fs = std::filesystem;

/// Writes the seqs of the rows as text, one per line.
class TextWriter final : public PartWriter {
 public:
  base::Result<void> write(const RowBuffer& rows, std::span<const uint32_t> order,
                           const std::string& path) override {
    if (full) return base::unavailable(path + ": the disk is full");
    std::string text;
    for (const uint32_t row : order) text += std::to_string(rows.cells(0)[row]) + "\n";
    return base::write_file(path, text);
  }
  bool full = false;
};

class ArchiveTest : public ::testing::Test {
 protected:
  ArchiveTest() {
    std::string pattern = ::testing::TempDir() + "purvey-archive-XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  ~ArchiveTest() override { fs::remove_all(folder_); }

  static void add(RowBuffer& rows, int64_t seq, std::string_view time) {
    const auto at = base::parse_rfc3339(time).value();
    rows.integer(seq);
    rows.text("deploy");
    rows.text_or_null(seq % 2 == 0 ? "x" : "");
    rows.time(at);
    rows.null();
    rows.null();
    rows.end_row(at);
  }
  std::string content(const Part& part, const char* hidden = "") const {
    const fs::path own = fs::path(folder_) / part.path();
    const auto path = own.parent_path() / (hidden + own.filename().string());
    return base::read_file(path.string(), 1 << 20).value_or("(no file)");
  }

  std::string folder_;
  TextWriter writer_;
};

TEST_F(ArchiveTest, long_texts_fill_a_part_before_its_rows_do) {
  Archive archive(folder_, writer_, 1'000'000);
  const auto at = base::parse_rfc3339("2026-01-05T00:00:00Z").value();
  RowBuffer rows(TableId::kChange);
  for (int64_t seq = 1; seq <= 20; ++seq) {
    rows.integer(seq);
    rows.text("deploy");
    rows.text(std::string(size_t{15} << 20, 'x'));
    rows.time(at);
    rows.null();
    rows.null();
    rows.end_row(at);
    ASSERT_TRUE(archive.append(rows));
    rows.clear();
    EXPECT_LE(archive.rows_buffered() * (size_t{15} << 20), kPartBytes);
  }
  ASSERT_TRUE(archive.flush());
  EXPECT_EQ(archive.written().size(), 3U);
}

TEST_F(ArchiveTest, rows_are_parted_by_month_and_sorted_by_time) {
  Archive archive(folder_, writer_, 100);
  RowBuffer rows(TableId::kChange);
  add(rows, 1, "2026-01-20T00:00:00Z");
  add(rows, 2, "2026-02-01T00:00:00Z");
  add(rows, 3, "2026-01-10T00:00:00Z");
  add(rows, 4, "2026-01-20T00:00:00Z");
  add(rows, 5, "2025-12-31T23:59:59.999999Z");
  ASSERT_TRUE(archive.append(rows));
  EXPECT_EQ(archive.rows_buffered(), 5U);
  ASSERT_TRUE(archive.flush());
  EXPECT_EQ(archive.rows_buffered(), 0U);
  ASSERT_EQ(archive.written().size(), 3U);
  EXPECT_EQ(content(archive.written()[0], "."), "5\n");
  EXPECT_EQ(content(archive.written()[1], "."), "3\n1\n4\n");  // 1 came before 4
  EXPECT_EQ(content(archive.written()[2], "."), "2\n");
  EXPECT_EQ(content(archive.written()[0]), "(no file)") << "seen before it is committed";

  const Part january = archive.written()[1];
  EXPECT_EQ(january.path(), "change/month=2026-01/part-1-4.parquet");
  EXPECT_EQ(january.rows, 3U);
  EXPECT_EQ(january.bytes, 6U);
  EXPECT_EQ(base::format_rfc3339(january.time_from), "2026-01-10T00:00:00Z");
  EXPECT_EQ(base::format_rfc3339(january.time_to), "2026-01-20T00:00:00Z");
  EXPECT_EQ(january.hash, base::hash128("3\n1\n4\n"));
  ASSERT_TRUE(archive.place());
  EXPECT_EQ(content(january), "3\n1\n4\n");
  EXPECT_TRUE(archive.written().empty());
  EXPECT_TRUE(verify_part(folder_, january));
}

TEST_F(ArchiveTest, when_memory_is_short_the_largest_buffers_are_written) {
  Archive archive(folder_, writer_, 10);
  RowBuffer rows(TableId::kChange);
  for (int64_t seq = 1; seq <= 6; ++seq) add(rows, seq, "2026-01-20T00:00:00Z");
  for (int64_t seq = 7; seq <= 9; ++seq) add(rows, seq, "2026-02-20T00:00:00Z");
  add(rows, 10, "2026-03-20T00:00:00Z");
  ASSERT_TRUE(archive.append(rows));
  EXPECT_TRUE(archive.written().empty()) << "10 rows are allowed";
  rows.clear();
  add(rows, 11, "2026-03-21T00:00:00Z");
  ASSERT_TRUE(archive.append(rows));
  ASSERT_EQ(archive.written().size(), 1U);  // 11 - 6 = 5, half of what is allowed
  EXPECT_EQ(archive.written()[0].month, "2026-01");
  EXPECT_EQ(archive.rows_buffered(), 5U);
}

TEST_F(ArchiveTest, recovery_places_what_is_committed_and_deletes_what_is_not) {
  Part committed;
  {
    Archive archive(folder_, writer_, 100);
    RowBuffer rows(TableId::kChange);
    add(rows, 1, "2026-01-20T00:00:00Z");
    add(rows, 2, "2026-02-20T00:00:00Z");
    ASSERT_TRUE(archive.append(rows));
    ASSERT_TRUE(archive.flush());
    committed = archive.written()[0];
  }
  Archive archive(folder_, writer_, 100);
  const Part known[] = {committed};
  ASSERT_TRUE(archive.recover(known));
  EXPECT_EQ(content(committed), "1\n");
  EXPECT_TRUE(fs::is_empty(folder_ + "/change/month=2026-02"));
  fs::remove(folder_ + "/" + committed.path());
  const auto again = Archive(folder_, writer_, 100).recover(known);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::ErrorCode::kCorrupt);
}

TEST_F(ArchiveTest, a_name_is_free_again_when_its_part_is_forgotten) {
  Archive archive(folder_, writer_, 100);
  const auto write = [&] {
    RowBuffer rows(TableId::kChange);
    add(rows, 1, "2026-01-20T00:00:00Z");
    EXPECT_TRUE(archive.append(rows));
    EXPECT_TRUE(archive.flush());
    const Part part = archive.written().front();
    EXPECT_TRUE(archive.place());
    return part;
  };
  const Part first = write();
  EXPECT_EQ(first.name, "part-1-1.parquet");
  EXPECT_EQ(*archive.take_name({&first, 1}), "part-1-1-2.parquet");
  // What was taken and not placed is given again, but to no other meanwhile.
  EXPECT_EQ(write().name, "part-1-1-3.parquet");
  Part rewritten = first;
  rewritten.name = *archive.take_name({&first, 1});
  EXPECT_EQ(rewritten.name, "part-1-1-4.parquet");
  EXPECT_EQ(*archive.take_name({&first, 1}), "part-1-1-2.parquet");
  const std::string gone[] = {first.path()};
  archive.forget(gone);
  EXPECT_EQ(write().name, "part-1-1.parquet");
}

TEST_F(ArchiveTest, checks_remember_no_part_that_is_committed_no_more) {
  Archive archive(folder_, writer_, 100);
  RowBuffer rows(TableId::kChange);
  for (const auto* const time :
       {"2026-01-20T00:00:00Z", "2026-02-20T00:00:00Z", "2026-03-20T00:00:00Z"}) {
    add(rows, 1, time);
  }
  ASSERT_TRUE(archive.append(rows));
  ASSERT_TRUE(archive.flush());
  const std::vector<Part> parts(archive.written().begin(), archive.written().end());
  ASSERT_TRUE(archive.place());
  PartChecks checks(folder_);
  ASSERT_TRUE(checks.check_all(parts));
  EXPECT_EQ(checks.remembered(), 3U);
  ASSERT_TRUE(checks.check_changed({parts.data() + 1, 2}));
  EXPECT_EQ(checks.remembered(), 2U);
  ASSERT_TRUE(checks.check_changed(parts));
  EXPECT_EQ(checks.remembered(), 3U);
  ASSERT_TRUE(checks.check_all({parts.data(), 1}));
  EXPECT_EQ(checks.remembered(), 1U);
}

TEST_F(ArchiveTest, a_writer_that_fails_is_an_error) {
  Archive archive(folder_, writer_, 100);
  RowBuffer rows(TableId::kChange);
  add(rows, 1, "2026-01-20T00:00:00Z");
  ASSERT_TRUE(archive.append(rows));
  writer_.full = true;
  EXPECT_FALSE(archive.flush());
}

}  // namespace
}  // namespace purvey::store::archive
