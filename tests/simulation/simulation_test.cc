#include <gtest/gtest.h>

#include "base/file.h"
#include "sim_disk.h"
#include "world.h"

namespace purvey::simulation {
namespace {

constexpr unsigned kMode = 0644;

TEST(SimDiskTest, what_was_not_synced_is_lost_and_so_are_names) {
  SimDisk disk(1);
  ASSERT_TRUE(disk.make_folders("/a"));
  ASSERT_TRUE(disk.sync("/"));
  ASSERT_TRUE(base::write_file("/a/whole", "kept", kMode, disk));
  ASSERT_TRUE(disk.write("/a/unsynced", "lost", kMode));
  ASSERT_TRUE(disk.write("/a/unnamed", "lost with its name", kMode));
  ASSERT_TRUE(disk.sync("/a/unnamed"));
  disk.cut_power();
  EXPECT_FALSE(disk.list("/a"));
  disk.restart(Survival::kNothing);
  EXPECT_EQ(*disk.list("/a"), std::vector<std::string>{"whole"});
  EXPECT_EQ(*base::read_file("/a/whole", 100, disk), "kept");
}

TEST(SimDiskTest, a_process_that_dies_leaves_all_that_it_wrote) {
  SimDisk disk(1);
  ASSERT_TRUE(disk.write("/a", "written", kMode));
  disk.cut_power();
  disk.go_on();
  EXPECT_EQ(*base::read_file("/a", 100, disk), "written");
}

TEST(SimDiskTest, a_torn_write_leaves_whole_sectors) {
  for (uint64_t seed = 1; seed < 50; ++seed) {
    SimDisk disk(seed);
    ASSERT_TRUE(base::write_file("/a", std::string(5'000, 'a'), kMode, disk));
    ASSERT_TRUE(disk.write("/a", std::string(5'000, 'b'), kMode));
    disk.cut_power();
    disk.restart(Survival::kSectors);
    const std::string bytes = *base::read_file("/a", 10'000, disk);
    for (size_t at = 0; at < bytes.size(); ++at) {
      EXPECT_EQ(bytes[at], bytes[at / 512 * 512]) << seed << " at " << at;
    }
  }
}

TEST(SimDiskTest, after_a_failed_sync_another_one_lies) {
  SimDisk disk(1);
  ASSERT_TRUE(base::write_file("/a", "old", kMode, disk));
  ASSERT_TRUE(disk.write("/a", "new", kMode));
  disk.plan_fault(disk.steps() + 1, Fault::kFailedSync);
  EXPECT_FALSE(disk.sync("/a"));
  EXPECT_TRUE(disk.sync("/a"));
  EXPECT_EQ(*base::read_file("/a", 100, disk), "new");
  disk.cut_power();
  disk.restart(Survival::kNothing);
  EXPECT_EQ(*base::read_file("/a", 100, disk), "old");
}

TEST(SimDiskTest, a_full_disk_takes_no_more_until_there_is_room) {
  SimDisk disk(1);
  disk.set_capacity(disk.used() + 10'000);
  EXPECT_FALSE(disk.write("/a", std::string(20'000, 'a'), kMode));
  disk.set_capacity(disk.used() + 30'000);
  EXPECT_TRUE(disk.write("/a", std::string(20'000, 'a'), kMode));
}

TEST(SimulationTest, the_same_seed_does_the_same_again) {
  for (const uint64_t seed : {3, 11}) {
    const Outcome one = run({.seed = seed, .small = true});
    const Outcome other = run({.seed = seed, .small = true});
    EXPECT_EQ(one.problem.value_or(""), "");
    EXPECT_EQ(one.trace, other.trace);
    EXPECT_EQ(one.digest, other.digest);
  }
}

TEST(SimulationTest, an_amount_that_is_off_by_a_cent_shows_in_the_digest) {
  for (const uint64_t seed : {5, 6}) {
    const std::vector<Disturbance> calm;
    const Outcome right = run({.seed = seed, .small = true, .disturbances = calm});
    const Outcome off =
        run({.seed = seed, .small = true, .disturbances = calm, .mutation = Mutation::kCent});
    EXPECT_EQ(right.problem.value_or(""), "");
    EXPECT_EQ(off.problem.value_or(""), "");
    EXPECT_NE(off.digest, right.digest);
  }
}

/// What finds no bug that was put in by hand finds none.
class MutationTest : public testing::TestWithParam<Mutation> {};

TEST_P(MutationTest, is_found) {
  constexpr uint64_t kSeedsMost = 60;
  for (uint64_t seed = 1; seed <= kSeedsMost; ++seed) {
    if (run({.seed = seed, .small = true, .mutation = GetParam()}).problem) return;
  }
  FAIL() << "not found by " << kSeedsMost << " seeds";
}

INSTANTIATE_TEST_SUITE_P(All, MutationTest,
                         testing::Values(Mutation::kJournalSyncs, Mutation::kPartSyncs,
                                         Mutation::kFolderSyncs, Mutation::kLedgerSyncs,
                                         Mutation::kBatchTwice, Mutation::kBatchForgotten));

}  // namespace
}  // namespace purvey::simulation
