#include <fmt/core.h>

#include "flow/import/map_reader.h"

namespace purvey::flow::internal {

using base::TomlNode;
using base::TomlTableReader;

namespace {

base::Result<std::string_view> money_sign(const TomlNode& node) {
  const auto text = PURVEY_TRY(node.as_string("\"$\""));
  std::string wanted = "one of";
  for (const std::string_view known : event::csv::kMoneySigns) {
    if (text == known) return known;
    wanted += ' ';
    wanted += known;
  }
  if (text.empty()) return std::string_view();
  return node.unexpected(wanted, "\"$\"");
}

}  // namespace

base::Result<char> one_character(const TomlNode& node, std::string_view example,
                                 bool may_be_empty) {
  const auto text = PURVEY_TRY(node.as_string(example));
  if (text.empty() && may_be_empty) return '\0';
  if (text.size() != 1) return node.unexpected("one character", example);
  return text[0];
}

base::Result<void> read_formats(TomlTableReader& reader, TableSpec& table) {
  if (const auto* zone = reader.find("zone")) {
    auto found = event::csv::Zone::find(PURVEY_TRY(zone->as_string("\"UTC\"")));
    if (!found) return zone->error(found.error().message);
    table.zone = *found;
  }
  if (reader.has("dates")) {
    const auto* dates = reader.find("dates");
    table.dates.clear();
    for (const auto& pattern : PURVEY_TRY(dates->as_strings("[\"%Y-%m-%d\"]"))) {
      auto compiled = event::csv::StampPattern::compile(pattern);
      if (!compiled) return dates->error(compiled.error().message);
      table.dates.push_back(*compiled);
    }
  }
  if (reader.has("missing")) {
    table.missing = PURVEY_TRY(reader.strings("missing", "[\"NULL\", \"N/A\"]"));
  }
  if (const auto* decimal = reader.find("decimal")) {
    const char mark = PURVEY_TRY(one_character(*decimal, "\",\"", false));
    if (mark != '.' && mark != ',') return decimal->unexpected("a point or a comma", "\",\"");
    table.numbers.decimal = mark;
  }
  if (const auto* thousands = reader.find("thousands")) {
    table.numbers.thousands = PURVEY_TRY(one_character(*thousands, "\".\"", true));
  }
  if (const auto* sign = reader.find("currency_sign")) {
    table.numbers.sign = PURVEY_TRY(money_sign(*sign));
  }
  if (table.numbers.decimal == table.numbers.thousands) {
    return reader.node().error("decimal and thousands are the same character");
  }
  return {};
}

}  // namespace purvey::flow::internal
