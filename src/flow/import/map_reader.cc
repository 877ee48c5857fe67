#include "flow/import/map_reader.h"

#include <absl/strings/str_split.h>
#include <fmt/core.h>

#include <algorithm>

#include "base/closest_name.h"

namespace purvey::flow {
namespace {

using base::TomlNode;
using base::TomlTableReader;
using event::FieldType;
using internal::ColumnResolver;
using internal::ColumnView;
using internal::one_character;
using internal::read_formats;
using internal::ValueReader;

/// `; did you mean "amount"?`, or nothing if no name is near.
std::string nearest(std::string_view written, std::span<const std::string_view> known) {
  const auto name = base::closest_name(written, known);
  return name.empty() ? "" : fmt::format("; did you mean \"{}\"?", name);
}

/// Reads one map. The columns of a lookup stand behind those of the row that it describes, and how
/// many those are is known when the whole map has been read: so all that names columns is read
/// twice.
class MapReader {
 public:
  MapReader(const TomlNode& root, ImportMap& map)
      : root_(root), map_(map), resolver_(map), values_(map, resolver_) {}

  base::Result<void> read();

 private:
  base::Result<void> read_head(const TomlNode& node);
  base::Result<void> read_tables(TomlTableReader& reader);
  base::Result<void> read_files();
  base::Result<void> read_documents();
  base::Result<void> read_document(uint32_t place);
  base::Result<void> read_layout(TomlTableReader& reader, TableSpec& table);
  base::Result<void> read_role(TomlTableReader& reader, uint32_t place);
  base::Result<void> read_keys(uint32_t place);
  base::Result<void> read_refusals(uint32_t place);
  void place_lookups();
  base::Result<void> read_rule(const TomlNode& node);
  base::Result<void> read_fields(const TomlNode& node, EventRule& rule);
  base::Result<FieldRule> read_field(const TomlNode& node, const EventRule& rule);
  base::Result<LinesRule> read_lines(const TomlNode& node, const EventRule& rule);
  base::Result<void> check_fields(const TomlNode& node, EventRule& rule);
  ColumnView view_of(uint32_t table) const;
  std::string_view kind_of_table() const { return map_.of_documents ? "document" : "file"; }

