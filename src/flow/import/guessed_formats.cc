#include "flow/import/guessed_formats.h"

#include <algorithm>
#include <array>

namespace purvey::flow {
namespace {

using Kind = ColumnProfile::Kind;

template <typename Item>
void add_once(std::vector<Item>& list, const Item& item) {
  if (std::ranges::find(list, item) == list.end()) list.push_back(item);
}

void choose_dates(const std::vector<ColumnProfile>& columns, GuessedFormats& formats) {
  bool unsure = false;
  for (const ColumnProfile& column : columns) {
    unsure = unsure || column.day_month_unsure;
    if (column.day_month_unsure) continue;
    for (const auto& pattern : column.patterns) add_once(formats.dates, pattern);
  }
  const auto some = [&](std::string_view start) {
    return std::ranges::any_of(formats.dates, [&](const auto& pattern) {
      return pattern.starts_with(start) && !day_month_swapped(pattern).empty();
    });
  };
  const bool day_first = some("%d");
  const bool month_first = some("%m");
  for (const ColumnProfile& column : columns) {
    if (!column.day_month_unsure) continue;
    for (const auto& pattern : column.patterns) {
      const bool turn = day_first && !month_first && pattern.starts_with("%m");
      add_once(formats.dates, turn ? day_month_swapped(pattern) : pattern);
    }
  }
  formats.day_month_mixed = some("%d") && some("%m");
  formats.day_month_unsure = unsure && !day_first && !month_first;
}

void choose_numbers(const std::vector<ColumnProfile>& columns, GuessedFormats& formats) {
  std::array<size_t, kNumberForms.size()> fitting{};
  std::vector<std::string_view> signs;
  for (const ColumnProfile& column : columns) {
    if (column.kind != Kind::kWhole && column.kind != Kind::kDecimal) continue;
    for (size_t form = 0; form < fitting.size(); ++form) fitting[form] += column.fitting[form];
    if (!column.sign.empty()) add_once(signs, column.sign);
  }
  const auto best = std::ranges::max_element(fitting) - fitting.begin();
  formats.numbers = kNumberForms[static_cast<size_t>(best)];
  formats.comma_unsure = best == 1 && fitting[1] == fitting[2];
  if (signs.empty()) return;
  formats.numbers.sign = signs.front();
  formats.other_signs.assign(signs.begin() + 1, signs.end());
}

}  // namespace

GuessedFormats guess_formats(const std::vector<ColumnProfile>& columns) {
  GuessedFormats formats;
  for (const ColumnProfile& column : columns) {
    for (const auto& word : column.missing) add_once(formats.missing, word);
  }
  choose_dates(columns, formats);
  choose_numbers(columns, formats);
  return formats;
}

}  // namespace purvey::flow
