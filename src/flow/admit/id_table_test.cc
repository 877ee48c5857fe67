#include "flow/admit/id_table.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

namespace purvey::flow {
namespace {

class IdTableTest : public testing::Test {
 protected:
  IdTableTest() { std::filesystem::remove_all(folder_); }
  ~IdTableTest() override { std::filesystem::remove_all(folder_); }

  const std::string folder_ = testing::TempDir() + "id_table_" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(IdTableTest, an_id_is_new_once_then_the_same_or_another) {
  IdTable ids;
  EXPECT_EQ(ids.insert({5, 8}), Seen::kNew);
  EXPECT_EQ(ids.insert({5, 8}), Seen::kSame);
  EXPECT_EQ(ids.insert({5, 16}), Seen::kOther);
  EXPECT_EQ(ids.insert({0, 72}), Seen::kNew);
  EXPECT_EQ(ids.insert({0, 72}), Seen::kSame);
  EXPECT_EQ(ids.size(), 2U);
}

TEST_F(IdTableTest, it_agrees_with_a_map_over_saves_merges_and_reopening) {
  std::mt19937_64 random(3);
  std::map<uint64_t, uint64_t> twin;
  std::vector<std::string> runs;
  for (int round = 0; round < 9; ++round) {
    IdTable ids;
    ASSERT_TRUE(ids.open(folder_, runs));
    for (int i = 0; i < 30'000; ++i) {
      const uint64_t id = (random() % 120'000) * 0x9E3779B97F4A7C15ULL + 77;
      const uint64_t payload = random() % 3 << 3;
      const auto [known, is_new] = twin.try_emplace(id, payload);
      const Seen expected = is_new                     ? Seen::kNew
                            : known->second == payload ? Seen::kSame
                                                       : Seen::kOther;
      ASSERT_EQ(ids.insert({id, payload}), expected);
      if (i == 15'000) {
        ASSERT_TRUE(ids.spill());
      }
    }
    EXPECT_EQ(ids.size(), twin.size());
    runs = *ids.save();
    EXPECT_LE(runs.size(), 6U);
  }
}

TEST_F(IdTableTest, what_was_not_named_by_a_commit_is_forgotten) {
  IdTable ids;
  ASSERT_TRUE(ids.open(folder_, {}));
  ids.insert({1, 8});
  const auto committed = *ids.save();
  ids.insert({2, 16});
  ASSERT_TRUE(ids.save());  // the commit of this one never came
  IdTable again;
  ASSERT_TRUE(again.open(folder_, committed));
  EXPECT_EQ(again.insert({1, 8}), Seen::kSame);
  EXPECT_EQ(again.insert({2, 16}), Seen::kNew);
}

TEST_F(IdTableTest, what_is_discarded_leaves_no_file) {
  IdTable table;
  ASSERT_TRUE(table.open(folder_, {}));
  table.insert({.id = 1, .payload = 8});
  const auto committed = table.save();
  ASSERT_TRUE(committed);
  table.remove_superseded();
  table.insert({.id = 2, .payload = 8});
  ASSERT_NE(table.save().value(), *committed);
  table.discard();
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/" + committed->front()));
}

TEST_F(IdTableTest, it_knows_what_became_of_an_event) {
  using event::Verdict;
  IdTable ids;
  ASSERT_TRUE(ids.open(folder_, {}));
  for (uint64_t id = 1; id <= 100'000; ++id) {
    ASSERT_EQ(ids.insert({id, id << 3}), Seen::kNew);
    if (id % 3 == 0) ids.set_verdict(Verdict::kQuarantined);
    if (id == 50'000) {
      ASSERT_TRUE(ids.spill());
    }
  }
  for (const uint64_t id : {1U, 3U, 49'998U, 50'000U, 50'001U, 99'999U, 100'000U}) {
    EXPECT_EQ(ids.find(id), id % 3 == 0 ? Verdict::kQuarantined : Verdict::kAccepted) << id;
    EXPECT_EQ(ids.insert({id, id << 3}), Seen::kSame);
  }
  EXPECT_EQ(ids.find(100'001), std::nullopt);
}

TEST_F(IdTableTest, the_newest_word_on_an_id_holds_through_saves_merges_and_spills) {
  using event::Verdict;
  IdTable ids;
  ASSERT_TRUE(ids.open(folder_, {}));
  const auto word = [](uint64_t id, uint64_t round) { return EventId{id, (id + round) << 3}; };
  for (uint64_t id = 1; id <= 1'000; ++id) {
    ids.insert(word(id, 0));
    ids.set_verdict(Verdict::kQuarantined);
  }
  std::vector<std::string> runs;
  // Each id is replaced in one round, some twice within it; a third of the rounds forgets memory.
  for (uint64_t round = 1; round <= 30; ++round) {
    for (uint64_t id = round; id <= 1'000; id += 30) {
      ids.replace(word(id, 99), Verdict::kQuarantined);
      ids.replace(word(id, round), Verdict::kAccepted);
    }
    if (round % 3 == 0) {
      ASSERT_TRUE(ids.spill());
    }
    runs = *ids.save();
  }
  IdTable again;
  ASSERT_TRUE(again.open(folder_, runs));
  for (IdTable* table : {&ids, &again}) {
    for (uint64_t id = 1; id <= 1'000; ++id) {
      const uint64_t round = (id - 1) % 30 + 1;
      ASSERT_EQ(table->find(id), Verdict::kAccepted) << id;
      ASSERT_EQ(table->insert(word(id, round)), Seen::kSame) << id;
      ASSERT_EQ(table->insert(word(id, 0)), Seen::kOther) << id;
    }
    EXPECT_EQ(table->find(1'001), std::nullopt);
  }
}

TEST_F(IdTableTest, files_that_were_merged_can_go_once_the_others_are_committed) {
  IdTable ids;
  ASSERT_TRUE(ids.open(folder_, {}));
  std::vector<std::string> runs;
  for (uint64_t round = 0; round < 20; ++round) {
    ids.insert({round + 1, 8});
    runs = *ids.save();
    ids.remove_superseded();
  }
  const auto files = std::filesystem::directory_iterator(folder_);
  EXPECT_EQ(static_cast<size_t>(std::distance(begin(files), end(files))), runs.size());
  IdTable again;
  ASSERT_TRUE(again.open(folder_, runs));
  EXPECT_EQ(again.size(), 20U);
}

TEST_F(IdTableTest, a_damaged_run_is_named) {
  IdTable ids;
  ASSERT_TRUE(ids.open(folder_, {}));
  for (uint64_t id = 1; id < 100; ++id) ids.insert({id, id});
  const auto runs = *ids.save();
  std::fstream file(folder_ + "/" + runs[0], std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(100);
  file.put('x');
  file.close();
  IdTable again;
  const auto opened = again.open(folder_, runs);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::ErrorCode::kCorrupt);
  EXPECT_NE(opened.error().message.find(runs[0]), std::string::npos);
}

}  // namespace
}  // namespace purvey::flow