  const TomlNode& root_;
  ImportMap& map_;
  ColumnResolver resolver_;
  ValueReader values_;
  TableSpec defaults_;
  std::vector<const TomlNode*> nodes_;  ///< of the tables; null for that of the message
};

base::Result<void> MapReader::read() {
  TomlTableReader reader(root_);
  PURVEY_TRY(reader.required("import", "[import] with source = \"shop\""));
  const auto* head = PURVEY_TRY(reader.table("import"));
  PURVEY_TRY(read_head(*head));
  PURVEY_TRY(read_tables(reader));
  const auto rules = PURVEY_TRY(reader.tables("event"));
  PURVEY_TRY(reader.finish());
  const bool takes_events = std::ranges::any_of(map_.tables, &TableSpec::cloudevents);
  if (rules.empty() && !takes_events) {
    return root_.error(
        "no [[event]]: nothing would come out; write [[event]] with type, from, id, time");
  }
  if (rules.size() > kMapRulesMax) {
    return rules[kMapRulesMax].error(fmt::format("more than {} [[event]] rules", kMapRulesMax));
  }
  for (int pass = 0; pass < 2; ++pass) {
    map_.rules.clear();
    for (uint32_t i = 0; i < map_.tables.size(); ++i) {
      if (!map_.of_documents) PURVEY_TRY(read_keys(i));
      if (nodes_[i] != nullptr) PURVEY_TRY(read_refusals(i));
    }
    for (const auto& rule : rules) PURVEY_TRY(read_rule(rule));
    place_lookups();
  }
  return {};
}

base::Result<void> MapReader::read_head(const TomlNode& node) {
  TomlTableReader reader(node);
  map_.source = PURVEY_TRY(reader.string("source", "\"shop\""));
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '/';
  };
  if (map_.source.empty() || !std::ranges::all_of(map_.source, plain)) {
    return reader.find("source")->error(
        "a source is made of letters, digits and - _ . /; write source = \"shop\"");
  }
  if (const auto* currency = reader.find("currency")) {
    const auto code = PURVEY_TRY(currency->as_string("\"EUR\""));
    const auto found = base::Currency::find(code);
    if (!found) {
      return currency->error(
          fmt::format("\"{}\" is no currency of ISO 4217; write currency = \"EUR\"", code));
    }
    map_.currency = *found;
  }
  PURVEY_TRY(read_formats(reader, defaults_));
  return reader.finish();
}

/// [file.NAME], or [document.NAME] behind a table for the message that these are parts of.
base::Result<void> MapReader::read_tables(TomlTableReader& reader) {
  const auto* documents = reader.find("document");
  if (documents != nullptr && reader.has("file")) {
    return documents->error("a map is either of files or of documents; write two maps");
  }
  map_.of_documents = documents != nullptr;
  const auto* node =
      documents != nullptr
          ? documents
          : PURVEY_TRY(reader.required("file", "[file.orders] with match = \"orders.csv\""));
  const std::string example = documents != nullptr ? "[document.orders]" : "[file.orders]";
  if (node->kind() != base::TomlKind::kTable || node->items().empty()) {
    return node->unexpected(
        documents != nullptr ? "a table for each kind of row" : "a table for each file", example);
  }
  if (node->items().size() >= kMapTablesMax + (map_.of_documents ? 0 : 1)) {
    return node->error(
        fmt::format("more than {} tables", kMapTablesMax - (map_.of_documents ? 1 : 0)));
  }
  if (map_.of_documents) {
    TableSpec message = defaults_;
    message.name = kMessageTable;
    message.role = TableSpec::Role::kDescribes;
    map_.tables.push_back(std::move(message));
    nodes_.push_back(nullptr);
  }
  for (const auto& item : node->items()) {
    if (item.kind() != base::TomlKind::kTable) return item.unexpected("a table", example);
    TableSpec table = defaults_;
    table.name = item.key();
    table.line = item.line();
    map_.tables.push_back(std::move(table));
    nodes_.push_back(&item);
  }
  return map_.of_documents ? read_documents() : read_files();
}

base::Result<void> MapReader::read_files() {
  for (uint32_t i = 0; i < map_.tables.size(); ++i) {
    TomlTableReader reader(*nodes_[i]);
    TableSpec& table = map_.tables[i];
    const auto* match = PURVEY_TRY(reader.required("match", "\"orders.csv\""));
    if (match->kind() == base::TomlKind::kArray) {
      table.match = PURVEY_TRY(match->as_strings("[\"orders.csv\"]"));
    } else {
      table.match.push_back(PURVEY_TRY(match->as_string("\"orders*.csv\"")));
    }
    table.optional = PURVEY_TRY(reader.boolean_or("optional", false));
    table.distinct = PURVEY_TRY(reader.boolean_or("distinct", false));
    PURVEY_TRY(read_layout(reader, table));
    PURVEY_TRY(read_formats(reader, table));
    PURVEY_TRY(read_role(reader, i));
    for (const auto* later : {"key", "by", "group_by", "reject"}) reader.find(later);
    PURVEY_TRY(reader.finish());
  }
  return {};
}

base::Result<void> MapReader::read_documents() {
  for (uint32_t i = 1; i < map_.tables.size(); ++i) PURVEY_TRY(read_document(i));
  for (uint32_t i = 1; i < map_.tables.size(); ++i) {
    const TableSpec& table = map_.tables[i];
    if (table.role != TableSpec::Role::kBelongs) continue;
    const TableSpec& owner = map_.tables[table.of];
    if (owner.role != TableSpec::Role::kMain || owner.cloudevents || table.cloudevents) {
      return nodes_[i]->error(
          "rows can only belong to rows that themselves belong to none; neither may be "
          "cloudevents");
    }
  }
  return {};
}

/// Rows find each other by where they stand, so there are no keys to name.
base::Result<void> MapReader::read_document(uint32_t place) {
  TomlTableReader reader(*nodes_[place]);
  TableSpec& table = map_.tables[place];
  if (table.name == kMessageTable) {
    return nodes_[place]->error("\"message\" is the name of the message as a whole; take another");
  }
  if (const auto* each = reader.find("each")) {
    const auto path = PURVEY_TRY(each->as_string("\"line_items\""));
    table.each = absl::StrSplit(path, '.');
    if (std::ranges::any_of(table.each, &std::string::empty)) {
      return each->unexpected("keys with dots between them", "\"order.line_items\"");
    }
  }
  PURVEY_TRY(read_formats(reader, table));
  table.cloudevents = PURVEY_TRY(reader.boolean_or("cloudevents", false));
  PURVEY_TRY(read_role(reader, place));
  if (table.role == TableSpec::Role::kDescribes) {
    return reader.find("describes")->error("describes is for files");
  }
  if (table.role == TableSpec::Role::kBelongs && table.each.empty()) {
    return nodes_[place]->error(
        "rows that belong to others stand in an array there; write each = \"line_items\"");
  }
  table.lookups.push_back({0, 0, 0});
  reader.find("reject");
  return reader.finish();
}

base::Result<void> MapReader::read_layout(TomlTableReader& reader, TableSpec& table) {
  if (const auto* separator = reader.find("separator")) {
    const char c = PURVEY_TRY(one_character(*separator, "\";\"", false));
    if (c != ',' && c != ';' && c != '\t' && c != '|') {
      return separator->unexpected("one of , ; TAB |", "\";\"");
    }
    table.layout.separator = c;
  }
  if (const auto* encoding = reader.find("encoding")) {
    const auto found = event::csv::find_encoding(PURVEY_TRY(encoding->as_string("\"utf-8\"")));
    if (!found) {
      return encoding->unexpected(
          "one of utf-8, utf-16le, utf-16be, gb18030, windows-1252, latin-1, auto", "\"gb18030\"");
    }
    table.layout.encoding = *found;
  }
  table.layout.columns = PURVEY_TRY(reader.strings("columns", "[\"order_id\", \"price\"]"));
  constexpr int64_t kSkipMax = 1000;
  const int64_t skip = PURVEY_TRY(reader.integer_or("skip_lines", 0));
  if (skip < 0 || skip > kSkipMax) {
    return reader.find("skip_lines")->unexpected("a number from 0 to 1000", "2");
  }
  table.layout.skip_lines = static_cast<uint32_t>(skip);
  table.layout.fill_short_rows = PURVEY_TRY(reader.boolean_or("fill_short_rows", false));
  return {};
}

base::Result<void> MapReader::read_role(TomlTableReader& reader, uint32_t place) {
  TableSpec& table = map_.tables[place];
  const auto* belongs = reader.find("belongs_to");
  const auto* describes = reader.find("describes");
  if (belongs != nullptr && describes != nullptr) {
    return describes->error(
        "a file either belongs to another or describes it; drop one of the two");
  }
  const auto* to = belongs != nullptr ? belongs : describes;
  if (to == nullptr) return {};
  const auto name = PURVEY_TRY(to->as_string("\"orders\""));
  const auto of = resolver_.find_table(name);
  if (!of || *of == place) {
    return to->error(fmt::format("there is no other [{}.{}]", kind_of_table(), name));
  }
  table.of = *of;
  table.role = belongs != nullptr ? TableSpec::Role::kBelongs : TableSpec::Role::kDescribes;
  TableSpec& other = map_.tables[*of];
  if (belongs != nullptr) {
    other.groups.push_back(place);
  } else {
    other.lookups.push_back({place, 0, 0});
  }
  return {};
}

/// The columns by which rows find each other; also checks that the roles fit together.
base::Result<void> MapReader::read_keys(uint32_t place) {
  const TomlNode& node = *nodes_[place];
  TomlTableReader reader(node);
  TableSpec& table = map_.tables[place];
  const TableSpec& other = map_.tables[table.of];
  const auto column = [&](std::string_view key) -> base::Result<uint32_t> {
    return resolver_.own_slot(place, PURVEY_TRY(reader.string(key, "\"order_id\"")));
  };
  switch (table.role) {
    case TableSpec::Role::kBelongs:
      if (other.role != TableSpec::Role::kMain || reader.has("group_by")) {
        return node.error(
            "a file can only belong to one that itself belongs to none, without group_by");
      }
      table.key_slot = PURVEY_TRY(column("by"));
      break;
    case TableSpec::Role::kDescribes: {
      if (other.role == TableSpec::Role::kDescribes) {
        return node.error("a file cannot describe one that describes another");
      }
      const auto key = PURVEY_TRY(reader.string("key", "\"customer_id\""));
      table.key_slot = resolver_.own_slot(place, key);
      const auto by = PURVEY_TRY(reader.string_or("by", key));
      for (auto& lookup : map_.tables[table.of].lookups) {
        if (lookup.table == place) lookup.by_slot = resolver_.own_slot(table.of, by);
      }
      break;
    }
    case TableSpec::Role::kMain:
      if (reader.has("group_by")) {
        if (!table.groups.empty() && table.groups.front() != place) {
          return node.error("rows cannot belong to a file with group_by");
        }
        table.grouped = true;
        table.groups = {place};
        table.key_slot = PURVEY_TRY(column("group_by"));
      } else if (reader.has("key")) {
        table.key_slot = PURVEY_TRY(column("key"));
      } else if (!table.groups.empty()) {
        return node.error("rows of another file belong to it; write key = \"order_id\"");
      }
      break;
  }
  if (table.distinct && !table.grouped && table.role != TableSpec::Role::kBelongs) {
    return node.error("distinct is for files with group_by or belongs_to");
  }
  return {};
}

base::Result<void> MapReader::read_refusals(uint32_t place) {
  TableSpec& table = map_.tables[place];
  table.refusals.clear();
  const auto* list = nodes_[place]->find("reject");
  if (list == nullptr) return {};
  for (const auto& item : PURVEY_TRY(list->as_tables())) {
    TomlTableReader reader(item);
    RefusalRule rule;
    rule.reason = PURVEY_TRY(reader.string("reason", "\"a test order\""));
    PURVEY_TRY(reader.required("when", "[{ column = \"status\", is = \"test\" }]"));
    rule.when = PURVEY_TRY(resolver_.parse_when(item, {place}));
    PURVEY_TRY(reader.finish());
    for (const auto& condition : rule.when) {
      if (condition.cell.table != place) {
        return item.error("a row is declined by its own columns only");
      }
    }
    table.refusals.push_back(std::move(rule));
  }
  return {};
}

void MapReader::place_lookups() {
  for (TableSpec& table : map_.tables) {
    table.slots = static_cast<uint32_t>(table.columns.size());
    for (auto& lookup : table.lookups) {
      lookup.first_slot = table.slots;
      table.slots += static_cast<uint32_t>(map_.tables[lookup.table].columns.size());
    }
  }
}

ColumnView MapReader::view_of(uint32_t table) const {
  const TableSpec& spec = map_.tables[table];
  if (spec.role == TableSpec::Role::kBelongs) return {table, spec.of};
  return {table, std::nullopt};
}

base::Result<void> MapReader::read_rule(const TomlNode& node) {
  TomlTableReader reader(node);
  EventRule rule;
  const auto* type = PURVEY_TRY(reader.required("type", "\"order.placed\""));
  const auto name = PURVEY_TRY(type->as_string("\"order.placed\""));
  const auto kind = event::find_kind(name);
  if (!kind) {
    std::vector<std::string_view> types;
    for (const auto& spec : event::kSchema) types.push_back(spec.type);
    return type->error(fmt::format("there is no event type \"{}\"{}", name, nearest(name, types)));
  }
  rule.kind = *kind;
  const auto* from = PURVEY_TRY(reader.required("from", "\"orders\""));
  const auto table = PURVEY_TRY(from->as_string("\"orders\""));
  const auto place = resolver_.find_table(table);
  if (!place) return from->error(fmt::format("there is no [{}.{}]", kind_of_table(), table));
  if (map_.tables[*place].cloudevents) {
    return from->error(fmt::format("rows of {} are events already", table));
  }
  if (map_.tables[*place].role == TableSpec::Role::kDescribes) {
    return from->error(
        fmt::format("{} describes another file; events are made from that one", table));
  }
  rule.table = *place;
  const auto view = view_of(rule.table);
  const auto* id = PURVEY_TRY(reader.required("id", "\"{order_id}/placed\""));
  const auto id_text = PURVEY_TRY(id->as_string("\"{order_id}/placed\""));
  rule.id = PURVEY_TRY(resolver_.parse_template(*id, view, id_text));
  const auto* time = PURVEY_TRY(reader.required("time", "\"{placed_at}\""));
  rule.time = PURVEY_TRY(values_.read(*time, view));
  reader.find("when");
  rule.when = PURVEY_TRY(resolver_.parse_when(node, view));
  const auto* data = PURVEY_TRY(reader.required("data", "[event.data] with the fields"));
  PURVEY_TRY(reader.finish());
  PURVEY_TRY(read_fields(*data, rule));
  map_.rules.push_back(std::move(rule));
  return {};
}

base::Result<void> MapReader::read_fields(const TomlNode& node, EventRule& rule) {
  if (node.kind() != base::TomlKind::kTable) return node.unexpected("a table", "[event.data]");
  for (const auto& item : node.items()) {
    rule.fields.push_back(PURVEY_TRY(read_field(item, rule)));
  }
  PURVEY_TRY(check_fields(node, rule));
  std::ranges::sort(rule.fields, {}, &FieldRule::place);
  for (size_t i = 0; i < rule.fields.size(); ++i) {
    const auto& spec = event::spec_of(rule.kind).fields[rule.fields[i].place];
    if (spec.name == "currency") rule.currency_field = i;
    if (spec.name == "inferred") rule.says_inferred = true;
  }
  rule.inferred_place = event::find_field(rule.kind, "inferred");
  return {};
}

base::Result<FieldRule> MapReader::read_field(const TomlNode& node, const EventRule& rule) {
  const auto& spec = event::spec_of(rule.kind);
  const auto place = event::find_field(rule.kind, node.key());
  if (!place) {
    std::vector<std::string_view> names;
    for (const auto& field : spec.fields) names.push_back(field.name);
    return node.error(
        fmt::format("{} has no field \"{}\"{}", spec.type, node.key(), nearest(node.key(), names)));
  }
  FieldRule field;
  field.place = *place;
  const auto view = view_of(rule.table);
  const FieldType type = spec.fields[*place].type;
  if (type == FieldType::kLines) {
    const bool none = node.kind() == base::TomlKind::kArray && node.items().empty();
    if (none) return field;
    field.lines = PURVEY_TRY(read_lines(node, rule));
    return field;
  }
  if (type == FieldType::kLabels) {
    if (node.kind() != base::TomlKind::kTable) {
      return node.unexpected("a table of texts", "{ unit = \"{unit}\" }");
    }
    for (const auto& label : node.items()) {
      field.labels.emplace_back(label.key(), PURVEY_TRY(values_.read(label, view)));
    }
    std::ranges::sort(field.labels, {}, [](const auto& label) { return label.first; });
    return field;
  }
  field.terms = PURVEY_TRY(values_.read(node, view));
  const bool numeric =
      type == FieldType::kMoney || type == FieldType::kInteger || type == FieldType::kNumber;
  for (const ValueTerm& term : field.terms) {
    if (term.kind == ValueTerm::Kind::kNumber && !numeric) {
      return node.error("calculates, but this field is no number");
    }
    if (term.kind == ValueTerm::Kind::kLatest && type != FieldType::kTime) {
      return node.error("latest is for times");
    }
  }
  return field;
}

base::Result<LinesRule> MapReader::read_lines(const TomlNode& node, const EventRule& rule) {
  if (node.kind() != base::TomlKind::kTable) {
    return node.unexpected("a table",
                           "{ each = \"items\", sku = \"{sku}\", qty = 1, price = \"{price}\" }");
  }
  TomlTableReader reader(node);
  LinesRule lines;
  const auto* each = PURVEY_TRY(reader.required("each", "\"items\""));
  const auto group = PURVEY_TRY(each->as_string("\"items\""));
  lines.group = PURVEY_TRY(values_.find_group(*each, rule.table, group));
  const ColumnView view{map_.tables[rule.table].groups[lines.group], rule.table};
  const auto* sku = PURVEY_TRY(reader.required("sku", "\"{sku}\""));
  lines.sku = PURVEY_TRY(values_.read(*sku, view));
  const auto* qty = PURVEY_TRY(reader.required("qty", "\"{qty}\""));
  lines.qty = PURVEY_TRY(values_.read(*qty, view));
  const bool has_currency = event::find_field(rule.kind, "currency").has_value();
  if (!has_currency && reader.has("price")) {
    return reader.find("price")->error(fmt::format("{} has no currency, so its lines have no price",
                                                   event::spec_of(rule.kind).type));
  }
  if (has_currency) {
    const auto* price = PURVEY_TRY(reader.required("price", "\"{price}\""));
    lines.price = PURVEY_TRY(values_.read(*price, view));
  }
  if (const auto* line_no = reader.find("line_no")) {
    lines.line_no = PURVEY_TRY(values_.read(*line_no, view));
  }
  PURVEY_TRY(reader.finish());
  return lines;
}

/// Required fields are there; money has a currency, from the map's head if the event names none.
base::Result<void> MapReader::check_fields(const TomlNode& node, EventRule& rule) {
  const auto& spec = event::spec_of(rule.kind);
  bool has_money = false;
  for (size_t place = 0; place < spec.fields.size(); ++place) {
    const auto& wanted = spec.fields[place];
    const bool there = std::ranges::any_of(
        rule.fields, [&](const FieldRule& field) { return field.place == place; });
    if (wanted.required && !there) {
      return node.error(fmt::format("{} needs the field \"{}\"; write {} = \"{{column}}\"",
                                    spec.type, wanted.name, wanted.name));
    }
    has_money = has_money ||
                (there && (wanted.type == FieldType::kMoney || wanted.type == FieldType::kLines));
  }
  const auto currency = event::find_field(rule.kind, "currency");
  if (!has_money || !currency) return {};
  const bool stated = std::ranges::any_of(
      rule.fields, [&](const FieldRule& field) { return field.place == *currency; });
  if (stated) return {};
  if (map_.currency == base::Currency{}) {
    return node.error("money needs a currency; write currency = \"EUR\" here or in [import]");
  }
  FieldRule field;
  field.place = *currency;
  field.terms.resize(1);
  field.terms[0].parts.push_back({{{std::string(map_.currency.code()), std::nullopt}}});
  rule.fields.push_back(std::move(field));
  return {};
}

}  // namespace

base::Result<ImportMap> parse_import_map(std::string_view text, const std::string& file_name) {
  const auto document = PURVEY_TRY(base::parse_toml(text, file_name));
  ImportMap map;
  map.file = file_name;
  PURVEY_TRY(MapReader(document.root(), map).read());
  return map;
}

base::Result<ImportMap> read_import_map(const std::string& path) {
  const auto document = PURVEY_TRY(base::read_toml(path));
  ImportMap map;
  map.file = path;
  PURVEY_TRY(MapReader(document.root(), map).read());
  return map;
}

}  // namespace purvey::flow
