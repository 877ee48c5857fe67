#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purvey::watch {

/// The names and values of a group, in the order of its text.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// Reads `{"carrier":"C1","warehouse":"W1"}` as KpiBoard::dimensions_text() writes it. Of a text
/// that is not of that form, what can be read.
Labels parse_labels(std::string_view dimensions);

/// `carrier C1, warehouse W1`; `total` for the total.
std::string labels_in_words(const Labels& labels);

}  // namespace purvey::watch
