#pragma once

#include <string_view>

#include "flow/import/import_map.h"

namespace purvey::flow {

/// Whether a condition of a map holds for its cell. A number condition on a cell that is missing or
/// no number does not hold.
bool holds(const Condition& condition, std::string_view cell, event::csv::NumberFormat numbers);

}  // namespace purvey::flow
