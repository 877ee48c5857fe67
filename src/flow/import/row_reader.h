#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/csv/csv_reader.h"
#include "flow/import/import_map.h"
#include "flow/import/reject_report.h"
#include "flow/import/row_record.h"

namespace purvey::flow {

/// A file to be imported, and which [file] of the map it is.
struct InputFile {
  std::string path;
  uint32_t table = 0;
  uint64_t bytes = 0;  ///< 0 if unknown
};

/// Takes a record of row_record.h; the view is valid during the call.
using RecordSink = std::function<base::Result<void>(std::string_view record)>;

/// Called now and then with the bytes done and, where they are known, of how many; false stops the
/// import.
using ByteProgress = std::function<bool(uint64_t bytes, uint64_t bytes_total)>;

/// Reads the rows of the tables of a map, with the cells that the map needs, and rejects those that
/// cannot be used.
class RowReader {
 public:
  RowReader(const ImportMap& map, const std::vector<InputFile>& files, RejectReport& report,
            ByteProgress progress);

  /// All rows of all files of one table, file by file. Errors: kInvalidInput if a file lacks a
  /// column, kCancelled, and what files, report and sink give.
  base::Result<void> read_table(uint32_t table, const RecordSink& sink);

  const std::vector<uint64_t>& rows_by_file() const { return rows_by_file_; }

 private:
  base::Result<void> read_file(size_t file, const RecordSink& sink);
  base::Result<std::vector<size_t>> find_columns(const TableSpec& table,
                                                 const event::csv::CsvReader& reader,
                                                 const std::string& path) const;
  const std::string* refusal(const TableSpec& table) const;
  void gather(const TableSpec& table, std::span<const std::string_view> cells,
              const std::vector<size_t>& places);
  void encode(const TableSpec& table, RowId row, std::span<const std::string_view> cells);

  const ImportMap& map_;
  const std::vector<InputFile>& files_;
  RejectReport& report_;
  const ByteProgress progress_;
  std::vector<uint64_t> rows_by_file_;
  uint64_t bytes_before_ = 0;              ///< of files read to their end
  std::vector<std::string_view> needed_;   ///< of the row at hand, by slot
  std::vector<std::string_view> missing_;  ///< words there that the map declares missing
  std::string record_;
};

}  // namespace purvey::flow
