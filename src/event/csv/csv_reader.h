#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_source.h"
#include "base/result.h"
#include "event/csv/layout.h"
#include "event/csv/structure_scanner.h"

namespace purvey::event::csv {

/// Why a row cannot be used.
enum class RowFault : uint8_t {
  kNone,
  kBlank,         ///< no cell holds anything but blanks
  kCellCount,     ///< fewer or more cells than there are columns
  kTooLong,       ///< longer than kRowBytesMax
  kTooManyCells,  ///< more than kColumnsMax
  kZeroByte,
  kUndecodable,     ///< bytes that mean nothing in the file's encoding
  kOpenQuote,       ///< a quote that is not closed within kRowBytesMax or at all
  kTextAfterQuote,  ///< something between a closing quote and the separator
};

/// One row. The cells are views into the reader, valid until the next call of next().
struct Row {
  uint64_t line = 0;  ///< physical line on which it begins, from 1
  std::span<const std::string_view> cells;
  RowFault fault = RowFault::kNone;
  size_t fault_cell = 0;  ///< place of the cell at fault, from 0, where one is
};

/// Reads a table of separated values from front to back, within fixed memory.
///
/// Quotes as in RFC 4180, also around line breaks, quotes doubled inside; rows end with LF, CR or
/// CRLF, also mixed; a spreadsheet's `="00123"` gives 00123. A quote inside an unquoted cell is an
/// ordinary letter. A bad row is given with its fault and reading goes on with the next physical
/// line. One thread.
class CsvReader {
 public:
  /// Reads layout and header. `name` stands in errors. Errors: kInvalidInput for a header that
  /// cannot be used or an empty file, kUnsupported, and what the source gives.
  static base::Result<std::unique_ptr<CsvReader>> open(std::unique_ptr<base::ByteSource> source,
                                                       std::string name, const Layout& layout);

  /// The next row; false at the end of the file. Errors: what the source gives.
  base::Result<bool> next(Row& row);

  /// Names of the columns, all different: a missing one is `column_3`, a repeated one gets `_2`.
  const std::vector<std::string>& columns() const { return columns_; }
  char separator() const { return separator_; }
  Encoding encoding() const { return encoding_; }
  uint64_t raw_bytes() const { return source_->raw_bytes(); }
  uint64_t raw_size() const { return source_->raw_size(); }

  /// One clause for people: "5 cells where the header has 7".
  std::string explain(const Row& row) const;

 private:
  enum class Scan : uint8_t { kRow, kNeedMore, kEnd };

  CsvReader(std::unique_ptr<base::ByteSource> source, std::string name, Encoding encoding,
            char separator, bool fill_short_rows);

  base::Result<bool> next_raw(Row& row);
  Scan scan(Row& row);
  Scan scan_quoted(const char*& at, Row& row);
  bool has_line_end(const char* from) const;
  void count_lines(std::string_view cell);
  const char* behind_line_end(const char* line_end) const;
  void give_up_row(const char* from, Row& row, RowFault fault);
  base::Result<void> skip_long_row(Row& row);
  base::Result<void> fill();
  base::Result<void> skip_lines(uint32_t count);
  base::Result<void> read_header(std::vector<std::string> given);
  void judge(Row& row);
  void finish_cells();
  const char* end() const { return buffer_.data() + end_; }

  std::unique_ptr<base::ByteSource> source_;
  const std::string name_;
  const Encoding encoding_;
  const char separator_;
  const bool fill_short_rows_;
  std::vector<std::string> columns_;
  StructureScanner scanner_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  ///< the row to be read
  size_t end_ = 0;
  bool ended_ = false;
  uint64_t line_ = 1;  ///< of begin_
  uint64_t lines_in_row_ = 0;
  size_t row_begin_ = 0;  ///< the row just read, as it stands in the file
  size_t row_bytes_ = 0;
  std::vector<std::string_view> cells_;
  std::vector<size_t> escaped_;  ///< cells with doubled quotes
};

/// Opens a file with the layout. Errors: as open_byte_source() and CsvReader::open().
base::Result<std::unique_ptr<CsvReader>> open_csv(const std::string& path, const Layout& layout);

}  // namespace purvey::event::csv
