#include "event/csv/csv_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "base/memory_source_fixture.h"

namespace purvey::event::csv {
namespace {

using Cells = std::vector<std::string>;

struct ReadRow {
  uint64_t line;
  RowFault fault;
  Cells cells;
  std::string why;
  size_t fault_cell = 0;
};

struct Table {
  std::vector<std::string> columns;
  std::vector<ReadRow> rows;
  char separator = 0;
  Encoding encoding = Encoding::kDetect;
};

base::Result<Table> read_all(std::string_view text, const Layout& layout = {},
                             size_t piece = 1 << 20) {
  auto reader = PURVEY_TRY(CsvReader::open(base::memory_source(text, piece), "t.csv", layout));
  Table table{reader->columns(), {}, reader->separator(), reader->encoding()};
  Row row;
  while (PURVEY_TRY(reader->next(row))) {
    table.rows.push_back({row.line, row.fault, Cells(row.cells.begin(), row.cells.end()),
                          reader->explain(row), row.fault_cell});
  }
  return table;
}

Table table_of(std::string_view text, const Layout& layout = {}, size_t piece = 1 << 20) {
  auto table = read_all(text, layout, piece);
  EXPECT_TRUE(table) << table.error().message;
  return table ? *table : Table{};
}

TEST(CsvReader, reads_quotes_line_breaks_and_doubled_quotes_and_knows_the_lines) {
  const auto table =
      table_of("id,text\n1,\"a \"\"b\"\", c\"\n2,\"two\nlines\"\n3,plain \"q\" here\n4,\n");
  ASSERT_EQ(table.columns, (Cells{"id", "text"}));
  ASSERT_EQ(table.rows.size(), 4U);
  EXPECT_EQ(table.rows[0].cells, (Cells{"1", "a \"b\", c"}));
  EXPECT_EQ(table.rows[1].cells, (Cells{"2", "two\nlines"}));
  EXPECT_EQ(table.rows[2].cells, (Cells{"3", "plain \"q\" here"}));
  EXPECT_EQ(table.rows[2].line, 5U);  // header 1, row 2, two lines 3 and 4
  EXPECT_EQ(table.rows[3].cells, (Cells{"4", ""}));
}

TEST(CsvReader, takes_every_line_end_also_mixed_and_a_last_row_without_one) {
  for (const char* text :
       {"a,b\n1,2\n3,4", "a,b\r1,2\r3,4\r", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r\n1,2\r3,4\n"}) {
    for (const size_t piece : {1U, 2U, 3U, 100U}) {
      const auto table = table_of(text, {}, piece);
      ASSERT_EQ(table.rows.size(), 2U) << text;
      EXPECT_EQ(table.rows[0].cells, (Cells{"1", "2"}));
      EXPECT_EQ(table.rows[1].cells, (Cells{"3", "4"}));
      EXPECT_EQ(table.rows[1].line, 3U);
    }
  }
}

TEST(CsvReader, detects_the_separator_even_where_another_is_common_in_the_text) {
  EXPECT_EQ(table_of("a;b\n1,5;x, y\n2,5;z\n").separator, ';');
  EXPECT_EQ(table_of("a\tb,c\n1\t2\n").separator, '\t');
  EXPECT_EQ(table_of("a|b|c\n1|2|3\n").separator, '|');
  EXPECT_EQ(table_of("\"a;1\",\"b;2\"\n1,2\n").separator, ',');
  EXPECT_EQ(table_of("only\n1\n").separator, ',');
  EXPECT_EQ(table_of("\xC3\xFB\xB3\xC6;\xCA\xFD\xC1\xBF\n\xC5\xA3\xC4\xCC;3,5\n").separator, ';');
}

TEST(CsvReader, gives_every_column_a_name_of_its_own) {
  EXPECT_EQ(table_of("a,,a, a ,\n1,2,3,4,5\n").columns,
            (Cells{"a", "column_2", "a_2", "a_3", "column_5"}));
}

TEST(CsvReader, a_bad_row_has_its_reason_and_the_next_row_is_read) {
  struct Case {
    std::string row;
    RowFault fault;
    std::string why;
  };
  using namespace std::string_literals;
  const Case cases[] = {
      {"1,2,3", RowFault::kCellCount, "3 cells where the header has 2"},
      {"1", RowFault::kCellCount, "1 cells where the header has 2"},
      {",", RowFault::kBlank, "blank row"},
      {" ,\t", RowFault::kBlank, "blank row"},
      {"", RowFault::kBlank, "blank row"},
      {"\"a\"b,2", RowFault::kTextAfterQuote,
       "text behind a closing quote (a quote inside quotes must be doubled)"},
      {"a\0b,2"s, RowFault::kZeroByte, "a zero byte"},
      {"caf\xE9,2", RowFault::kUndecodable, "bytes that are no text in utf-8"},
      {"\xC0\xAF,2", RowFault::kUndecodable, "bytes that are no text in utf-8"},
      {"\xED\xA0\x80,2", RowFault::kUndecodable, "bytes that are no text in utf-8"},
  };
  for (const Case& bad : cases) {
    const auto table = table_of("a,b\n" + bad.row + "\n8,9\n", {.encoding = Encoding::kUtf8});
    ASSERT_EQ(table.rows.size(), 2U) << bad.why;
    EXPECT_EQ(table.rows[0].fault, bad.fault) << bad.row;
    EXPECT_EQ(table.rows[0].why, bad.why);
    EXPECT_EQ(table.rows[0].line, 2U);
    EXPECT_EQ(table.rows[1].fault, RowFault::kNone);
    EXPECT_EQ(table.rows[1].cells, (Cells{"8", "9"}));
    EXPECT_EQ(table.rows[1].line, 3U);
  }
}

TEST(CsvReader, an_open_quote_costs_one_line_not_the_rest_of_the_file) {
  const auto table = table_of("a,b\n1,\"open\n2,x\n3,y\n");
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_EQ(table.rows[0].fault, RowFault::kOpenQuote);
  EXPECT_EQ(table.rows[0].line, 2U);
  EXPECT_EQ(table.rows[1].cells, (Cells{"2", "x"}));
  EXPECT_EQ(table.rows[2].line, 4U);
}

TEST(CsvReader, an_open_quote_is_given_up_within_the_row_limit) {
  std::string text = "a,b\n1,\"open\n";
  while (text.size() < 3 * kRowBytesMax) text += "2,x\n";
  const auto table = table_of(text);
  EXPECT_EQ(table.rows.front().fault, RowFault::kOpenQuote);
  EXPECT_EQ(table.rows.back().fault, RowFault::kNone);
  EXPECT_EQ(table.rows.size(), 1 + (text.size() - 12) / 4);
  EXPECT_EQ(table.rows.back().line, table.rows.size() + 1);
}

TEST(CsvReader, the_row_limit_holds_to_the_byte) {
  for (const size_t piece : {size_t{4096}, size_t{1} << 22}) {
    const std::string fits(kRowBytesMax - 2, 'x');
    const auto table =
        table_of("a,b\n1," + fits + "\n1,x" + fits + "\n1," + fits + fits + "\n2,y\n", {}, piece);
    ASSERT_EQ(table.rows.size(), 4U);
    EXPECT_EQ(table.rows[0].fault, RowFault::kNone);
    EXPECT_EQ(table.rows[0].cells[1].size(), kRowBytesMax - 2);
    EXPECT_EQ(table.rows[1].fault, RowFault::kTooLong);
    EXPECT_EQ(table.rows[2].fault, RowFault::kTooLong);
    EXPECT_EQ(table.rows[2].line, 4U);
    EXPECT_EQ(table.rows[3].cells, (Cells{"2", "y"}));
    EXPECT_EQ(table.rows[3].line, 5U);
  }
}

TEST(CsvReader, the_column_limit_holds_to_the_cell) {
  const std::string widest(kColumnsMax - 1, ',');
  const auto table = table_of(widest + "\n" + "x" + widest + ",\n" + "y" + widest + "\n",
                              {.separator = ',', .columns = {"a"}});
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_EQ(table.rows[0].fault, RowFault::kBlank);
  EXPECT_EQ(table.rows[1].fault, RowFault::kTooManyCells);
  EXPECT_EQ(table.rows[2].fault, RowFault::kCellCount);
  const auto header = read_all("x" + widest + ",\n", {.separator = ','});
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().message, "t.csv:1: the header cannot be read: more than 10000 cells");
}

TEST(CsvReader, unwraps_a_spreadsheets_number_that_keeps_its_zeros) {
  const auto table = table_of("sku,n\n=\"00123\",1\n\"=\"\"0045\"\"\",2\n=A1+1,3\n=\"\",4\n");
  EXPECT_EQ(table.rows[0].cells[0], "00123");
  EXPECT_EQ(table.rows[1].cells[0], "0045");
  EXPECT_EQ(table.rows[2].cells[0], "=A1+1");
  EXPECT_EQ(table.rows[3].cells[0], "");
}

TEST(CsvReader, reads_each_encoding_to_the_same_text) {
  const std::string utf8 = "名称,数量\n牛奶,3\n面包和黄油,4\n";
  const auto expected = table_of(utf8);
  EXPECT_EQ(expected.encoding, Encoding::kUtf8);
  const std::string gb =
      "\xC3\xFB\xB3\xC6,\xCA\xFD\xC1\xBF\n\xC5\xA3\xC4\xCC,3\n"
      "\xC3\xE6\xB0\xFC\xBA\xCD\xBB\xC6\xD3\xCD,4\n";
  std::string le = "\xFF\xFE";
  std::string be = "\xFE\xFF";
  for (const char16_t unit : std::u16string_view(u"名称,数量\n牛奶,3\n面包和黄油,4\n")) {
    le += {static_cast<char>(unit & 0xFF), static_cast<char>(unit >> 8)};
    be += {static_cast<char>(unit >> 8), static_cast<char>(unit & 0xFF)};
  }
  const std::pair<std::string, Encoding> cases[] = {{"\xEF\xBB\xBF" + utf8, Encoding::kUtf8},
                                                    {gb, Encoding::kGb18030},
                                                    {le, Encoding::kUtf16Le},
                                                    {be, Encoding::kUtf16Be}};
  for (const auto& [bytes, encoding] : cases) {
    for (const size_t piece : {1U, 3U, 1000U}) {
      const auto table = table_of(bytes, {}, piece);
      EXPECT_EQ(table.encoding, encoding);
      EXPECT_EQ(table.columns, expected.columns);
      ASSERT_EQ(table.rows.size(), 2U);
      EXPECT_EQ(table.rows[0].cells, (Cells{"牛奶", "3"}));
      EXPECT_EQ(table.rows[1].cells, (Cells{"面包和黄油", "4"}));
    }
  }
}

TEST(CsvReader, bytes_that_the_encoding_does_not_know_spoil_their_row_only) {
  // F8 A1 is no letter of GB18030 with a trailing zero digit; 81 is none of Windows-1252.
  const auto table = table_of("a,b\nx,1\n\x81,2\ny,3\n", {.encoding = Encoding::kWindows1252});
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_EQ(table.rows[0].fault, RowFault::kNone);
  EXPECT_EQ(table.rows[1].fault, RowFault::kUndecodable);
  EXPECT_EQ(table.rows[1].fault_cell, 0U);
  EXPECT_EQ(table.rows[2].cells, (Cells{"y", "3"}));
}

TEST(CsvReader, a_missing_header_is_an_error_and_given_columns_replace_it) {
  const auto empty = read_all("");
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().message, "t.csv: is empty; a header row is needed");
  const auto table =
      table_of("title\n\n1,2\n3\n",
               {.separator = ',', .columns = {"x", "y"}, .skip_lines = 2, .fill_short_rows = true});
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0].line, 3U);
  EXPECT_EQ(table.rows[0].cells, (Cells{"1", "2"}));
  EXPECT_EQ(table.rows[1].cells, (Cells{"3", ""}));
  EXPECT_FALSE(read_all("a\n", {.skip_lines = 5}));
}

