#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/toml.h"
#include "flow/import/import_map.h"

namespace purvey::flow::internal {

/// From where a name in braces is looked up.
struct ColumnView {
  uint32_t table = 0;
  std::optional<uint32_t> owner = {};  ///< the table of the row that rows of `table` belong to
};

/// Gives columns their places, in the order in which they are first named.
class ColumnResolver {
 public:
  explicit ColumnResolver(ImportMap& map) : map_(map) {}

  std::optional<uint32_t> find_table(std::string_view name) const;
  /// A column of the table itself.
  uint32_t own_slot(uint32_t table, std::string_view column);
  /// `column`, or `table.column` of a table within reach. Errors: kInvalidInput at `node`.
  base::Result<CellRef> resolve(const base::TomlNode& node, ColumnView view, std::string_view name);
  base::Result<Template> parse_template(const base::TomlNode& node, ColumnView view,
                                        std::string_view text);
  base::Result<std::vector<Condition>> parse_when(const base::TomlNode& table, ColumnView view);

 private:
  std::optional<CellRef> reach(uint32_t from, uint32_t table, std::string_view column);
  base::Result<Condition> parse_condition(const base::TomlNode& node, ColumnView view);

  ImportMap& map_;
};

/// Reads the values of fields: texts, constants, lists of alternatives, and tables such as
/// `{ sum_of = "items", add = ["{price}"] }`.
class ValueReader {
 public:
  ValueReader(const ImportMap& map, ColumnResolver& resolver) : map_(map), resolver_(resolver) {}

  base::Result<std::vector<ValueTerm>> read(const base::TomlNode& node, ColumnView view);
  /// Place of the group called `name` among those of `table`. Errors: kInvalidInput at `node`.
  base::Result<uint32_t> find_group(const base::TomlNode& node, uint32_t table,
                                    std::string_view name) const;

 private:
  base::Result<ValueTerm> read_term(const base::TomlNode& node, ColumnView view);
  base::Result<ValueTerm> read_table_term(const base::TomlNode& node, ColumnView view);
  base::Result<void> read_arithmetic(base::TomlTableReader& reader, ColumnView view,
                                     ValueTerm& term);
  base::Result<void> read_replacement(base::TomlTableReader& reader, ColumnView view,
                                      ValueTerm& term);
  base::Result<Template> read_template(const base::TomlNode& node, ColumnView view);
  base::Result<std::vector<Template>> read_templates(const base::TomlNode& node, ColumnView view);

  const ImportMap& map_;
  ColumnResolver& resolver_;
};

/// `zone`, `dates`, `missing` and how numbers are written, where the table states them.
base::Result<void> read_formats(base::TomlTableReader& reader, TableSpec& table);

/// A text of one character; `\0` for an empty one that may be. Errors: kInvalidInput at `node`.
base::Result<char> one_character(const base::TomlNode& node, std::string_view example,
                                 bool may_be_empty);

}  // namespace purvey::flow::internal
