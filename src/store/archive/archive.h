#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/disk.h"
#include "base/event_time.h"
#include "base/result.h"
#include "store/part.h"
#include "store/table.h"

namespace purvey::store::archive {

/// Rows of a full part: two row groups of the engine, so that no group is cut.
inline constexpr size_t kPartRows = 2 * 122'880;
/// Memory of the rows of a part, and of all that wait: long texts fill a part before its rows do.
inline constexpr size_t kPartBytes = size_t{128} << 20;
inline constexpr size_t kBytesBufferedMax = size_t{384} << 20;

/// Immutable files of rows by table and UTC month, and the rows that wait to become one.
///
/// A part is first written under a hidden name (a leading point), which readers of the archive pass
/// over; place() gives it its own once the ledger knows it. One thread at a time.
class Archive {
 public:
  /// `folder` exists. `rows_buffered_max`: when more rows wait, or more than kBytesBufferedMax, the
  /// largest buffers are written.
  Archive(std::string folder, PartWriter& writer, size_t rows_buffered_max,
          base::Disk& disk = base::Disk::system());

  /// After a start: finish_placing(), and deletes hidden parts that are not committed. `replaced`:
  /// paths of parts that are committed no more and may still be there. Errors: kCorrupt naming a
  /// part that is missing or cut.
  base::Result<void> recover(std::span<const Part> committed,
                             std::span<const std::string> replaced = {});

  /// Takes a copy of the rows. Errors: kUnavailable.
  base::Result<void> append(const RowBuffer& rows);

  /// Writes what waits as hidden parts and makes them durable. Errors: kUnavailable.
  base::Result<void> flush();

  /// Parts written and not yet placed.
  std::span<const Part> written() const { return written_; }

  /// Gives the written parts their names, durably. Called when the ledger has them.
  base::Result<void> place();
  /// The same for parts that a Rewriter wrote.
  base::Result<void> place(std::span<const Part> parts);

  /// Deletes the written parts, which the ledger will never have. What fails stays for recover().
  void discard();

  /// A name for a part that takes the place of `parts`, of one table and month. It is kept for that
  /// part until place() has it, or the next one is taken. No name is given again before forget():
  /// who still reads a list of parts from before must not find other rows.
  base::Result<std::string> take_name(std::span<const Part> parts);

  /// Paths of replaced parts that nobody reads, whose files are gone and of which no ledger speaks
  /// any more.
  void forget(std::span<const std::string> paths);

  size_t rows_buffered() const { return rows_buffered_; }

 private:
  /// Rows of one table whose partition times lie in [from, to), a UTC month.
  struct MonthRows {
    RowBuffer rows;
    base::EventTime from;
    base::EventTime to;
  };
  using MonthKey = std::pair<TableId, int>;  ///< table, months since year 0

  MonthRows& month_rows(TableId table, base::EventTime time);
  base::Result<void> write_largest();
  void forget_buffered(const RowBuffer& rows);
  base::Result<void> write_part(const MonthRows& month);
  base::Result<std::string> free_name(const Part& part) const;

  const std::string folder_;
  PartWriter& writer_;
  base::Disk& disk_;
  const size_t rows_buffered_max_;
  std::map<MonthKey, MonthRows> months_;
  size_t rows_buffered_ = 0;
  size_t bytes_buffered_ = 0;
  std::vector<Part> written_;
  std::set<std::string> paths_;  ///< of parts that are written, committed, or not yet forgotten
  std::string taken_;            ///< the path that take_name() gave last
};

/// Gives parts of `committed` that a crash left under their hidden name their own, durably, and
/// checks that each committed part is there at its size. Leaves everything else alone; several
/// processes may do it at once. Errors: kCorrupt naming a part that is missing or cut; kUnavailable
/// where a name would have to be given and cannot.
base::Result<void> finish_placing(const std::string& folder, std::span<const Part> committed,
                                  base::Disk& disk = base::Disk::system());

/// Compares the hash of one part's file with the manifest. Errors: kCorrupt, kUnavailable.
base::Result<void> verify_part(const std::string& folder, const Part& part,
                               base::Disk& disk = base::Disk::system());

/// Writes `folder/<table>/manifest.json` of each table that `parts` (all that are committed) speak
/// of or that has a manifest, where it differs from what stands there.
base::Result<void> write_manifests(const std::string& folder, std::span<const Part> parts,
                                   base::Disk& disk = base::Disk::system());

}  // namespace purvey::store::archive