/// Writes random tables in every legal form and reads them back in pieces of every size.
TEST(CsvReader, reads_back_whatever_is_written) {
  std::mt19937 random(7);
  const auto pick = [&](size_t n) {
    return std::uniform_int_distribution<size_t>(0, n - 1)(random);
  };
  const std::string letters = "ab,;\"\n\r 9=";
  for (int round = 0; round < 400; ++round) {
    const size_t columns = 1 + pick(5);
    std::string text;
    for (size_t i = 0; i < columns; ++i) text += (i == 0 ? "c" : ",c") + std::to_string(i);
    text += "\n";
    std::vector<Cells> expected;
    for (size_t r = 0; r < 40; ++r) {
      Cells cells;
      for (size_t i = 0; i < columns; ++i) {
        std::string cell = i == 0 ? "k" : "";
        for (size_t n = pick(pick(8) == 0 ? 200 : 6); n > 0; --n)
          cell += letters[pick(letters.size())];
        if (cell.starts_with("=\"")) cell.assign(1, 'k');
        const bool must = cell.find_first_of(",\n\r") != cell.npos || cell.starts_with('"');
        std::string written;
        if (must || pick(3) == 0) {
          for (const char c : cell) written += c == '"' ? "\"\"" : std::string(1, c);
          written = '"' + written + '"';
        } else {
          written = cell;
        }
        text += (i == 0 ? "" : ",") + written;
        cells.push_back(cell);
      }
      text += pick(3) == 0 ? "\r\n" : "\n";
      expected.push_back(std::move(cells));
    }
    const auto table = table_of(text, {.separator = ','}, 1 + pick(50));
    ASSERT_EQ(table.rows.size(), expected.size()) << round;
    for (size_t r = 0; r < expected.size(); ++r) {
      ASSERT_EQ(table.rows[r].fault, RowFault::kNone) << round << ": " << table.rows[r].why;
      ASSERT_EQ(table.rows[r].cells, expected[r]) << round;
    }
  }
}

