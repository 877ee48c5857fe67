#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/event_time.h"
#include "base/result.h"
#include "tests/scenarios/scenario.h"
#include "tests/scenarios/words.h"

namespace purvey::scenarios {

using Expectation = std::variant<ExpectRows, ExpectVerdict, ExpectSameResults>;

/// Reads what stands behind `expect`: README.md has the forms. `day`: of times without one. Errors:
/// kInvalidInput with what to write instead.
base::Result<Expectation> read_expectation(std::span<const Word> words, base::EventTime day);

/// The rows of a result, cells as text.
using Cells = std::vector<std::vector<std::optional<std::string>>>;

/// One SELECT that asks for all of them, and its answer divided between them again.
std::string question_for(const std::vector<ExpectRows>& expected);
std::vector<Cells> split_answers(const Cells& answers, const std::vector<ExpectRows>& expected);

/// Whether these are the rows that were expected. Numbers compare as numbers.
bool is_met(const ExpectRows& expected, const Cells& found);

}  // namespace purvey::scenarios
