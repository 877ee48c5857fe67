// Tables from any bytes: rows keep their promises, and pieces of any size give the same rows.
#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/memory_source_fixture.h"
#include "event/csv/csv_reader.h"

namespace purvey {
namespace {

using event::csv::CsvReader;
using event::csv::Encoding;
using event::csv::Layout;
using event::csv::Row;
using event::csv::RowFault;

/// The first two bytes of an input choose how the rest is read.
Layout layout_of(unsigned char form, unsigned char encoding) {
  constexpr char kSeparators[] = {'\0', '\0', ',', ';', '\t', '|', ',', '\0'};
  constexpr Encoding kEncodings[] = {Encoding::kDetect,  Encoding::kDetect,     Encoding::kUtf8,
                                     Encoding::kUtf16Le, Encoding::kUtf16Be,    Encoding::kGb18030,
                                     Encoding::kLatin1,  Encoding::kWindows1252};
  Layout layout{.separator = kSeparators[form % 8], .encoding = kEncodings[encoding % 8]};
  layout.fill_short_rows = (form & 8) != 0;
  layout.skip_lines = (form >> 4) % 4;
  if ((form & 128) != 0) layout.columns = {"a", "b", "c"};
  return layout;
}

void check_row(const CsvReader& reader, const Row& row, uint64_t line_before) {
  PURVEY_CHECK(row.line > line_before, "lines that do not go up");
  if (row.fault != RowFault::kNone) {
    PURVEY_CHECK(!reader.explain(row).empty(), "a bad row without a reason");
    return;
  }
  PURVEY_CHECK(row.cells.size() == reader.columns().size(), "a ragged row without a fault");
  for (const std::string_view cell : row.cells) {
    PURVEY_CHECK(simdjson::validate_utf8(cell.data(), cell.size()), "a cell that is not UTF-8");
    PURVEY_CHECK(cell.find('\0') == cell.npos, "a cell with a zero byte");
  }
}

/// All that the reader says of a file, in one text.
std::string read_all(std::string_view bytes, size_t piece, const Layout& layout) {
  std::string said;
  const auto opened = CsvReader::open(base::memory_source(bytes, piece), "input.csv", layout);
  if (!opened) {
    PURVEY_CHECK(!opened.error().message.empty(), "an error without a message");
    return opened.error().message;
  }
  CsvReader& reader = **opened;
  for (const std::string& column : reader.columns()) said += column + '\x1f';
  uint64_t line_before = 0;
  for (Row row;;) {
    const auto more = reader.next(row);
    PURVEY_CHECK(more.has_value(), "memory cannot fail");
    if (!*more) return said;
    check_row(reader, row, line_before);
    line_before = row.line;
    said += '\x1e' + std::to_string(row.line) + ' ' + std::to_string(static_cast<int>(row.fault));
    for (const std::string_view cell : row.cells) said.append("\x1f").append(cell);
  }
}

}  // namespace
}  // namespace purvey

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const auto layout = purvey::layout_of(data[0], data[1]);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  const std::string whole = purvey::read_all(bytes, bytes.size() + 1, layout);
  if (data[2] % 4 != 0) return 0;
  const std::string pieces = purvey::read_all(bytes, 1 + data[2] / 8U, layout);
  PURVEY_CHECK(whole == pieces, "the size of the pieces changes the rows");
  return 0;
}
