#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "store/result_set.h"

namespace purvey::store::result {

/// Takes the next bytes of a text, as to a file. An error ends the query with that error.
using WriteBytes = std::function<base::Result<void>(std::string_view)>;

/// A ResultSink that forms text. Call finish() when the query has ended well.
class ResultWriter : public ResultSink {
 public:
  /// Writes what is left: the closing bracket, the last lines.
  virtual base::Result<void> finish() = 0;
};

/// RFC 4180 with a header and lines ended by CR LF; null is an empty field, an empty text is `""`.
std::unique_ptr<ResultWriter> make_csv_writer(WriteBytes write);

/// A JSON array of objects, one per line: numbers and flags as such (nan and infinities null),
/// timestamps as `2026-01-02T03:04:05Z`, everything else as text.
std::unique_ptr<ResultWriter> make_json_writer(WriteBytes write);

/// Columns under their names, for a terminal with a fixed-width font: numbers to the right, wide
/// (CJK) letters counted as two, controls made visible, texts cut to `cell_width_max` columns.
/// Widths are fitted to the first chunk of up to 2,048 rows; longer cells later push their line.
std::unique_ptr<ResultWriter> make_table_writer(WriteBytes write, size_t cell_width_max = 60);

}  // namespace purvey::store::result
