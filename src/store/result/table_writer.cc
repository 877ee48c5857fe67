#include <algorithm>
#include <string>
#include <vector>

#include "store/result/display_width.h"
#include "store/result/writers.h"

namespace purvey::store::result {
namespace {

constexpr std::string_view kGap = "  ";

bool is_right(CellKind kind) {
  return kind == CellKind::kNumber || kind == CellKind::kDouble;
}

class TableWriter final : public ResultWriter {
 public:
  TableWriter(WriteBytes write, size_t cell_width_max)
      : write_(std::move(write)), cell_width_max_(cell_width_max) {}

  base::Result<void> begin(std::span<const ResultColumn> columns) override {
    for (const ResultColumn& column : columns) {
      columns_.push_back(
          {.name = displayed(column.name, cell_width_max_), .right = is_right(column.kind)});
      columns_.back().width = display_width(columns_.back().name);
    }
    return {};
  }

  base::Result<void> rows(const ResultChunk& chunk) override {
    if (!headed_) fit(chunk);
    std::string out = headed_ ? "" : header();
    headed_ = true;
    for (size_t row = 0; row < chunk.rows(); ++row) {
      for (size_t column = 0; column < columns_.size(); ++column) {
        put_cell(column, text_of(chunk, column, row), out);
      }
    }
    return write_(out);
  }

  base::Result<void> finish() override { return headed_ ? base::Result<void>() : write_(header()); }

 private:
  struct Column {
    std::string name;
    bool right = false;
    size_t width = 0;
  };

  std::string text_of(const ResultChunk& chunk, size_t column, size_t row) const {
    const auto cell = chunk.cell(column, row);
    return cell ? displayed(*cell, cell_width_max_) : "";
  }

  void fit(const ResultChunk& chunk) {
    for (size_t column = 0; column < columns_.size(); ++column) {
      for (size_t row = 0; row < chunk.rows(); ++row) {
        const size_t width = display_width(text_of(chunk, column, row));
        columns_[column].width = std::max(columns_[column].width, width);
      }
    }
  }

  std::string header() const {
    std::string out;
    for (size_t column = 0; column < columns_.size(); ++column) {
      put_cell(column, columns_[column].name, out);
    }
    for (size_t column = 0; column < columns_.size(); ++column) {
      if (column > 0) out += kGap;
      out.append(columns_[column].width, '-');
    }
    return out + "\n";
  }

  void put_cell(size_t column, const std::string& text, std::string& out) const {
    const size_t width = display_width(text);
    const size_t padding = columns_[column].width - std::min(width, columns_[column].width);
    const bool last = column + 1 == columns_.size();
    if (column > 0) out += kGap;
    if (columns_[column].right) out.append(padding, ' ');
    out += text;
    if (!columns_[column].right && !last) out.append(padding, ' ');
    if (last) out += '\n';
  }

  WriteBytes write_;
  const size_t cell_width_max_;
  std::vector<Column> columns_;
  bool headed_ = false;
};

}  // namespace

std::unique_ptr<ResultWriter> make_table_writer(WriteBytes write, size_t cell_width_max) {
  return std::make_unique<TableWriter>(std::move(write), cell_width_max);
}

}  // namespace purvey::store::result
