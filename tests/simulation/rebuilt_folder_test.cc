// The power is cut at each step of a folder taking the place of another: one of the two is left,
// whole.
#include "store/depot/rebuilt_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/file.h"
#include "sim_disk.h"
#include "sim_engine.h"
#include "store/depot/store.h"

namespace purvey::simulation {
namespace {

using store::depot::Store;

constexpr const char* kFolder = "/data";

class RebuiltFolderSimulation {
 public:
  explicit RebuiltFolderSimulation(uint64_t seed) : disk_(seed), engine_(disk_) {
    make_store(kFolder, 1, "old");
    old_ = *open(kFolder);  // as a purge holds it
    make_store(store::depot::rebuild_folder(kFolder), 2, "new");
    begun_ = disk_.steps();
  }

  /// Steps until the new folder stands in the place of the old one.
  uint64_t steps() {
    EXPECT_TRUE(store::depot::put_in_place(kFolder, disk_));
    return disk_.steps() - begun_;
  }

  /// Cuts the power at a step of it, and perhaps at one of the next start, which finishes it.
  /// Whether the new one is left.
  bool cut(uint64_t step, Survival survival, uint64_t step_of_start) {
    disk_.plan_crash(begun_ + step);
    const bool is_done = store::depot::put_in_place(kFolder, disk_).has_value();
    old_.reset();
    restart(survival);
    if (step_of_start > 0) {
      disk_.plan_crash(disk_.steps() + step_of_start);
      static_cast<void>(open(kFolder));
      if (disk_.is_down()) restart(survival);
      disk_.forget_plans();
    }
    const bool is_new = what_is_left();
    EXPECT_TRUE(is_new || !is_done) << "it was told to be in place";
    return is_new;
  }

 private:
  base::Result<std::unique_ptr<Store>> open(const std::string& folder) {
    return Store::open({.folder = folder, .disk = &disk_, .engine = &engine_});
  }

  void restart(Survival survival) {
    if (!disk_.is_down()) disk_.cut_power();
    disk_.restart(survival);
    disk_.forget_plans();
  }

  /// `rows` payments, and a file that no store knows of.
  void make_store(const std::string& folder, int64_t rows, const std::string& words) {
    {
      const auto store = open(folder);
      ASSERT_TRUE(store) << store.error().message;
      store::RowBuffer steps(store::TableId::kDeadLetterStep);
      for (int64_t i = 1; i <= rows; ++i) {
        steps.integer(i);
        steps.integer(i);
        steps.text(words);
        steps.time({i});
        steps.null();
        steps.null();
        steps.end_row({i});
      }
      ASSERT_TRUE((*store)->append(steps));
      ASSERT_TRUE((*store)->commit({.next_seq = rows + 1, .checkpoint = words}));
    }
    ASSERT_TRUE(base::make_folder(folder + "/ids", disk_));
    ASSERT_TRUE(base::write_file(folder + "/ids/run-" + words, words, 0644, disk_));
  }

  bool what_is_left() {
    const auto store = open(kFolder);
    EXPECT_TRUE(store) << store.error().message;
    if (!store) return false;
    const bool is_new = (*store)->next_seq() == 3;
    const std::string words = is_new ? "new" : "old";
    EXPECT_EQ((*store)->next_seq(), is_new ? 3 : 2);
    EXPECT_TRUE((*store)->verify());
    EXPECT_EQ((*store)->load_checkpoint()->value_or(""), words);
    EXPECT_EQ(*base::read_file(std::string(kFolder) + "/ids/run-" + words, 100, disk_), words);
    EXPECT_EQ(disk_.list(std::string(kFolder) + "/ids")->size(), 1U);
    const auto left = *disk_.list(kFolder);
    EXPECT_EQ(std::count_if(left.begin(), left.end(),
                            [](const std::string& name) { return name.starts_with("rebuil"); }),
              0);
    return is_new;
  }

  SimDisk disk_;
  SimEngine engine_;
  std::unique_ptr<Store> old_;
  uint64_t begun_ = 0;
};

TEST(RebuiltFolderSimulationTest, a_power_cut_leaves_the_old_folder_or_the_new_one) {
  const uint64_t steps = RebuiltFolderSimulation(1).steps();
  ASSERT_GT(steps, 10U);
  int old_ones = 0;
  int new_ones = 0;
  for (int survival = 0; survival < kSurvivals; ++survival) {
    for (uint64_t step = 1; step <= steps; ++step) {
      for (const uint64_t of_start : {0UL, 1UL, 5UL, 12UL, 25UL}) {
        SCOPED_TRACE(testing::Message() << "survival " << survival << ", step " << step << " of "
                                        << steps << ", step of the start " << of_start);
        const bool is_new = RebuiltFolderSimulation(step * 7 + of_start)
                                .cut(step, static_cast<Survival>(survival), of_start);
        ++(is_new ? new_ones : old_ones);
        if (testing::Test::HasFailure()) return;
      }
    }
  }
  EXPECT_GT(old_ones, 50);
  EXPECT_GT(new_ones, 100);
}

}  // namespace
}  // namespace purvey::simulation
