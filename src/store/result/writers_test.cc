#include "store/result/writers.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace purvey::store::result {
namespace {

using Cell = std::optional<std::string>;
using Make = std::unique_ptr<ResultWriter> (*)(WriteBytes);

const std::vector<ResultColumn> kColumns = {
    {"name", CellKind::kText, "VARCHAR"},      {"n", CellKind::kNumber, "BIGINT"},
    {"x", CellKind::kDouble, "DOUBLE"},        {"ok", CellKind::kFlag, "BOOLEAN"},
    {"at", CellKind::kTimestamp, "TIMESTAMP"}, {"day", CellKind::kDate, "DATE"},
};

ResultChunk chunk_of(const std::vector<std::vector<Cell>>& rows) {
  ResultChunk chunk(rows[0].size());
  for (const auto& row : rows) {
    for (size_t column = 0; column < row.size(); ++column) {
      if (row[column]) chunk.text(column) += *row[column];
      chunk.end_cell(column, !row[column]);
    }
  }
  return chunk;
}

std::string written(Make make, const std::vector<ResultColumn>& columns,
                    const std::vector<std::vector<Cell>>& rows) {
  std::string out;
  const auto writer = make([&](std::string_view bytes) -> base::Result<void> {
    out += bytes;
    return {};
  });
  EXPECT_TRUE(writer->begin(columns));
  EXPECT_TRUE(rows.empty() || writer->rows(chunk_of(rows)));
  EXPECT_TRUE(writer->finish());
  return out;
}

std::unique_ptr<ResultWriter> table(WriteBytes write) {
  return make_table_writer(std::move(write), 12);
}

const std::vector<std::vector<Cell>> kRows = {
    {"plain", "1", "0.5", "true", "2026-01-02 03:04:05.678", "2026-01-02"},
    {std::nullopt, std::nullopt, "nan", std::nullopt, std::nullopt, std::nullopt},
};

TEST(CsvWriter, quotes_only_what_must_be_and_tells_null_from_empty) {
  EXPECT_EQ(written(make_csv_writer, {{"a,b", CellKind::kText, ""}, {"c", CellKind::kText, ""}},
                    {{"say \"hi\"", "two\nlines"}, {"", std::nullopt}, {"cr\r", "x y"}}),
            "\"a,b\",c\r\n\"say \"\"hi\"\"\",\"two\nlines\"\r\n\"\",\r\n\"cr\r\",x y\r\n");
}

TEST(CsvWriter, writes_every_kind_as_its_text) {
  EXPECT_EQ(written(make_csv_writer, kColumns, kRows),
            "name,n,x,ok,at,day\r\n"
            "plain,1,0.5,true,2026-01-02 03:04:05.678,2026-01-02\r\n"
            ",,nan,,,\r\n");
}

TEST(JsonWriter, numbers_and_flags_are_bare_and_times_are_iso) {
  EXPECT_EQ(written(make_json_writer, kColumns, kRows),
            "[\n{\"name\": \"plain\", \"n\": 1, \"x\": 0.5, \"ok\": true, "
            "\"at\": \"2026-01-02T03:04:05.678Z\", \"day\": \"2026-01-02\"},\n"
            "{\"name\": null, \"n\": null, \"x\": null, \"ok\": null, \"at\": null, \"day\": "
            "null}\n]\n");
}

TEST(JsonWriter, infinities_are_null_or_text_and_no_rows_are_an_empty_array) {
  const std::vector<ResultColumn> columns = {{"x", CellKind::kDouble, ""},
                                             {"at", CellKind::kTimestamp, ""}};
  EXPECT_EQ(written(make_json_writer, columns, {{"-inf", "infinity"}, {"1e+30", std::nullopt}}),
            "[\n{\"x\": null, \"at\": \"infinity\"},\n{\"x\": 1e+30, \"at\": null}\n]\n");
  EXPECT_EQ(written(make_json_writer, columns, {}), "[]\n");
}

TEST(JsonWriter, escapes_what_json_demands) {
  EXPECT_EQ(written(make_json_writer, {{"a\"b", CellKind::kText, ""}}, {{"\\ \" \n\r\t\x01 上"}}),
            "[\n{\"a\\\"b\": \"\\\\ \\\" \\n\\r\\t\\u0001 上\"}\n]\n");
}

TEST(TableWriter, aligns_numbers_right_and_wide_letters_by_their_width) {
  const std::vector<ResultColumn> columns = {{"warehouse", CellKind::kText, ""},
                                             {"units", CellKind::kNumber, ""},
                                             {"note", CellKind::kText, ""}};
  EXPECT_EQ(written(table, columns, {{"上海", "7", "ok"}, {"Beijing", "12345678", std::nullopt}}),
            "warehouse     units  note\n"
            "---------  --------  ----\n"
            "上海              7  ok\n"
            "Beijing    12345678  \n");
}

TEST(TableWriter, cuts_long_texts_and_heads_an_empty_result) {
  EXPECT_EQ(written(table, {{"t", CellKind::kText, ""}}, {{"0123456789abcdef"}}),
            "t\n------------\n0123456789a…\n");
  EXPECT_EQ(written(table, {{"t", CellKind::kText, ""}}, {}), "t\n-\n");
}

TEST(ResultWriter, an_error_of_the_output_ends_the_writing) {
  const auto full = [](std::string_view) -> base::Result<void> {
    return base::unavailable("the disk is full");
  };
  for (const auto& writer : {make_csv_writer(full), make_json_writer(full)}) {
    EXPECT_FALSE(writer->begin(kColumns));
    EXPECT_FALSE(writer->rows(chunk_of(kRows)));
  }
  EXPECT_FALSE(make_table_writer(full)->finish());
}

}  // namespace
}  // namespace purvey::store::result
