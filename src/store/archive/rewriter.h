#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/disk.h"
#include "base/result.h"
#include "store/part.h"

namespace purvey::store::archive {

/// Parts of one table and month whose rows are to stand in one.
struct Rewrite {
  std::vector<Part> from;      ///< at least one
  std::string name;            ///< of the new one, from Archive::take_name()
  bool drops_minutes = false;  ///< of `kpi`: rows of 1-minute windows are left out
};

/// What came of it: the new part stands under its hidden name, durably.
struct Rewritten {
  std::optional<Part> part = {};  ///< none if no row is left
  uint64_t rows_dropped = 0;
};

/// Reads parts, whose hashes it checks, and writes their rows as one, sorted by partition time,
/// rows of equal time in the order of the parts. It changes nothing that anybody reads, so it may
/// work beside the thread that commits. One thread at a time.
class Rewriter {
 public:
  Rewriter(std::string archive_folder, std::unique_ptr<PartReader> reader,
           std::unique_ptr<PartWriter> writer, base::Disk& disk)
      : folder_(std::move(archive_folder)),
        reader_(std::move(reader)),
        writer_(std::move(writer)),
        disk_(disk) {}

  /// Errors: kCorrupt naming a damaged part, kUnavailable, kExhausted if the rows are more than
  /// 512 MiB in memory. Nothing is left behind then.
  base::Result<Rewritten> run(const Rewrite& rewrite);

  /// Which of the parts, by its place in Rewrite::from, the last run() could not read; nothing if
  /// it ended well or for another reason.
  std::optional<size_t> failed_at() const { return reading_; }

  /// Removes a part that run() wrote and that no ledger was asked to take.
  void discard(const Part& part);

 private:
  base::Result<RowBuffer> read(const Rewrite& rewrite);
  base::Result<void> write(const RowBuffer& rows, Part& part);

  const std::string folder_;
  const std::unique_ptr<PartReader> reader_;
  const std::unique_ptr<PartWriter> writer_;
  base::Disk& disk_;
  std::optional<size_t> reading_;
};

}  // namespace purvey::store::archive
