#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/csv/encoding.h"

namespace purvey::event::csv {

/// The longest row, in bytes of UTF-8; a longer one is a bad row. More is a quote that was never
/// closed.
inline constexpr size_t kRowBytesMax = 1U << 20;
/// The most cells of a row; a wider one is a bad row, and a header of that kind an error.
inline constexpr size_t kColumnsMax = 10'000;
/// What is looked at to tell encoding and separator.
inline constexpr size_t kSampleBytes = 1U << 18;

/// How a table is written down. The defaults are found out from the file itself.
struct Layout {
  char separator = '\0';  ///< one of , ; TAB |; \0: detected
  Encoding encoding = Encoding::kDetect;
  /// Names of the columns; empty: they stand in the first row.
  std::vector<std::string> columns = {};
  uint32_t skip_lines = 0;  ///< physical lines before the first row
  /// A row with fewer cells than there are columns is filled up with empty ones instead of being
  /// bad.
  bool fill_short_rows = false;
};

/// The separator that divides the first rows of `sample` most evenly; a comma if none does.
char detect_separator(std::string_view sample);

}  // namespace purvey::event::csv
