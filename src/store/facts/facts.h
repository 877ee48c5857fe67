#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/event_time.h"
#include "base/result.h"
#include "store/dropped_rows.h"
#include "store/part.h"
#include "store/result_set.h"

namespace purvey::store::facts {

/// How the names of folders begin, in the data folder, in which large questions put on disk what
/// does not fit into memory.
inline constexpr std::string_view kSpillPrefix = "facts.tmp-";

struct FactsOptions {
  std::string folder;  ///< the data folder: facts.duckdb lies in it, and archive/
  std::string timezone = "UTC";
  uint64_t memory_limit_mb = 1024;
  unsigned threads = 1;
  /// Other processes may ask at the same time, and the folder need not be writable: facts.duckdb is
  /// used as it stands or, if it does not show what is asked for, not at all.
  bool shared = false;
  /// facts.duckdb is not looked at: for questions beside a process's own commits.
  bool in_memory = false;
};

/// What is committed, as the projection must show it.
struct Committed {
  std::span<const Part> parts;
  std::span<const DroppedRows> dropped = {};
  base::EventTime watermark = base::kNever;
};

/// Questions to the committed rows: views over exactly the committed Parquet parts, in
/// `facts.duckdb`, which holds nothing else and may be deleted or damaged at any time, or in
/// memory. One thread at a time.
class Facts {
 public:
  virtual ~Facts() = default;

  /// See Store::query().
  virtual base::Result<QueryEnd> query(const Committed& committed, std::string_view sql,
                                       const QueryLimits& limits, ResultSink& sink) = 0;
  /// See Store::digest(); does not verify the parts.
  virtual base::Result<std::string> digest(const Committed& committed) = 0;
  /// See Store::export_parquet() and export_csv().
  virtual base::Result<void> export_parquet(const Committed& committed,
                                            const std::string& folder) = 0;
  virtual base::Result<void> export_csv(const Committed& committed, const std::string& folder) = 0;
};

/// Errors: kInvalidInput for an unknown time zone, kUnsupported for a DuckDB that is too old.
base::Result<std::unique_ptr<Facts>> make_facts(const FactsOptions& options);

}  // namespace purvey::store::facts
