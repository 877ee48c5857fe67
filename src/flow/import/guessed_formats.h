#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/import/column_profile.h"

namespace purvey::flow {

/// How a file as a whole seems to write times and numbers: a map states it once for all columns.
struct GuessedFormats {
  std::vector<std::string> dates;
  bool day_month_unsure = false;  ///< nothing in the file tells day and month apart
  bool day_month_mixed = false;   ///< the day stands first in some values, the month in others
  std::vector<std::string> missing;
  event::csv::NumberFormat numbers;
  bool comma_unsure = false;  ///< the comma groups thousands, or is the decimal mark
  std::vector<std::string_view> other_signs;  ///< of money, beside that of `numbers`
};

/// Columns that are sure decide for those that are not.
GuessedFormats guess_formats(const std::vector<ColumnProfile>& columns);

}  // namespace purvey::flow
