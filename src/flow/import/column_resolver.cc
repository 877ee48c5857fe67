#include <fmt/core.h>

#include <array>

#include "flow/import/map_reader.h"

namespace purvey::flow::internal {
namespace {

using Kind = Condition::Kind;

struct ConditionWord {
  std::string_view word;
  Kind kind;
};
constexpr std::array kWordConditions = {
    ConditionWord{"is", Kind::kIs},
    ConditionWord{"is_not", Kind::kIsNot},
    ConditionWord{"starts_with", Kind::kStartsWith},
    ConditionWord{"starts_not_with", Kind::kStartsNotWith},
};
constexpr std::array kNumberConditions = {
    ConditionWord{"below", Kind::kBelow},
    ConditionWord{"at_most", Kind::kAtMost},
    ConditionWord{"above", Kind::kAbove},
    ConditionWord{"at_least", Kind::kAtLeast},
};

base::Result<std::vector<std::string>> one_or_more(const base::TomlNode& node) {
  if (node.kind() == base::TomlKind::kArray) return node.as_strings("[\"a\", \"b\"]");
  return std::vector<std::string>{PURVEY_TRY(node.as_string("\"a\""))};
}

/// A number as the map writes it, kept exact where it can be.
base::Result<event::csv::Decimal> exact_number(const base::TomlNode& node) {
  const double number = PURVEY_TRY(node.as_number("0"));
  const auto exact = event::csv::Decimal::parse(fmt::format("{}", number));
  if (!exact) return node.unexpected("a number of ordinary size", "0");
  return *exact;
}

}  // namespace

std::optional<uint32_t> ColumnResolver::find_table(std::string_view name) const {
  for (uint32_t i = 0; i < map_.tables.size(); ++i) {
    if (map_.tables[i].name == name) return i;
  }
  return std::nullopt;
}

uint32_t ColumnResolver::own_slot(uint32_t table, std::string_view column) {
  auto& columns = map_.tables[table].columns;
  for (uint32_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == column) return i;
  }
  columns.emplace_back(column);
  return static_cast<uint32_t>(columns.size() - 1);
}

std::optional<CellRef> ColumnResolver::reach(uint32_t from, uint32_t table,
                                             std::string_view column) {
  if (from == table) {
    return CellRef{RowLevel::kOwn, own_slot(table, column), table, std::string(column)};
  }
  for (const auto& lookup : map_.tables[from].lookups) {
    if (lookup.table != table) continue;
    const uint32_t slot = lookup.first_slot + own_slot(table, column);
    return CellRef{RowLevel::kOwn, slot, table, std::string(column)};
  }
  return std::nullopt;
}

base::Result<CellRef> ColumnResolver::resolve(const base::TomlNode& node, ColumnView view,
                                              std::string_view name) {
  if (name.empty())
    return node.error("an empty column name, to be filled in; write \"{order_id}\"");
  const size_t dot = name.find('.');
  const auto named = dot == name.npos ? std::nullopt : find_table(name.substr(0, dot));
  if (!named) return *reach(view.table, view.table, name);
  const auto column = name.substr(dot + 1);
  if (auto found = reach(view.table, *named, column)) return *found;
  if (view.owner) {
    if (auto found = reach(*view.owner, *named, column)) {
      found->level = RowLevel::kOwner;
      return *found;
    }
  }
  return node.error(fmt::format(
      "\"{}\": a row of {} has no one row of {}; name a table that describes it, or sum over it",
      name, map_.tables[view.table].name, map_.tables[*named].name));
}

base::Result<Template> ColumnResolver::parse_template(const base::TomlNode& node, ColumnView view,
                                                      std::string_view text) {
  Template made;
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) made.pieces.push_back({std::move(literal), std::nullopt});
    literal.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool doubled = i + 1 < text.size() && text[i + 1] == c && (c == '{' || c == '}');
    if (doubled) {
      literal += c;
      ++i;
    } else if (c == '{') {
      const size_t close = text.find('}', i);
      if (close == text.npos) {
        return node.error(fmt::format("\"{}\": a brace is not closed; write \"{{column}}\"", text));
      }
      end_literal();
      made.pieces.push_back(
          {"", PURVEY_TRY(resolve(node, view, text.substr(i + 1, close - i - 1)))});
      i = close;
    } else if (c == '}') {
      return node.error(fmt::format("\"{}\": a single }}; write }}}} for the sign itself", text));
    } else {
      literal += c;
    }
  }
  end_literal();
  return made;
}

base::Result<Condition> ColumnResolver::parse_condition(const base::TomlNode& node,
                                                        ColumnView view) {
  if (node.kind() != base::TomlKind::kTable) {
    return node.unexpected("a table", "[{ column = \"status\", is = \"paid\" }]");
  }
  base::TomlTableReader reader(node);
  Condition condition;
  const auto* column = PURVEY_TRY(reader.required("column", "\"status\""));
  const auto name = PURVEY_TRY(column->as_string("\"status\""));
  condition.cell = PURVEY_TRY(resolve(*column, view, name));
  int tests = 0;
  for (const auto& [word, kind] : kWordConditions) {
    const auto* words = reader.find(word);
    if (words == nullptr) continue;
    condition.kind = kind;
    condition.words = PURVEY_TRY(one_or_more(*words));
    ++tests;
  }
  for (const auto& [word, kind] : kNumberConditions) {
    const auto* bound = reader.find(word);
    if (bound == nullptr) continue;
    condition.kind = kind;
    condition.bound = PURVEY_TRY(exact_number(*bound));
    ++tests;
  }
  if (const auto* missing = reader.find("missing")) {
    condition.kind = PURVEY_TRY(missing->as_boolean()) ? Kind::kMissing : Kind::kPresent;
    ++tests;
  }
  PURVEY_TRY(reader.finish());
  if (tests != 1) {
    return node.error(
        "a condition needs exactly one of is, is_not, starts_with, starts_not_with, missing, "
        "below, "
        "at_most, above, at_least");
  }
  return condition;
}

base::Result<std::vector<Condition>> ColumnResolver::parse_when(const base::TomlNode& table,
                                                                ColumnView view) {
  std::vector<Condition> conditions;
  const auto* when = table.find("when");
  if (when == nullptr) return conditions;
  if (when->kind() == base::TomlKind::kTable) {
    conditions.push_back(PURVEY_TRY(parse_condition(*when, view)));
    return conditions;
  }
  if (when->kind() != base::TomlKind::kArray) {
    return when->unexpected("a list of conditions", "[{ column = \"status\", is = \"paid\" }]");
  }
  for (const auto& item : when->items()) {
    conditions.push_back(PURVEY_TRY(parse_condition(item, view)));
  }
  return conditions;
}

}  // namespace purvey::flow::internal
