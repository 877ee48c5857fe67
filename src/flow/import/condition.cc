#include "flow/import/condition.h"

#include <algorithm>

namespace purvey::flow {

bool holds(const Condition& condition, std::string_view cell, event::csv::NumberFormat numbers) {
  using Kind = Condition::Kind;
  const auto starts = [&](const std::string& word) { return cell.starts_with(word); };
  const auto compared = [&](auto&& test) {
    const auto number = event::csv::Decimal::parse(cell, numbers);
    return number && test(number->compare(condition.bound));
  };
  switch (condition.kind) {
    case Kind::kIs:
      return std::ranges::find(condition.words, cell) != condition.words.end();
    case Kind::kIsNot:
      return std::ranges::find(condition.words, cell) == condition.words.end();
    case Kind::kMissing:
      return cell.empty();
    case Kind::kPresent:
      return !cell.empty();
    case Kind::kStartsWith:
      return std::ranges::any_of(condition.words, starts);
    case Kind::kStartsNotWith:
      return std::ranges::none_of(condition.words, starts);
    case Kind::kBelow:
      return compared([](int order) { return order < 0; });
    case Kind::kAtMost:
      return compared([](int order) { return order <= 0; });
    case Kind::kAbove:
      return compared([](int order) { return order > 0; });
    case Kind::kAtLeast:
      return compared([](int order) { return order >= 0; });
  }
  return false;
}

}  // namespace purvey::flow
