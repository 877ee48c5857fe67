#pragma once

#include <memory>

#include "base/result.h"
#include "store/facts/facts.h"
#include "store/facts/parquet_reader.h"
#include "store/part.h"

namespace purvey::store::facts {

/// What writes parts of the archive and answers questions to them. Thread-safe.
class Engine {
 public:
  virtual ~Engine() = default;

  /// DuckDB, on the disk of this machine.
  static const Engine& duckdb();

  virtual base::Result<std::unique_ptr<PartWriter>> part_writer(
      const ParquetOptions& options) const = 0;
  virtual base::Result<std::unique_ptr<PartReader>> part_reader(
      const ParquetOptions& options) const = 0;
  /// Errors: see make_facts().
  virtual base::Result<std::unique_ptr<Facts>> facts(const FactsOptions& options) const = 0;
};

}  // namespace purvey::store::facts
