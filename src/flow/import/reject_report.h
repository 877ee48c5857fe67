#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/whole_file.h"
#include "event/verdict.h"
#include "flow/import/record_sorter.h"
#include "flow/import/row_record.h"

namespace purvey::flow {

/// Why a row gives nothing, for people.
struct Fault {
  enum class Cause : uint8_t {
    kItself,    ///< something is wrong with the row
    kItsOwner,  ///< nothing, but the row that it belongs to gives nothing
    kNotTaken,  ///< nothing, but no event of the map takes anything from it
    kDeclined,  ///< nothing, but the map declines such rows
  };

  std::string reason;
  std::string column = {};
  std::string value = {};
  /// What an event with this fault would be refused for.
  event::Reason kind = event::Reason::kNotMapped;
  Cause cause = Cause::kItself;
};

/// Takes the rows that give nothing.
class RejectSink {
 public:
  virtual ~RejectSink() = default;
  /// Errors end the work.
  virtual base::Result<void> reject(RowId row, const Fault& fault) = 0;
};

/// Collects the rejected rows, within fixed memory, and writes them in the order of the files.
class RejectReport final : public RejectSink {
 public:
  /// A reason count is kept for so many different reasons; further ones are counted together.
  static constexpr size_t kReasonsMax = 200;

  RejectReport(std::string folder, size_t memory) : rows_(std::move(folder), memory) {}

  /// Errors: kUnavailable. Of several faults of one row, the one first in the alphabet stands in
  /// the report.
  base::Result<void> reject(RowId row, const Fault& fault) override;
  /// As reject(), for a row that was counted as mapped when its event turned out to be there
  /// already.
  base::Result<void> take_back(RowId row, const Fault& fault);

  struct Totals {
    uint64_t rejected = 0;
    uint64_t taken_back = 0;
    std::vector<uint64_t> by_file;
    std::vector<std::pair<std::string, uint64_t>> reasons;  ///< most frequent first
  };
  /// Writes `file,line,reason,column,value` to an open file, which the caller commits; with null it
  /// only counts. Called once.
  base::Result<Totals> write(base::WholeFile* out, const std::vector<std::string>& files);

 private:
  base::Result<void> add(RowId row, const Fault& fault, bool was_mapped);

  RecordSorter rows_;
  std::string scratch_;
};

}  // namespace purvey::flow
