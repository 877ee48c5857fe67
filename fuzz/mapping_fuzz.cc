// Import maps from any bytes: what loads is whole, what does not says where in one line.
#include <simdjson.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/check.h"
#include "event/schema.h"
#include "flow/import/import_map.h"

namespace purvey::flow {
namespace {

void check_error(const base::Error& error) {
  PURVEY_CHECK(error.message.starts_with("input.toml:"), "an error without its place");
  PURVEY_CHECK(error.message.find('\n') == std::string::npos, "an error of several lines");
  PURVEY_CHECK(simdjson::validate_utf8(error.message), "an error that is not UTF-8");
}

void check_rule(const ImportMap& map, const EventRule& rule) {
  PURVEY_CHECK(rule.table < map.tables.size(), "a rule of no table");
  PURVEY_CHECK(!rule.time.empty(), "events without a time");
  const auto fields = event::spec_of(rule.kind).fields;
  for (const FieldRule& field : rule.fields) {
    PURVEY_CHECK(field.place < fields.size(), "a field that the event has not");
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    const bool given =
        std::ranges::any_of(rule.fields, [&](const FieldRule& field) { return field.place == i; });
    PURVEY_CHECK(given || !fields[i].required, "a required field that the map does not give");
  }
}

void run(std::string_view text) {
  const auto map = parse_import_map(text, "input.toml");
  if (!map) return check_error(map.error());
  PURVEY_CHECK(!map->tables.empty() && map->tables.size() <= kMapTablesMax, "number of tables");
  const bool takes_events = std::ranges::any_of(map->tables, &TableSpec::cloudevents);
  PURVEY_CHECK((takes_events || !map->rules.empty()) && map->rules.size() <= kMapRulesMax,
               "number of rules");
  for (const EventRule& rule : map->rules) check_rule(*map, rule);
  for (const TableSpec& table : map->tables) {
    PURVEY_CHECK(table.columns.size() <= table.slots, "columns without a slot");
    for (const uint32_t group : table.groups) {
      PURVEY_CHECK(group < map->tables.size(), "a group of no table");
    }
    const bool is_part = table.role == TableSpec::Role::kBelongs;
    PURVEY_CHECK(!map->of_documents || !is_part || !table.each.empty(), "parts that stand nowhere");
  }
}

}  // namespace
}  // namespace purvey::flow

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  purvey::flow::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
