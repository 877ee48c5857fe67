#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "store/part.h"

namespace purvey::store::facts {

enum class Compression : uint8_t { kZstd, kSnappy, kNone };

struct ParquetOptions {
  Compression compression = Compression::kZstd;
  uint64_t memory_limit_mb = 1024;
  unsigned threads = 1;
};

/// A PartWriter of Parquet files: DuckDB's `COPY` over a table function that reads the buffer.
/// Errors: kUnavailable.
base::Result<std::unique_ptr<PartWriter>> make_parquet_writer(const ParquetOptions& options);

}  // namespace purvey::store::facts
