#include "flow/import/reject_report.h"

#include <absl/container/flat_hash_map.h>
#include <fmt/core.h>

#include <algorithm>

namespace purvey::flow {
namespace {

constexpr size_t kValueShown = 200;  // bytes of a cell in the report
constexpr char kPartEnd = '\0';      // in no reason, name or value: rows with zero bytes are bad

/// At most `limit` bytes, not cut within a letter.
std::string_view shortened(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string_view take_part(std::string_view& rest) {
  const size_t end = rest.find(kPartEnd);
  const auto part = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.size(), end + 1));
  return part;
}

void append_csv(std::string& out, std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == cell.npos) {
    out += cell;
    return;
  }
  out += '"';
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

/// Reasons without the line numbers in them, so that equal ones are counted together.
std::string reason_kind(std::string_view reason) {
  std::string kind;
  for (const char c : reason) {
    const bool digit = c >= '0' && c <= '9';
    const bool of_line = kind.ends_with("line ") || kind.ends_with(":") || kind.ends_with("#");
    if (!digit || !of_line) {
      kind += c;
    } else if (kind.back() != '#') {
      kind += '#';
    }
  }
  return kind;
}

class ReasonCount {
 public:
  void add(std::string_view reason) {
    auto kind = reason_kind(reason);
    if (counts_.size() >= RejectReport::kReasonsMax && !counts_.contains(kind))
      kind = "other reasons";
    ++counts_[kind];
  }
  std::vector<std::pair<std::string, uint64_t>> sorted() const {
    std::vector<std::pair<std::string, uint64_t>> list(counts_.begin(), counts_.end());
    std::ranges::sort(list, [](const auto& left, const auto& right) {
      return left.second != right.second ? left.second > right.second : left.first < right.first;
    });
    return list;
  }

 private:
  absl::flat_hash_map<std::string, uint64_t> counts_;
};

}  // namespace

base::Result<void> RejectReport::reject(RowId row, const Fault& fault) {
  return add(row, fault, false);
}

base::Result<void> RejectReport::take_back(RowId row, const Fault& fault) {
  return add(row, fault, true);
}

base::Result<void> RejectReport::add(RowId row, const Fault& fault, bool was_mapped) {
  scratch_.assign(fault.reason);
  scratch_ += kPartEnd;
  scratch_ += fault.column;
  scratch_ += kPartEnd;
  scratch_ += shortened(fault.value, kValueShown);
  return rows_.add({row.value, was_mapped ? 1U : 0U}, scratch_);
}

base::Result<RejectReport::Totals> RejectReport::write(base::WholeFile* out,
                                                       const std::vector<std::string>& files) {
  PURVEY_TRY(rows_.finish());
  if (out != nullptr) PURVEY_TRY(out->write("file,line,reason,column,value\n"));
  Totals totals;
  totals.by_file.resize(files.size());
  ReasonCount reasons;
  uint64_t last = 0;
  SortKey key;
  std::string_view record;
  std::string line;
  while (PURVEY_TRY(rows_.next(key, record))) {
    if (key.major == last) continue;
    last = key.major;
    const RowId row{key.major};
    ++totals.rejected;
    totals.taken_back += key.minor;
    ++totals.by_file[row.file()];
    const auto reason = take_part(record);
    reasons.add(reason);
    if (out == nullptr) continue;
    line.clear();
    append_csv(line, files[row.file()]);
    line += fmt::format(",{},", row.line());
    append_csv(line, reason);
    line += ',';
    append_csv(line, take_part(record));
    line += ',';
    append_csv(line, record);
    line += '\n';
    PURVEY_TRY(out->write(line));
  }
  totals.reasons = reasons.sorted();
  return totals;
}

}  // namespace purvey::flow
