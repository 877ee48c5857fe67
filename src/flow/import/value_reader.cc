#include <fmt/core.h>

#include <algorithm>

#include "flow/import/map_reader.h"

namespace purvey::flow::internal {
namespace {

constexpr std::string_view kExample = "\"{column}\"";

}  // namespace

base::Result<std::vector<ValueTerm>> ValueReader::read(const base::TomlNode& node,
                                                       ColumnView view) {
  std::vector<ValueTerm> terms;
  if (node.kind() != base::TomlKind::kArray) {
    terms.push_back(PURVEY_TRY(read_term(node, view)));
    return terms;
  }
  for (const auto& item : node.items()) terms.push_back(PURVEY_TRY(read_term(item, view)));
  if (terms.empty()) return node.unexpected("at least one value", kExample);
  return terms;
}

base::Result<Template> ValueReader::read_template(const base::TomlNode& node, ColumnView view) {
  switch (node.kind()) {
    case base::TomlKind::kString:
      return resolver_.parse_template(node, view, PURVEY_TRY(node.as_string(kExample)));
    case base::TomlKind::kInteger:
    case base::TomlKind::kFloat:
    case base::TomlKind::kBoolean:
      return Template{{{node.shown(), std::nullopt}}};
    case base::TomlKind::kTable:
    case base::TomlKind::kArray:
    case base::TomlKind::kTime:
      break;
  }
  return node.unexpected("a text or a number", kExample);
}

base::Result<std::vector<Template>> ValueReader::read_templates(const base::TomlNode& node,
                                                                ColumnView view) {
  std::vector<Template> templates;
  if (node.kind() != base::TomlKind::kArray) {
    templates.push_back(PURVEY_TRY(read_template(node, view)));
    return templates;
  }
  for (const auto& item : node.items()) {
    templates.push_back(PURVEY_TRY(read_template(item, view)));
  }
  if (templates.empty()) return node.unexpected("at least one text", kExample);
  return templates;
}

base::Result<ValueTerm> ValueReader::read_term(const base::TomlNode& node, ColumnView view) {
  if (node.kind() == base::TomlKind::kTable) return read_table_term(node, view);
  ValueTerm term;
  term.parts.push_back(PURVEY_TRY(read_template(node, view)));
  return term;
}

base::Result<ValueTerm> ValueReader::read_table_term(const base::TomlNode& node, ColumnView view) {
  base::TomlTableReader reader(node);
  ValueTerm term;
  int forms = 0;
  if (const auto* join = reader.find("join")) {
    term.kind = ValueTerm::Kind::kJoin;
    term.parts = PURVEY_TRY(read_templates(*join, view));
    term.between = PURVEY_TRY(reader.string_or("with", " "));
    ++forms;
  }
  if (const auto* latest = reader.find("latest")) {
    term.kind = ValueTerm::Kind::kLatest;
    term.parts = PURVEY_TRY(read_templates(*latest, view));
    ++forms;
  }
  if (const auto* value = reader.find("value")) {
    term.parts.push_back(PURVEY_TRY(read_template(*value, view)));
    ++forms;
  }
  if (const auto* add = reader.find("add")) {
    ColumnView inside = view;
    if (const auto* group = reader.find("sum_of")) {
      const auto name = PURVEY_TRY(group->as_string("\"items\""));
      term.sum_of = PURVEY_TRY(find_group(*group, view.table, name));
      inside = {map_.tables[view.table].groups[*term.sum_of], view.table};
    }
    term.kind = ValueTerm::Kind::kNumber;
    term.parts = PURVEY_TRY(read_templates(*add, inside));
    PURVEY_TRY(read_arithmetic(reader, inside, term));
    ++forms;
  } else {
    PURVEY_TRY(read_arithmetic(reader, view, term));
  }
  PURVEY_TRY(read_replacement(reader, view, term));
  PURVEY_TRY(reader.finish());
  if (forms != 1) {
    return node.error("a value needs exactly one of value, add, join, latest");
  }
  return term;
}

base::Result<void> ValueReader::read_arithmetic(base::TomlTableReader& reader, ColumnView view,
                                                ValueTerm& term) {
  bool found = false;
  if (const auto* times = reader.find("times")) {
    term.times = PURVEY_TRY(read_template(*times, view));
    found = true;
  }
  if (const auto* divide = reader.find("divide")) {
    term.divide = PURVEY_TRY(read_template(*divide, view));
    found = true;
  }
  term.negate = PURVEY_TRY(reader.boolean_or("negate", false));
  term.round = PURVEY_TRY(reader.boolean_or("round", false));
  found = found || term.negate || term.round;
  if (!found) return {};
  if (term.kind == ValueTerm::Kind::kJoin || term.kind == ValueTerm::Kind::kLatest) {
    return reader.node().error("times, divide, negate and round are for value and add");
  }
  if (term.divide && !term.round) {
    return reader.node().error("a quotient has to be rounded; write round = true beside divide");
  }
  term.kind = ValueTerm::Kind::kNumber;
  return {};
}

base::Result<void> ValueReader::read_replacement(base::TomlTableReader& reader, ColumnView view,
                                                 ValueTerm& term) {
  const auto* words = PURVEY_TRY(reader.table("map"));
  if (words == nullptr) return {};
  if (term.kind != ValueTerm::Kind::kTemplate) return words->error("map goes with value only");
  for (const auto& item : words->items()) {
    term.replace.emplace_back(item.key(), PURVEY_TRY(item.as_string("\"word\"")));
  }
  std::ranges::sort(term.replace);
  if (term.replace.empty()) return words->error("names no word; write map = { a = \"b\" }");
  if (const auto* otherwise = reader.find("else")) {
    term.otherwise = PURVEY_TRY(read_template(*otherwise, view));
  }
  return {};
}

base::Result<uint32_t> ValueReader::find_group(const base::TomlNode& node, uint32_t table,
                                               std::string_view name) const {
  const auto& groups = map_.tables[table].groups;
  for (uint32_t i = 0; i < groups.size(); ++i) {
    if (map_.tables[groups[i]].name == name) return i;
  }
  return node.error(fmt::format(
      "\"{}\" has no rows that belong to {}; write belongs_to = \"{}\" in its [{}] table", name,
      map_.tables[table].name, map_.tables[table].name, map_.of_documents ? "document" : "file"));
}

}  // namespace purvey::flow::internal
