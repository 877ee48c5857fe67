#include <string>

#include "store/result/writers.h"

namespace purvey::store::result {
namespace {

void put_field(std::string_view text, std::string& out) {
  // An empty text is quoted, so that it differs from null.
  const bool plain = !text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos;
  if (plain) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

class CsvWriter final : public ResultWriter {
 public:
  explicit CsvWriter(WriteBytes write) : write_(std::move(write)) {}

  base::Result<void> begin(std::span<const ResultColumn> columns) override {
    columns_ = columns.size();
    out_.clear();
    for (size_t column = 0; column < columns_; ++column) {
      if (column > 0) out_ += ',';
      put_field(columns[column].name, out_);
    }
    out_ += "\r\n";
    return write_(out_);
  }

  base::Result<void> rows(const ResultChunk& chunk) override {
    out_.clear();
    for (size_t row = 0; row < chunk.rows(); ++row) {
      for (size_t column = 0; column < columns_; ++column) {
        if (column > 0) out_ += ',';
        const auto cell = chunk.cell(column, row);
        if (cell) put_field(*cell, out_);
      }
      out_ += "\r\n";
    }
    return write_(out_);
  }

  base::Result<void> finish() override { return {}; }

 private:
  WriteBytes write_;
  size_t columns_ = 0;
  std::string out_;
};

}  // namespace

std::unique_ptr<ResultWriter> make_csv_writer(WriteBytes write) {
  return std::make_unique<CsvWriter>(std::move(write));
}

}  // namespace purvey::store::result
