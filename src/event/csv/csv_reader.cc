#include "event/csv/csv_reader.h"

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <fmt/core.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace purvey::event::csv {
namespace {

constexpr size_t kReadAtOnce = 1U << 18;
static_assert(kSampleBytes <= kRowBytesMax + kReadAtOnce);

bool is_blank(std::string_view cell) {
  return std::ranges::all_of(cell, [](char c) { return c == ' ' || c == '\t'; });
}

/// `""` to `"`, in the buffer itself; the text only becomes shorter.
std::string_view undouble(std::string_view cell) {
  char* const begin = const_cast<char*>(cell.data());  // a view into the reader's own buffer
  char* out = begin;
  for (size_t i = 0; i < cell.size(); ++i) {
    *out++ = cell[i];
    if (cell[i] == '"') ++i;
  }
  return {begin, static_cast<size_t>(out - begin)};
}

/// Spreadsheets write `="00123"` so that a number keeps its zeros.
std::string_view unwrap_formula(std::string_view cell) {
  const bool wrapped = cell.size() >= 3 && cell[0] == '=' && cell[1] == '"' && cell.back() == '"';
  if (!wrapped) return cell;
  const auto inner = cell.substr(2, cell.size() - 3);
  return inner.find('"') == std::string_view::npos ? inner : cell;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// All names different and none empty.
std::vector<std::string> unique_names(std::span<const std::string_view> cells) {
  std::vector<std::string> names;
  absl::flat_hash_set<std::string> taken;
  absl::flat_hash_map<std::string, size_t> repeats;
  for (size_t i = 0; i < cells.size(); ++i) {
    const auto plain = trimmed(cells[i]);
    const std::string base = plain.empty() ? fmt::format("column_{}", i + 1) : std::string(plain);
    std::string name = base;
    while (!taken.insert(name).second) name = fmt::format("{}_{}", base, ++repeats[base] + 1);
    names.push_back(std::move(name));
  }
  return names;
}

base::Result<std::string> read_sample(base::ByteSource& source) {
  std::string sample(kSampleBytes, '\0');
  size_t have = 0;
  while (have < sample.size()) {
    const size_t got = PURVEY_TRY(source.read(std::span(sample).subspan(have)));
    if (got == 0) break;
    have += got;
  }
  sample.resize(have);
  return sample;
}

/// The sample as UTF-8, for telling the separator.
base::Result<std::string> decoded_sample(const std::string& sample, Encoding encoding) {
  if (encoding == Encoding::kUtf8) return sample;
  auto decoded = PURVEY_TRY(decode_to_utf8(put_back(sample, nullptr), encoding));
  constexpr size_t kMostPerByte = 3;  // of UTF-8 for a byte of any encoding
  std::string text(sample.size() * kMostPerByte + StructureScanner::kPadding, '\0');
  size_t have = 0;
  for (;;) {
    const size_t got = PURVEY_TRY(decoded->read(std::span(text).subspan(have)));
    if (got == 0) break;
    have += got;
  }
  text.resize(have);
  return text;
}

}  // namespace

base::Result<std::unique_ptr<CsvReader>> CsvReader::open(std::unique_ptr<base::ByteSource> source,
                                                         std::string name, const Layout& layout) {
  const auto sample = PURVEY_TRY(read_sample(*source));
  const Encoding encoding =
      layout.encoding == Encoding::kDetect ? detect_encoding(sample) : layout.encoding;
  char separator = layout.separator;
  if (separator == '\0') {
    separator = detect_separator(PURVEY_TRY(decoded_sample(sample, encoding)));
  }
  auto decoded = PURVEY_TRY(decode_to_utf8(put_back(sample, std::move(source)), encoding));
  std::unique_ptr<CsvReader> reader(new CsvReader(std::move(decoded), std::move(name), encoding,
                                                  separator, layout.fill_short_rows));
  PURVEY_TRY(reader->fill());
  if (std::string_view(reader->buffer_.data(), reader->end_).starts_with("\xEF\xBB\xBF")) {
    reader->begin_ = 3;
  }
  PURVEY_TRY(reader->skip_lines(layout.skip_lines));
  PURVEY_TRY(reader->read_header(layout.columns));
  return reader;
}

CsvReader::CsvReader(std::unique_ptr<base::ByteSource> source, std::string name, Encoding encoding,
                     char separator, bool fill_short_rows)
    : source_(std::move(source)),
      name_(std::move(name)),
      encoding_(encoding),
      separator_(separator),
      fill_short_rows_(fill_short_rows),
      scanner_(separator),
      buffer_(kRowBytesMax + kReadAtOnce + StructureScanner::kPadding) {}

base::Result<bool> CsvReader::next(Row& row) {
  const bool found = PURVEY_TRY(next_raw(row));
  if (found && row.fault == RowFault::kNone) judge(row);
  return found;
}

base::Result<bool> CsvReader::next_raw(Row& row) {
  for (;;) {
    row.line = line_;
    row.fault = RowFault::kNone;
    switch (scan(row)) {
      case Scan::kRow:
        row.cells = cells_;
        return true;
      case Scan::kEnd:
        return false;
      case Scan::kNeedMore:
        if (end_ - begin_ > kRowBytesMax) {
          PURVEY_TRY(skip_long_row(row));
          return true;
        }
        PURVEY_TRY(fill());
    }
  }
}

CsvReader::Scan CsvReader::scan(Row& row) {
  cells_.clear();
  escaped_.clear();
  lines_in_row_ = 0;
  const char* at = buffer_.data() + begin_;
  if (at == end()) return ended_ ? Scan::kEnd : Scan::kNeedMore;
  scanner_.seek(at, end());
  const char* stop = at;
  for (;; at = stop + 1) {
    if (at < end() && *at == '"') {
      stop = at;
      const Scan quoted = scan_quoted(stop, row);
      if (quoted != Scan::kRow || row.fault >= RowFault::kOpenQuote) return quoted;
    } else {
      stop = scanner_.next();
      if (stop == end() && !ended_) return Scan::kNeedMore;
      cells_.emplace_back(at, stop - at);
    }
    if (cells_.size() > kColumnsMax) {
      cells_.pop_back();
      row.fault = RowFault::kTooManyCells;
    }
    if (stop == end() || *stop != separator_) break;
  }
  if (stop < end() && *stop == '\r' && stop + 1 == end() && !ended_) return Scan::kNeedMore;
  row_bytes_ = static_cast<size_t>(stop - buffer_.data()) - begin_;
  if (row_bytes_ > kRowBytesMax) row.fault = RowFault::kTooLong;
  row_begin_ = begin_;
  begin_ = static_cast<size_t>(behind_line_end(stop) - buffer_.data());
  line_ += lines_in_row_ + 1;
  return Scan::kRow;
}

/// Reads the quoted cell at `at` and moves `at` to the separator or line end behind it.
CsvReader::Scan CsvReader::scan_quoted(const char*& at, Row& row) {
  const char* const first = at + 1;
  const char* close = first;
  bool escaped = false;
  for (;; close += 2, escaped = true) {
    close = static_cast<const char*>(std::memchr(close, '"', static_cast<size_t>(end() - close)));
    const bool cut = close == nullptr || close + 1 == end();
    if (cut && !ended_ && end_ - begin_ <= kRowBytesMax) return Scan::kNeedMore;
    if (close == nullptr) {
      if (!ended_ && !has_line_end(buffer_.data() + begin_))
        return Scan::kNeedMore;  // one long line
      row.fault_cell = cells_.size();
      give_up_row(buffer_.data() + begin_, row, RowFault::kOpenQuote);
      return Scan::kRow;
    }
    if (close + 1 == end() || close[1] != '"') break;
  }
  const std::string_view cell(first, static_cast<size_t>(close - first));
  count_lines(cell);
  const char* behind = close + 1;
  while (behind < end() && *behind == ' ' && separator_ != ' ') ++behind;
  if (behind == end() && !ended_) return Scan::kNeedMore;
  if (behind < end() && *behind != separator_ && *behind != '\n' && *behind != '\r') {
    if (!ended_ && !has_line_end(behind)) return Scan::kNeedMore;
    row.fault_cell = cells_.size();
    give_up_row(behind, row, RowFault::kTextAfterQuote);
    return Scan::kRow;
  }
  if (escaped) escaped_.push_back(cells_.size());
  cells_.push_back(cell);
  scanner_.seek(behind, end());
  if (behind < end()) scanner_.next();
  at = behind;
  return Scan::kRow;
}

/// Whether a line that `from` is in ends within what is at hand. A CR as the last byte does not
/// tell.
bool CsvReader::has_line_end(const char* from) const {
  const std::string_view rest(from, static_cast<size_t>(end() - from));
  const size_t stop = rest.find_first_of("\r\n");
  return stop != rest.npos && (rest[stop] == '\n' || stop + 1 < rest.size());
}

void CsvReader::count_lines(std::string_view cell) {
  for (size_t i = cell.find_first_of("\r\n"); i != std::string_view::npos;
       i = cell.find_first_of("\r\n", i + 1)) {
    if (cell[i] == '\r' && i + 1 < cell.size() && cell[i + 1] == '\n') ++i;
    ++lines_in_row_;
  }
}

const char* CsvReader::behind_line_end(const char* line_end) const {
  if (line_end == end()) return line_end;
  const bool pair = *line_end == '\r' && line_end + 1 < end() && line_end[1] == '\n';
  return line_end + (pair ? 2 : 1);
}

/// The row is bad: reading goes on behind the next line end at or after `from`. For an open quote
/// that is the row's first line, so that one slip costs one line and not the rest of the file.
void CsvReader::give_up_row(const char* from, Row& row, RowFault fault) {
  const char* stop = from;
  while (stop < end() && *stop != '\n' && *stop != '\r') ++stop;
  if (fault == RowFault::kOpenQuote) lines_in_row_ = 0;
  row.fault = fault;
  begin_ = static_cast<size_t>(behind_line_end(stop) - buffer_.data());
  line_ += lines_in_row_ + 1;
  cells_.clear();
}

/// A row beyond the limit: drops its first physical line.
base::Result<void> CsvReader::skip_long_row(Row& row) {
  row.fault = RowFault::kTooLong;
  row.cells = {};
  for (size_t from = begin_;;) {
    const std::string_view rest(buffer_.data() + from, end_ - from);
    const size_t stop = rest.find_first_of("\r\n");
    const bool cut =
        stop != std::string_view::npos && rest[stop] == '\r' && stop + 1 == rest.size() && !ended_;
    if (stop != std::string_view::npos && !cut) {
      begin_ = static_cast<size_t>(behind_line_end(rest.data() + stop) - buffer_.data());
      break;
    }
    begin_ = cut ? end_ - 1 : end_;
    if (ended_) break;
    PURVEY_TRY(fill());
    from = begin_;
  }
  ++line_;
  return {};
}

base::Result<void> CsvReader::fill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  const size_t room = buffer_.size() - StructureScanner::kPadding - end_;
  const size_t got = PURVEY_TRY(source_->read(std::span(buffer_).subspan(end_, room)));
  end_ += got;
  ended_ = got == 0;
  std::memset(buffer_.data() + end_, 0, StructureScanner::kPadding);
  return {};
}

base::Result<void> CsvReader::skip_lines(uint32_t count) {
  for (uint64_t until = line_ + count; line_ < until;) {
    const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
    const size_t stop = rest.find_first_of("\r\n");
    if (stop == std::string_view::npos) {
      return base::invalid_input(
          fmt::format("{}: has fewer than the {} lines to skip; lower skip_lines", name_, count));
    }
    begin_ = static_cast<size_t>(behind_line_end(rest.data() + stop) - buffer_.data());
    ++line_;
  }
  return {};
}

base::Result<void> CsvReader::read_header(std::vector<std::string> given) {
  if (!given.empty()) {
    const std::vector<std::string_view> names(given.begin(), given.end());
    columns_ = unique_names(names);
    return {};
  }
  Row row;
  for (;;) {
    if (!PURVEY_TRY(next_raw(row))) {
      return base::invalid_input(fmt::format("{}: is empty; a header row is needed", name_));
    }
    finish_cells();
    if (row.fault != RowFault::kNone) {
      return base::invalid_input(
          fmt::format("{}:{}: the header cannot be read: {}", name_, row.line, explain(row)));
    }
    if (!std::ranges::all_of(row.cells, is_blank)) break;
  }
  for (const std::string_view cell : row.cells) {
    if (!simdjson::validate_utf8(cell.data(), cell.size()) || cell.find('\0') != cell.npos) {
      return base::invalid_input(
          fmt::format("{}:{}: the header is not text in {}; state the encoding", name_, row.line,
                      encoding_name(encoding_)));
    }
  }
  columns_ = unique_names(row.cells);
  return {};
}

/// Finds what makes a well-formed row unusable, and brings the cells into their final form.
void CsvReader::judge(Row& row) {
  const char* const begin = buffer_.data() + row_begin_;
  const auto find_cell = [&](auto&& is_bad) {
    const auto found = std::ranges::find_if(cells_, is_bad);
    row.fault_cell = static_cast<size_t>(found - cells_.begin());
  };
  if (std::memchr(begin, '\0', row_bytes_) != nullptr) {
    row.fault = RowFault::kZeroByte;
    find_cell([](std::string_view cell) { return cell.find('\0') != cell.npos; });
    return;
  }
  if (!simdjson::validate_utf8(begin, row_bytes_)) {
    row.fault = RowFault::kUndecodable;
    find_cell(
        [](std::string_view cell) { return !simdjson::validate_utf8(cell.data(), cell.size()); });
    return;
  }
  finish_cells();
  row.cells = cells_;
  if (is_blank(cells_.front()) && std::ranges::all_of(cells_, is_blank)) {
    row.fault = RowFault::kBlank;
  } else if (cells_.size() < columns_.size() && fill_short_rows_) {
    cells_.resize(columns_.size());
    row.cells = cells_;
  } else if (cells_.size() != columns_.size()) {
    row.fault = RowFault::kCellCount;
  }
}

void CsvReader::finish_cells() {
  for (const size_t place : escaped_) cells_[place] = undouble(cells_[place]);
  for (std::string_view& cell : cells_) {
    if (!cell.empty() && cell.front() == '=') cell = unwrap_formula(cell);
  }
}

std::string CsvReader::explain(const Row& row) const {
  switch (row.fault) {
    case RowFault::kNone:
      return "";
    case RowFault::kBlank:
      return "blank row";
    case RowFault::kCellCount:
      return fmt::format("{} cells where the header has {}", row.cells.size(), columns_.size());
    case RowFault::kTooLong:
      return fmt::format("longer than {} bytes", kRowBytesMax);
    case RowFault::kOpenQuote:
      return "a quote that is never closed";
    case RowFault::kTextAfterQuote:
      return "text behind a closing quote (a quote inside quotes must be doubled)";
    case RowFault::kTooManyCells:
      return fmt::format("more than {} cells", kColumnsMax);
    case RowFault::kZeroByte:
      return "a zero byte";
    case RowFault::kUndecodable:
      return fmt::format("bytes that are no text in {}", encoding_name(encoding_));
  }
  return "";
}

base::Result<std::unique_ptr<CsvReader>> open_csv(const std::string& path, const Layout& layout) {
  return CsvReader::open(PURVEY_TRY(base::open_byte_source(path)), path, layout);
}

}  // namespace purvey::event::csv
