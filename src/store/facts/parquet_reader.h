#pragma once

#include <memory>

#include "base/result.h"
#include "store/facts/parquet_writer.h"
#include "store/part.h"

namespace purvey::store::facts {

/// A PartReader of Parquet files, with an engine of its own in memory. Errors: kUnavailable.
base::Result<std::unique_ptr<PartReader>> make_parquet_reader(const ParquetOptions& options);

}  // namespace purvey::store::facts
