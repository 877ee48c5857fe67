#include <fmt/core.h>

#include <iterator>
#include <string>
#include <vector>

#include "store/result/writers.h"

namespace purvey::store::result {
namespace {

void put_text(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void put_timestamp(std::string_view text, std::string& out) {
  const size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return put_text(text, out);  // infinity
  fmt::format_to(std::back_inserter(out), "\"{}T{}Z\"", text.substr(0, blank),
                 text.substr(blank + 1));
}

void put_cell(std::string_view text, CellKind kind, std::string& out) {
  switch (kind) {
    case CellKind::kText:
    case CellKind::kDate:
      return put_text(text, out);
    case CellKind::kTimestamp:
      return put_timestamp(text, out);
    case CellKind::kNumber:
    case CellKind::kFlag:
      out += text;
      return;
    case CellKind::kDouble:
      out += text.find_first_of("ni") == std::string_view::npos ? text : "null";
      return;
  }
}

class JsonWriter final : public ResultWriter {
 public:
  explicit JsonWriter(WriteBytes write) : write_(std::move(write)) {}

  base::Result<void> begin(std::span<const ResultColumn> columns) override {
    for (const ResultColumn& column : columns) {
      std::string key;
      put_text(column.name, key);
      keys_.push_back(std::move(key));
      kinds_.push_back(column.kind);
    }
    return write_("[");
  }

  base::Result<void> rows(const ResultChunk& chunk) override {
    out_.clear();
    for (size_t row = 0; row < chunk.rows(); ++row) {
      out_ += first_ ? "\n" : ",\n";
      first_ = false;
      for (size_t column = 0; column < keys_.size(); ++column) {
        fmt::format_to(std::back_inserter(out_), "{}{}: ", column == 0 ? "{" : ", ", keys_[column]);
        const auto cell = chunk.cell(column, row);
        cell ? put_cell(*cell, kinds_[column], out_) : static_cast<void>(out_ += "null");
      }
      out_ += '}';
    }
    return write_(out_);
  }

  base::Result<void> finish() override { return write_(first_ ? "]\n" : "\n]\n"); }

 private:
  WriteBytes write_;
  std::vector<std::string> keys_;
  std::vector<CellKind> kinds_;
  bool first_ = true;
  std::string out_;
};

}  // namespace

std::unique_ptr<ResultWriter> make_json_writer(WriteBytes write) {
  return std::make_unique<JsonWriter>(std::move(write));
}

}  // namespace purvey::store::result