/// Whatever the bytes, reading ends, and in the same rows whatever the pieces.
TEST(CsvReader, garbage_gives_the_same_rows_in_pieces_of_any_size) {
  std::mt19937 random(11);
  const std::string letters = "ab,\"\n\r\x80\xC3\xA9 =";
  for (int round = 0; round < 500; ++round) {
    std::string text = "a,b\n";
    for (int i = 0; i < 120; ++i) text += letters[random() % letters.size()];
    const Layout layout{.separator = ',', .encoding = Encoding::kUtf8};
    const auto whole = table_of(text, layout);
    const auto pieces = table_of(text, layout, 1 + random() % 3);
    ASSERT_EQ(whole.rows.size(), pieces.rows.size());
    for (size_t i = 0; i < whole.rows.size(); ++i) {
      ASSERT_EQ(whole.rows[i].line, pieces.rows[i].line);
      ASSERT_EQ(whole.rows[i].fault, pieces.rows[i].fault);
      ASSERT_EQ(whole.rows[i].cells, pieces.rows[i].cells);
    }
  }
}

TEST(CsvReader, a_bad_row_across_a_border_of_the_reads_is_one_row) {
  const std::string first = "a,b\n" + std::string(kSampleBytes - 10, 'x') + ",1\n";
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{1} << 20}) {
    const Table table = table_of(first + "\"x\"zzzz\r\n" + "y,2\n", {}, piece);
    ASSERT_EQ(table.rows.size(), 3U) << piece;
    EXPECT_EQ(table.rows[1].fault, RowFault::kTextAfterQuote);
    EXPECT_EQ(table.rows[2].line, 4U);
  }
}

TEST(CsvReader, an_open_quote_in_a_line_beyond_the_limit_costs_that_line) {
  const Table table = table_of("a,b\n\"" + std::string(3 * kRowBytesMax, 'x') + "\ny,2\n");
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0].fault, RowFault::kTooLong);
  EXPECT_EQ(table.rows[1].line, 3U);
}

TEST(CsvReader, ten_thousand_columns_of_one_name_are_named_in_no_time) {
  std::string header = "a";
  for (size_t i = 1; i < kColumnsMax; ++i) header += ",a";
  EXPECT_EQ(table_of(header + "\n").columns.back(), "a_10000");
}

}  // namespace
}  // namespace purvey::event::csv
