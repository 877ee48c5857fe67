#include "flow/import/value_maker.h"

#include <fmt/core.h>

#include <algorithm>

#include "flow/import/condition.h"

namespace purvey::flow {
namespace {

using event::csv::Decimal;

const CellRef* first_cell(const Template& from) {
  for (const auto& piece : from.pieces) {
    if (piece.cell) return &*piece.cell;
  }
  return nullptr;
}

constexpr std::string_view kTooManyDigits = "a calculation with more than 30 digits";

}  // namespace

ValueMaker::ValueMaker(const ImportMap& map) : map_(map) {
  for (const TableSpec& table : map.tables) stamps_.emplace_back(table.dates, table.zone);
}

std::string_view ValueMaker::cell_of(const CellRef& cell, const Scope& scope) {
  return (cell.level == RowLevel::kOwn ? scope.own : scope.owner)->cells[cell.slot];
}

/// The cell as it stood in the file, also if the map declares it missing.
std::string_view ValueMaker::word_of(const CellRef& cell, const Scope& scope) {
  const RowView& row = *(cell.level == RowLevel::kOwn ? scope.own : scope.owner);
  return record_word(row.record, row.lookups.size(), cell.slot);
}

/// The first cell of the term that is missing, or null. `scope` is that of the term's parts.
const CellRef* ValueMaker::find_empty(const ValueTerm& term, const Scope& scope) {
  const auto in = [&](const Template& from) -> const CellRef* {
    for (const auto& piece : from.pieces) {
      if (piece.cell && cell_of(*piece.cell, scope).empty()) return &*piece.cell;
    }
    return nullptr;
  };
  for (const Template& part : term.parts) {
    if (const auto* cell = in(part)) return cell;
  }
  const CellRef* cell = term.times ? in(*term.times) : nullptr;
  return cell == nullptr && term.divide ? in(*term.divide) : cell;
}

Got ValueMaker::missing(std::string reason, std::span<const ValueTerm> terms, const Scope& scope) {
  for (const ValueTerm& term : terms) {
    if (term.sum_of) continue;  // its cells are those of other rows
    if (const auto* cell = find_empty(term, scope)) {
      fault_ = {std::move(reason), cell->column, std::string(word_of(*cell, scope)),
                event::Reason::kMissingField};
      return Got::kFault;
    }
  }
  fault_ = {std::move(reason), first_column(terms), "", event::Reason::kMissingField};
  return Got::kFault;
}

std::string ValueMaker::first_column(std::span<const ValueTerm> terms) {
  for (const ValueTerm& term : terms) {
    for (const Template& part : term.parts) {
      if (const auto* cell = first_cell(part)) return cell->column;
    }
  }
  return "";
}

Got ValueMaker::fault(std::string reason, const Template& from, std::string_view value,
                      event::Reason kind) {
  const auto* cell = first_cell(from);
  fault_ = {std::move(reason), cell != nullptr ? cell->column : "", std::string(value), kind};
  return Got::kFault;
}

Got ValueMaker::wrong(std::string reason, std::span<const ValueTerm> terms,
                      std::string_view value) {
  fault_ = {std::move(reason), first_column(terms), std::string(value)};
  return Got::kFault;
}

bool ValueMaker::all_hold(std::span<const Condition> conditions, const Scope& scope) const {
  return std::ranges::all_of(conditions, [&](const Condition& condition) {
    return holds(condition, cell_of(condition.cell, scope),
                 map_.tables[condition.cell.table].numbers);
  });
}

Got ValueMaker::text(const Template& from, const Scope& scope, std::string& out) {
  out.clear();
  for (const auto& piece : from.pieces) {
    if (!piece.cell) {
      out += piece.literal;
      continue;
    }
    const auto cell = cell_of(*piece.cell, scope);
    if (cell.empty()) return Got::kMissing;
    out += cell;
  }
  return out.empty() ? Got::kMissing : Got::kValue;
}

Got ValueMaker::text(std::span<const ValueTerm> terms, const Scope& scope, std::string& out) {
  for (const ValueTerm& term : terms) {
    const Got got = term_text(term, scope, out);
    if (got != Got::kMissing) return got;
  }
  return Got::kMissing;
}

Got ValueMaker::term_text(const ValueTerm& term, const Scope& scope, std::string& out) {
  if (term.kind == ValueTerm::Kind::kJoin) return joined(term, scope, out);
  const Got got = text(term.parts.front(), scope, out);
  if (got != Got::kValue || term.replace.empty()) return got;
  return replaced(term, scope, out);
}

Got ValueMaker::replaced(const ValueTerm& term, const Scope& scope, std::string& text_out) {
  const auto found =
      std::ranges::lower_bound(term.replace, text_out, {},
                               [](const auto& pair) -> const std::string& { return pair.first; });
  if (found != term.replace.end() && found->first == text_out) {
    text_out = found->second;
    return Got::kValue;
  }
  if (!term.otherwise) {
    return fault("a word that the map does not know", term.parts.front(), text_out);
  }
  const Got got = text(*term.otherwise, scope, otherwise_);
  text_out.swap(otherwise_);
  return got;
}

Got ValueMaker::joined(const ValueTerm& term, const Scope& scope, std::string& out) {
  out.clear();
  for (const Template& part : term.parts) {
    if (text(part, scope, scratch_) != Got::kValue) continue;
    if (!out.empty()) out += term.between;
    out += scratch_;
  }
  return out.empty() ? Got::kMissing : Got::kValue;
}

Got ValueMaker::parse_number(std::string_view text, const Template& from,
                             event::csv::NumberFormat format, Decimal& out) {
  const auto number = Decimal::parse(text, format);
  if (!number) return fault("no number", from, text, event::Reason::kWrongType);
  out = *number;
  return Got::kValue;
}

Got ValueMaker::template_number(const Template& from, const Scope& scope, Decimal& out) {
  if (const auto* cell = from.single_cell()) {
    const auto text = cell_of(*cell, scope);
    if (text.empty()) return Got::kMissing;
    return parse_number(text, from, map_.tables[cell->table].numbers, out);
  }
  const Got got = text(from, scope, scratch_);
  if (got != Got::kValue) return got;
  const auto* cell = first_cell(from);
  return parse_number(
      scratch_, from,
      cell != nullptr ? map_.tables[cell->table].numbers : event::csv::NumberFormat{}, out);
}

Got ValueMaker::number(std::span<const ValueTerm> terms, const Scope& scope, int decimals,
                       Decimal& out) {
  for (const ValueTerm& term : terms) {
    const Got got = term_number(term, scope, decimals, out);
    if (got != Got::kMissing) return got;
  }
  return Got::kMissing;
}

Got ValueMaker::term_number(const ValueTerm& term, const Scope& scope, int decimals, Decimal& out) {
  if (term.kind == ValueTerm::Kind::kNumber) {
    return term.sum_of ? sum_group(term, scope, decimals, out)
                       : sum_parts(term, scope, decimals, out);
  }
  if (term.replace.empty() && term.kind == ValueTerm::Kind::kTemplate) {
    return template_number(term.parts.front(), scope, out);
  }
  std::string word;
  const Got got = term_text(term, scope, word);
  if (got != Got::kValue) return got;
  return parse_number(word, term.parts.front(), {}, out);
}

Got ValueMaker::sum_parts(const ValueTerm& term, const Scope& scope, int decimals, Decimal& out) {
  Decimal sum;
  Decimal part;
  for (const Template& from : term.parts) {
    const Got got = template_number(from, scope, part);
    if (got != Got::kValue) return got;
    const auto larger = sum.plus(part);
    if (!larger) return fault(std::string(kTooManyDigits), from, "");
    sum = *larger;
  }
  if (term.times) {
    const Got got = template_number(*term.times, scope, part);
    if (got != Got::kValue) return got;
    const auto product = sum.times(part);
    if (!product) return fault(std::string(kTooManyDigits), *term.times, "");
    sum = *product;
  }
  if (term.divide) {
    const Got got = template_number(*term.divide, scope, part);
    if (got != Got::kValue) return got;
    if (part.is_zero()) return fault("a division by zero", *term.divide, "0");
    const auto quotient = sum.divided(part, decimals);
    if (!quotient) return fault(std::string(kTooManyDigits), *term.divide, "");
    sum = *quotient;
  }
  if (term.negate) sum = sum.negated();
  out = term.round ? sum.rounded(decimals) : sum;
  return Got::kValue;
}

/// A row that cannot be added is left out and noted; without any row the sum is missing.
Got ValueMaker::sum_group(const ValueTerm& term, const Scope& scope, int decimals, Decimal& out) {
  auto& rows = scope.thing->groups[*term.sum_of];
  Decimal sum;
  Decimal part;
  bool any = false;
  for (RowView& row : rows) {
    if (row.dropped) continue;
    const Scope inside{&row, scope.own, nullptr};
    Got got = sum_parts(term, inside, decimals, part);
    if (got == Got::kMissing) {
      got = fault("a number to add up is missing", term.parts.front(), "",
                  event::Reason::kMissingField);
      if (const auto* cell = find_empty(term, inside)) {
        fault_.column = cell->column;
        fault_.value = word_of(*cell, inside);
      }
    }
    if (got == Got::kFault) {
      row.dropped = true;
      dropped_.emplace_back(&row, fault_);
      continue;
    }
    const auto larger = sum.plus(part);
    if (!larger) return fault(std::string(kTooManyDigits), term.parts.front(), "");
    sum = *larger;
    any = true;
  }
  if (!any) return Got::kMissing;
  for (RowView& row : rows) row.used = row.used || !row.dropped;
  out = sum;
  return Got::kValue;
}

Got ValueMaker::template_time(const Template& from, const Scope& scope, base::EventTime& out) {
  const auto* single = from.single_cell();
  const auto* cell = single != nullptr ? single : first_cell(from);
  std::string_view written;
  if (single != nullptr) {
    written = cell_of(*single, scope);
    if (written.empty()) return Got::kMissing;
  } else {
    const Got got = text(from, scope, scratch_);
    if (got != Got::kValue) return got;
    written = scratch_;
  }
  if (map_.of_documents) {
    const auto exact = base::parse_rfc3339(written);
    if (exact) {
      out = *exact;
      return Got::kValue;
    }
  }
  auto& reader = stamps_[cell != nullptr ? cell->table : 0];
  switch (reader.read(written, out)) {
    case event::csv::StampFault::kNone:
      return Got::kValue;
    case event::csv::StampFault::kNoPattern:
      break;
    case event::csv::StampFault::kSkipped:
      return fault("a time that the clocks of its zone skipped", from, written,
                   event::Reason::kBadTime);
  }
  if (cell == nullptr) {  // a constant of the map
    const auto constant = base::parse_rfc3339(written);
    if (constant) {
      out = *constant;
      return Got::kValue;
    }
  }
  return fault("a time in none of the patterns of dates", from, written, event::Reason::kBadTime);
}

Got ValueMaker::term_time(const ValueTerm& term, const Scope& scope, base::EventTime& out) {
  if (term.kind == ValueTerm::Kind::kTemplate && term.replace.empty()) {
    return template_time(term.parts.front(), scope, out);
  }
  if (term.kind != ValueTerm::Kind::kLatest) {
    return fault("a time cannot be made this way", term.parts.front(), "");
  }
  bool any = false;
  for (const Template& part : term.parts) {
    base::EventTime time;
    const Got got = template_time(part, scope, time);
    if (got == Got::kFault) return got;
    if (got == Got::kMissing) continue;
    out = any ? std::max(out, time) : time;
    any = true;
  }
  return any ? Got::kValue : Got::kMissing;
}

Got ValueMaker::time(std::span<const ValueTerm> terms, const Scope& scope, base::EventTime& out,
                     size_t& place) {
  for (place = 0; place < terms.size(); ++place) {
    const Got got = term_time(terms[place], scope, out);
    if (got != Got::kMissing) return got;
  }
  return Got::kMissing;
}

}  // namespace purvey::flow
