#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/facts/facts.h"
#include "store/facts/internal/duck.h"
#include "store/facts/views.h"

namespace purvey::store::facts::internal {

/// How the projection is opened.
struct OpenOptions {
  uint64_t memory_limit_mb = 1024;
  /// May read nothing but the archive, write nothing, and change no setting.
  bool jailed = true;
};

/// The file facts.duckdb and, beside it, facts.key, which says what it shows and the hash of its
/// bytes.
///
/// 1. The file is only ever replaced whole, so DuckDB never finds a log of changes beside it.
/// 2. Bytes that are not those we wrote are set aside as facts.duckdb.corrupt-<n> and never given
///    to DuckDB, which may end the process over them.
/// 3. A file whose views are not those of now (other parts, watermark, zone, folder, rules) is made
///    again.
/// 4. Where others may ask at the same time (FactsOptions::shared) nobody makes the file, so that
///    the bytes compared are the bytes opened; what it does not show is made in memory.
class Projection {
 public:
  explicit Projection(FactsOptions options);

  /// A session that shows `committed`, read-only or in memory.
  base::Result<Session> open(const Committed& committed, const OpenOptions& options) const;

  /// Removes what questions that were killed left on disk. Nobody else may be asking.
  void clear_spilled() const;

 private:
  base::Result<void> build(const std::vector<View>& views, const std::string& key) const;
  base::Result<Session> open_file(const OpenOptions& options) const;
  base::Result<Session> open_in_memory(const std::vector<View>& views,
                                       const OpenOptions& options) const;
  base::Result<void> confine(const Session& session, const OpenOptions& options) const;
  bool is_intact(const std::string& key) const;
  /// The hash of what the views say, and of the engine that keeps them.
  static std::string key_of(const std::vector<View>& views);
  base::Result<void> set_aside() const;

  const FactsOptions options_;
  const std::string file_;
  const std::string key_file_;
  const std::string archive_folder_;  ///< absolute
};

}  // namespace purvey::store::facts::internal
