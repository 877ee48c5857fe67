#include "store/archive/merge_plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace purvey::store::archive {
namespace {

/// Parts of one table as a server adds them, and merged as plan_merge() says.
class Parts {
 public:
  void add(uint64_t rows, int32_t day, const std::string& month = "2026-01") {
    Part part;
    part.table = TableId::kOrderStep;
    part.month = month;
    part.rows = rows;
    part.seq_from = next_seq_;
    next_seq_ += static_cast<int64_t>(rows);
    part.seq_to = next_seq_ - 1;
    part.stored_from = part.stored_to = day;
    part.name = "part-" + std::to_string(++names_);
    rows_added_ += rows;
    parts_.push_back(part);
  }
  /// Until nothing is left to do.
  void merge(const MergeRules& rules) {
    for (;;) {
      const auto plan = plan_merge(parts_, rules);
      if (plan.empty()) return;
      ASSERT_GE(plan.size(), 2U);
      Part whole = plan.front();
      whole.rows = 0;
      whole.name = "part-" + std::to_string(++names_);
      for (const Part& part : plan) {
        whole.rows += part.rows;
        whole.seq_to = std::max(whole.seq_to, part.seq_to);
        whole.stored_to = std::max(whole.stored_to, part.stored_to);
        EXPECT_EQ(part.month, whole.month);
        std::erase_if(parts_, [&](const Part& one) { return one.name == part.name; });
      }
      EXPECT_LE(whole.rows, rules.rows_max);
      rows_rewritten_ += whole.rows;
      parts_.push_back(whole);
    }
  }

  std::vector<Part> parts_;
  uint64_t rows_added_ = 0;
  uint64_t rows_rewritten_ = 0;

 private:
  int64_t next_seq_ = 1;
  int names_ = 0;
};

TEST(MergePlanTest, eight_parts_of_one_tier_become_one) {
  Parts parts;
  for (int i = 0; i < 7; ++i) parts.add(100, 20'000);
  EXPECT_TRUE(plan_merge(parts.parts_, {.today = 20'000}).empty());
  parts.add(100, 20'000);
  const auto plan = plan_merge(parts.parts_, {.today = 20'000});
  ASSERT_EQ(plan.size(), 8U);
  EXPECT_EQ(plan.front().seq_from, 1);  // the oldest first
  parts.merge({.today = 20'000});
  ASSERT_EQ(parts.parts_.size(), 1U);
  EXPECT_EQ(parts.parts_[0].rows, 800U);
}

TEST(MergePlanTest, a_month_of_commits_leaves_few_parts_and_rewrites_each_row_a_few_times) {
  for (const uint64_t rows : {1, 40, 700}) {
    Parts parts;
    const MergeRules rules{.today = 20'000};
    for (int commit = 0; commit < 30 * 1'440; ++commit) {
      parts.add(rows + static_cast<uint64_t>(commit * 7919 % 13), 20'000);
      parts.merge(rules);
    }
    // Full ones hold more than half of 245,760 rows; beside them at most 7 in each of 6 tiers.
    const uint64_t full = 2 * parts.rows_added_ / kPartRows + 1;
    EXPECT_LE(parts.parts_.size(), full + 42) << rows;
    const double amplification =
        static_cast<double>(parts.rows_rewritten_) / static_cast<double>(parts.rows_added_);
    EXPECT_LE(amplification, 6) << rows;
    if (rows == 700) {
      EXPECT_LE(amplification, 3);
    }
  }
}

TEST(MergePlanTest, a_full_part_stays_as_it_is) {
  Parts parts;
  for (int i = 0; i < 20; ++i) parts.add(kPartRows / 2 + 1, 20'000);
  EXPECT_TRUE(plan_merge(parts.parts_, {.today = 20'000}).empty());
}

TEST(MergePlanTest, what_is_merged_is_of_one_month_and_one_span_of_days) {
  Parts parts;
  for (int i = 0; i < 5; ++i) parts.add(100, 20'000, "2026-01");
  for (int i = 0; i < 5; ++i) parts.add(100, 20'000, "2026-02");
  EXPECT_TRUE(plan_merge(parts.parts_, {.today = 20'000}).empty());
  const MergeRules by_day{.today = 20'001, .span_days = [](const Part&) { return 1; }};
  Parts days;
  for (int i = 0; i < 8; ++i) days.add(100, 20'000 + i % 2);
  // Of yesterday, which is over, what is left becomes one part; today is too young for it.
  const auto plan = plan_merge(days.parts_, by_day);
  ASSERT_EQ(plan.size(), 4U);
  for (const Part& part : plan) EXPECT_EQ(part.stored_to, 20'000);
  days.merge(by_day);
  EXPECT_EQ(days.parts_.size(), 5U);
}

TEST(MergePlanTest, parts_whose_day_is_not_known_are_merged_among_themselves) {
  Parts parts;
  for (int i = 0; i < 8; ++i) parts.add(100, i < 4 ? Part::kUnknownDay : 20'000);
  EXPECT_TRUE(plan_merge(parts.parts_, {.today = 20'000}).empty());
  for (int i = 0; i < 4; ++i) parts.add(100, Part::kUnknownDay);
  for (const Part& part : plan_merge(parts.parts_, {.today = 20'000})) {
    EXPECT_EQ(part.stored_to, Part::kUnknownDay);
  }
}

TEST(MergePlanTest, what_is_to_be_left_alone_is) {
  Parts parts;
  for (int i = 0; i < 8; ++i) parts.add(100, 20'000);
  const MergeRules rules{.today = 20'000,
                         .is_left_alone = [](const Part& part) { return part.seq_from == 1; }};
  EXPECT_TRUE(plan_merge(parts.parts_, rules).empty());
}

}  // namespace
}  // namespace purvey::store::archive
