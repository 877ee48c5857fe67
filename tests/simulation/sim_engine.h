#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/disk.h"
#include "store/facts/engine.h"
#include "store/part.h"
#include "store/table.h"

namespace purvey::simulation {

/// A cell of a part: a text, or a number as RowBuffer holds it.
struct Cell {
  bool is_null = false;
  int64_t number = 0;
  std::string text = {};

  friend bool operator==(const Cell&, const Cell&) = default;
};
using Row = std::vector<Cell>;

/// All committed rows, by table.
using Rows = std::array<std::vector<Row>, store::kTables>;

/// Writes parts as plain rows to any disk, and makes digests of them: DuckDB writes only to that of
/// the machine. Questions and exports are refused.
class SimEngine final : public store::facts::Engine {
 public:
  explicit SimEngine(base::Disk& disk) : disk_(disk) {}

  base::Result<std::unique_ptr<store::PartWriter>> part_writer(
      const store::facts::ParquetOptions& options) const override;
  base::Result<std::unique_ptr<store::PartReader>> part_reader(
      const store::facts::ParquetOptions& options) const override;
  base::Result<std::unique_ptr<store::facts::Facts>> facts(
      const store::facts::FactsOptions& options) const override;

 private:
  base::Disk& disk_;
};

/// The rows of the parts below `archive`.
base::Result<Rows> read_rows(base::Disk& disk, const std::string& archive,
                             std::span<const store::Part> parts);

/// Whatever the order of rows and parts: facts with their seq; of KPIs the latest revision of each
/// window; the quality report summed up.
std::string digest_of(const Rows& rows);

/// The place of a column by its name.
size_t column_of(store::TableId table, std::string_view name);

}  // namespace purvey::simulation
