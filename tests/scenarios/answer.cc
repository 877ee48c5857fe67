#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "tests/scenarios/expectation.h"

namespace purvey::scenarios {
namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_cell_met(const ExpectedCell& expected, const std::optional<std::string>& found) {
  if (expected.is_null || !found) return expected.is_null && !found;
  if (expected.value == *found) return true;
  const auto one = number(expected.value);
  const auto other = number(*found);
  if (!one || !other) return false;
  if (!expected.roughly) return std::abs(*one - *other) <= 1e-12 * std::abs(*one);
  const size_t point = expected.value.find('.');
  const auto decimals = point == std::string::npos ? size_t{0} : expected.value.size() - point - 1;
  return std::abs(*one - *other) <= 0.5000001 * std::pow(10, -static_cast<double>(decimals));
}

size_t width_of(const ExpectRows& expected) {
  size_t width = 1;
  for (const auto& row : expected.rows) width = std::max(width, row.size());
  return width;
}

}  // namespace

std::string question_for(const std::vector<ExpectRows>& expected) {
  size_t width = 1;
  for (const ExpectRows& one : expected) width = std::max(width, width_of(one));
  std::string sql;
  for (size_t i = 0; i < expected.size(); ++i) {
    std::string names;
    std::string cells;
    for (size_t column = 0; column < width; ++column) {
      const bool is_asked = column < width_of(expected[i]);
      if (is_asked) names += fmt::format("{}c{}", column > 0 ? ", " : "", column);
      cells += is_asked ? fmt::format(", c{}::varchar", column) : ", null::varchar";
    }
    sql +=
        fmt::format("{}select {} as question, row_number() over () as place{} from ({}) as t({})",
                    i > 0 ? "\nunion all " : "", i, cells, expected[i].select, names);
  }
  return sql + "\norder by question, place";
}

std::vector<Cells> split_answers(const Cells& answers, const std::vector<ExpectRows>& expected) {
  std::vector<Cells> found(expected.size());
  for (const auto& row : answers) {
    const auto question = static_cast<size_t>(number(*row[0]).value_or(0));
    const auto first = row.begin() + 2;
    found[question].emplace_back(first,
                                 first + static_cast<ptrdiff_t>(width_of(expected[question])));
  }
  return found;
}

bool is_met(const ExpectRows& expected, const Cells& found) {
  return std::equal(expected.rows.begin(), expected.rows.end(), found.begin(), found.end(),
                    [](const auto& wanted, const auto& row) {
                      return wanted.size() <= row.size() &&
                             std::equal(wanted.begin(), wanted.end(), row.begin(),
                                        [](const ExpectedCell& cell, const auto& value) {
                                          return is_cell_met(cell, value);
                                        });
                    });
}

}  // namespace purvey::scenarios
