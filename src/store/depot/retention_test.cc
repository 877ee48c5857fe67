#include "store/depot/retention.h"

#include <gtest/gtest.h>

#include <string>

namespace purvey::store::depot {
namespace {

constexpr int32_t kToday = 20'500;
const Retention kDefaults{.kpi_minute_days = 14, .archive_days = 400, .dead_letter_days = 30};

Part part(TableId table, int32_t stored, const std::string& name, uint64_t bytes = 100) {
  Part made;
  made.table = table;
  made.month = "2026-01";
  made.name = name;
  made.rows = 10;
  made.bytes = bytes;
  made.seq_to = stored;
  made.stored_from = stored == Part::kUnknownDay ? stored : stored - 1;
  made.stored_to = stored;
  return made;
}

std::string names(const std::vector<Part>& parts) {
  std::string all;
  for (const Part& one : parts) all += one.name + " ";
  return all;
}

TEST(RetentionTest, a_part_goes_when_all_of_its_rows_are_older_than_they_are_kept) {
  const std::vector<Part> parts = {
      part(TableId::kOrderStep, kToday - 401, "step-old"),
      part(TableId::kOrderStep, kToday - 400, "step-last-day"),
      part(TableId::kDeadLetter, kToday - 31, "letter-old"),
      part(TableId::kDeadLetterStep, kToday - 32, "letter-step-old"),
      part(TableId::kDeadLetter, kToday - 30, "letter-last-day"),
      part(TableId::kKpi, kToday - 31, "kpi"),
      part(TableId::kKpi, kToday - 401, "kpi-old"),
      part(TableId::kOrderStep, Part::kUnknownDay, "of-no-day"),
  };
  const Dropping old = old_parts(parts, kDefaults, kToday);
  EXPECT_EQ(names(old.parts), "step-old letter-old letter-step-old kpi-old ");
  ASSERT_EQ(old.rows.size(), 4U);
  EXPECT_EQ(old.rows[0], (DroppedRows{.table = TableId::kOrderStep,
                                      .cause = "archive",
                                      .rows = 10,
                                      .seq_to = kToday - 401,
                                      .stored_to = kToday - 401}));
  EXPECT_EQ(old.rows[2].cause, "dead_letters");
}

TEST(RetentionTest, zero_keeps_for_ever_and_a_clock_set_back_drops_nothing) {
  const std::vector<Part> parts = {part(TableId::kOrderStep, 1, "a"),
                                   part(TableId::kDeadLetter, 1, "b"), part(TableId::kKpi, 1, "c")};
  EXPECT_TRUE(old_parts(parts, {}, kToday).parts.empty());
  EXPECT_TRUE(parts_to_thin(parts, {}, kToday, {.rows_max = 1'000}).empty());
  EXPECT_TRUE(old_parts(parts, kDefaults, -1'000'000).parts.empty());
}

TEST(RetentionTest, what_the_present_is_worked_out_from_stays) {
  std::vector<Part> parts;
  for (const TableId table :
       {TableId::kStockMove, TableId::kStockLevel, TableId::kSupplyStep, TableId::kTransferStep,
        TableId::kCatalog, TableId::kPromotion, TableId::kQuality}) {
    parts.push_back(part(table, 1, "stays"));
  }
  EXPECT_TRUE(old_parts(parts, kDefaults, kToday).parts.empty());
  EXPECT_TRUE(oldest_parts(parts, 1'000, kToday).parts.empty());
}

TEST(RetentionTest, at_the_ceiling_the_parts_stored_first_go_but_none_of_today) {
  const std::vector<Part> parts = {
      part(TableId::kOrderStep, kToday - 1, "yesterday"), part(TableId::kKpi, kToday - 9, "nine"),
      part(TableId::kPayment, kToday - 5, "five"), part(TableId::kPayment, kToday, "today"),
      part(TableId::kPayment, Part::kUnknownDay, "of-no-day")};
  EXPECT_EQ(names(oldest_parts(parts, 150, kToday).parts), "nine five ");
  const Dropping all = oldest_parts(parts, 100'000, kToday);
  EXPECT_EQ(names(all.parts), "nine five yesterday ");
  for (const DroppedRows& rows : all.rows) EXPECT_EQ(rows.cause, "disk");
}

Part stored_between(Part part, int32_t from, int32_t to) {
  part.stored_from = from;
  part.stored_to = to;
  return part;
}

TEST(RetentionTest, steps_of_dead_letters_stay_as_long_as_a_letter_that_they_may_be_about) {
  const Part step = part(TableId::kDeadLetterStep, kToday - 32, "step");
  const Part letter = part(TableId::kDeadLetter, 0, "letter");
  const auto old = [&](int32_t from, int32_t to) {
    const std::vector<Part> parts = {stored_between(letter, kToday + from, kToday + to), step};
    return names(old_parts(parts, kDefaults, kToday).parts);
  };
  EXPECT_EQ(old(-34, -30), "");
  EXPECT_EQ(old(-34, -31), "letter step ");
  EXPECT_EQ(old(-32, -30), "");
  EXPECT_EQ(old(-31, -30), "step ") << "a letter is there before what is done with it";
  const std::vector<Part> of_no_day = {part(TableId::kDeadLetter, Part::kUnknownDay, "letter"),
                                       step};
  EXPECT_EQ(names(old_parts(of_no_day, kDefaults, kToday).parts), "");
}

TEST(RetentionTest, at_the_ceiling_steps_of_dead_letters_go_behind_the_letters) {
  const auto go = [&](int32_t letter_to, uint64_t bytes) {
    const std::vector<Part> parts = {
        part(TableId::kDeadLetterStep, kToday - 9, "step"),
        stored_between(part(TableId::kDeadLetter, 0, "letter"), kToday - 9, kToday + letter_to),
        part(TableId::kPayment, kToday - 7, "payment")};
    return names(oldest_parts(parts, bytes, kToday).parts);
  };
  EXPECT_EQ(go(-9, 50), "letter ");
  EXPECT_EQ(go(-5, 50), "payment ");
  EXPECT_EQ(go(-5, 150), "payment letter ");
  EXPECT_EQ(go(-5, 250), "payment letter step ");
  EXPECT_EQ(go(0, 1'000), "payment ") << "of today";
}

TEST(RetentionTest, minutes_of_kpis_are_left_out_once_month_by_month) {
  std::vector<Part> parts = {part(TableId::kKpi, kToday - 15, "a"),
                             part(TableId::kKpi, kToday - 14, "young"),
                             part(TableId::kKpi, kToday - 20, "b"),
                             part(TableId::kKpi, kToday - 20, "done"),
                             part(TableId::kKpi, kToday - 20, "february"),
                             part(TableId::kOrderStep, kToday - 20, "no-kpi")};
  parts[3].is_thinned = true;
  parts[4].month = "2026-02";
  EXPECT_EQ(names(parts_to_thin(parts, kDefaults, kToday, {.rows_max = 1'000})), "a b ");
  EXPECT_EQ(names(parts_to_thin(parts, kDefaults, kToday, {.rows_max = 15})), "a ");
}

TEST(RetentionTest, what_stands_in_one_part_was_stored_within_a_tenth_of_the_time_it_is_kept) {
  Part kpi = part(TableId::kKpi, kToday, "kpi");
  EXPECT_EQ(span_days(kpi, kDefaults), 1);
  kpi.is_thinned = true;
  EXPECT_EQ(span_days(kpi, kDefaults), 40);
  EXPECT_EQ(span_days(part(TableId::kDeadLetter, kToday, "letter"), kDefaults), 3);
  EXPECT_EQ(span_days(part(TableId::kPayment, kToday, "payment"), {}), 40);
}

}  // namespace
}  // namespace purvey::store::depot
