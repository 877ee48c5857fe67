#include "flow/import/record_sorter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>

namespace purvey::flow {
namespace {

using Records = std::vector<std::pair<SortKey, std::string>>;

Records sorted(const Records& records, size_t memory, uint64_t* spilled = nullptr) {
  RecordSorter sorter(testing::TempDir(), memory);
  for (const auto& [key, bytes] : records) EXPECT_TRUE(sorter.add(key, bytes));
  EXPECT_TRUE(sorter.finish());
  Records out;
  SortKey key;
  std::string_view bytes;
  while (sorter.next(key, bytes).value()) out.emplace_back(key, std::string(bytes));
  EXPECT_FALSE(sorter.next(key, bytes).value());
  if (spilled != nullptr) *spilled = sorter.spilled_bytes();
  return out;
}

TEST(RecordSorter, gives_the_same_order_whatever_the_memory) {
  std::mt19937_64 random(5);
  Records records;
  for (int i = 0; i < 60'000; ++i) {
    records.push_back({{random() % 1000, random() % 4},
                       std::string(random() % 90, static_cast<char>('a' + i % 26))});
  }
  records.push_back({{500, 0}, std::string(300'000, 'z')});  // larger than the least memory
  Records expected = records;
  std::ranges::sort(expected);
  uint64_t spilled = 0;
  EXPECT_EQ(sorted(records, 64 << 20, &spilled), expected);
  EXPECT_EQ(spilled, 0U);
  EXPECT_EQ(sorted(records, 1 << 20, &spilled), expected);
  EXPECT_GT(spilled, 0U);
  EXPECT_EQ(sorted(records, RecordSorter::kMemoryMin, &spilled), expected);  // merges in passes
}

TEST(RecordSorter, nothing_in_nothing_out) {
  EXPECT_TRUE(sorted({}, 1 << 20).empty());
}

TEST(RecordSorter, leaves_no_file_behind_even_while_it_works) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "sorter-leaves-nothing";
  std::filesystem::create_directories(folder);
  RecordSorter sorter(folder, RecordSorter::kMemoryMin);
  for (uint64_t i = 0; i < 20'000; ++i) ASSERT_TRUE(sorter.add({i, 0}, "some bytes"));
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  ASSERT_TRUE(sorter.finish());
  EXPECT_GT(sorter.spilled_bytes(), 0U);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
}

TEST(RecordSorter, a_folder_that_cannot_be_written_is_an_error) {
  RecordSorter sorter("/nowhere/at/all", RecordSorter::kMemoryMin);
  base::Result<void> added;
  for (uint64_t i = 0; i < 20'000 && added; ++i) added = sorter.add({i, 0}, "some bytes");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(added.error().message,
            "/nowhere/at/all: a temporary file cannot be made: No such file or directory");
}

}  // namespace
}  // namespace purvey::flow
