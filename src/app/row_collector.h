#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "store/result_set.h"

namespace purvey::app {

/// The cells of a row of an answer, as texts; nothing for null.
using Row = std::vector<std::optional<std::string>>;

/// Keeps all rows of a short answer.
class RowCollector final : public store::ResultSink {
 public:
  base::Result<void> begin(std::span<const store::ResultColumn>) override { return {}; }
  base::Result<void> rows(const store::ResultChunk& chunk) override {
    for (size_t row = 0; row < chunk.rows(); ++row) {
      Row& cells = rows_.emplace_back();
      for (size_t column = 0; column < chunk.columns(); ++column) {
        const auto cell = chunk.cell(column, row);
        cells.push_back(cell ? std::optional<std::string>(*cell) : std::nullopt);
      }
    }
    return {};
  }
  std::vector<Row> take() { return std::move(rows_); }

 private:
  std::vector<Row> rows_;
};

}  // namespace purvey::app
