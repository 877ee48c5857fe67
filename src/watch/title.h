#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "watch/labels.h"
#include "watch/rule.h"

namespace purvey::watch {

/// Whether a title holds no placeholder but {metric}, {value} and {dimensions}. Errors:
/// kInvalidInput, what is wrong and what to write.
base::Result<void> check_title(std::string_view title);

/// The title of an incident: placeholders replaced, nothing else interpreted. `value` is what the
/// rule's KPI had when it fired.
std::string render_title(const Rule& rule, double value, const Labels& labels);

/// A value for people: a ratio in percent, others with their unit.
std::string value_in_words(double value, std::string_view unit);

}  // namespace purvey::watch
