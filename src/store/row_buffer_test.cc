#include <gtest/gtest.h>

#include "store/table.h"

namespace purvey::store {
namespace {

/// Rows of `change`: seq, kind, object, happened_at, before, after.
void add(RowBuffer& rows, int64_t seq, std::string_view kind, const char* object) {
  rows.integer(seq);
  rows.text(kind);
  object == nullptr ? rows.null() : rows.text(object);
  rows.time({seq});
  rows.null();
  rows.null();
  rows.end_row({seq * 10});
}

RowBuffer four_rows() {
  RowBuffer rows(TableId::kChange);
  add(rows, 1, "deploy", "a");
  add(rows, 2, "", nullptr);
  add(rows, 3, "price", "");
  add(rows, 4, "rule", "long object name");
  return rows;
}

TEST(RowBuffer, cells_come_back_as_they_were_written) {
  const RowBuffer rows = four_rows();
  EXPECT_EQ(rows.rows(), 4U);
  EXPECT_EQ(rows.cells(0)[3], 4);
  EXPECT_EQ(rows.text_at(1, 0), "deploy");
  EXPECT_FALSE(rows.is_null(1, 1));
  EXPECT_TRUE(rows.is_null(2, 1));
  EXPECT_EQ(rows.text_at(2, 2), "");
  EXPECT_FALSE(rows.is_null(2, 2));
  EXPECT_EQ(rows.partition_times()[3], base::EventTime{40});
}

TEST(RowBuffer, a_range_of_rows_is_copied_wherever_it_begins_and_ends) {
  const RowBuffer from = four_rows();
  for (size_t begin = 0; begin <= from.rows(); ++begin) {
    for (size_t end = begin; end <= from.rows(); ++end) {
      RowBuffer to(TableId::kChange);
      add(to, 99, "before", "kept");
      to.append(from, begin, end);
      ASSERT_EQ(to.rows(), 1 + end - begin);
      EXPECT_EQ(to.text_at(1, 0), "before");
      for (size_t row = begin; row < end; ++row) {
        const size_t copy = 1 + row - begin;
        EXPECT_EQ(to.cells(0)[copy], from.cells(0)[row]);
        EXPECT_EQ(to.partition_times()[copy], from.partition_times()[row]);
        for (const size_t column : {1U, 2U, 4U}) {
          EXPECT_EQ(to.is_null(column, copy), from.is_null(column, row));
          EXPECT_EQ(to.text_at(column, copy), from.text_at(column, row));
        }
      }
      add(to, 100, "after", "more");
      EXPECT_EQ(to.text_at(2, to.rows() - 1), "more");
    }
  }
}

TEST(RowBuffer, cleared_it_is_empty_and_can_be_filled_again) {
  RowBuffer rows = four_rows();
  rows.clear();
  EXPECT_EQ(rows.rows(), 0U);
  add(rows, 7, "again", nullptr);
  EXPECT_EQ(rows.text_at(1, 0), "again");
}

}  // namespace
}  // namespace purvey::store
