#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/result.h"
#include "event/csv/decimal.h"
#include "event/csv/layout.h"
#include "event/csv/stamp.h"
#include "event/schema.h"

namespace purvey::flow {

/// The most [file] tables and [[event]] rules of one map; they are numbered in sort keys.
inline constexpr size_t kMapTablesMax = 64;
inline constexpr size_t kMapRulesMax = 64;

/// The table that a map of documents has without naming it: the message as a whole.
inline constexpr std::string_view kMessageTable = "message";

/// Which row a column is looked up in.
enum class RowLevel : uint8_t {
  kOwn,    ///< the row at hand
  kOwner,  ///< the row that it belongs to
};

/// A cell of a row, by its place among the cells that the map needs.
struct CellRef {
  RowLevel level = RowLevel::kOwn;
  uint32_t slot = 0;
  uint32_t table = 0;  ///< whose formats of numbers and dates hold
  std::string column;  ///< as the file names it, for messages
};

/// A text with columns in braces: `{order_id}/placed`.
struct Template {
  struct Piece {
    std::string literal;
    std::optional<CellRef> cell;  ///< without one, the literal stands
  };
  std::vector<Piece> pieces;

  bool is_constant() const { return pieces.empty() || (pieces.size() == 1 && !pieces[0].cell); }
  const CellRef* single_cell() const {
    return pieces.size() == 1 && pieces[0].cell ? &*pieces[0].cell : nullptr;
  }
};

/// One way to get a value; a field has one or several, of which the first that gives something
/// counts.
struct ValueTerm {
  enum class Kind : uint8_t {
    kTemplate,  ///< parts[0]
    kJoin,      ///< those of `parts` that are there, with `between`
    kLatest,    ///< the latest of the times in `parts`
    kNumber,    ///< the sum of `parts`, over the rows of `sum_of` if it is set, then the rest below
  };
  Kind kind = Kind::kTemplate;
  std::vector<Template> parts;
  std::string between;
  std::optional<uint32_t> sum_of;  ///< place among the groups of the rule's table
  std::optional<Template> times;
  std::optional<Template> divide;
  bool negate = false;
  bool round = false;
  /// Words replaced: sorted pairs. What is not among them is `otherwise`, or a fault without it.
  std::vector<std::pair<std::string, std::string>> replace;
  std::optional<Template> otherwise;
};

/// A condition on one cell.
struct Condition {
  enum class Kind : uint8_t {
    kIs,
    kIsNot,
    kMissing,
    kPresent,
    kStartsWith,
    kStartsNotWith,
    kBelow,
    kAtMost,
    kAbove,
    kAtLeast,
  };
  Kind kind = Kind::kIs;
  CellRef cell;
  std::vector<std::string> words;
  event::csv::Decimal bound;
};

/// The lines of an order: one for each row of a group.
struct LinesRule {
  uint32_t group = 0;              ///< place among the groups of the rule's table
  std::vector<ValueTerm> line_no;  ///< empty: counted from 1
  std::vector<ValueTerm> sku;
  std::vector<ValueTerm> qty;
  std::vector<ValueTerm> price;
};

/// How one field of `data` is made.
struct FieldRule {
  size_t place = 0;  ///< in the schema of the event
  std::vector<ValueTerm> terms;
  std::optional<LinesRule> lines;                                      ///< of a kLines field
  std::vector<std::pair<std::string, std::vector<ValueTerm>>> labels;  ///< of a kLabels field
};

/// One [[event]]: what becomes of a row.
struct EventRule {
  event::EventKind kind = event::EventKind::kOrderPlaced;
  uint32_t table = 0;
  Template id;
  std::vector<ValueTerm> time;
  std::vector<Condition> when;  ///< all must hold
  std::vector<FieldRule> fields;
  std::optional<size_t> currency_field;  ///< place in `fields`
  bool says_inferred = false;            ///< the map states `inferred` itself
  std::optional<size_t> inferred_place;  ///< in the schema, where the event has the field
};

/// Rows that the map declines, with the reason.
struct RefusalRule {
  std::vector<Condition> when;
  std::string reason;
};

/// One [file.NAME] or [document.NAME]: rows of one form.
struct TableSpec {
  enum class Role : uint8_t {
    kMain,       ///< events are made of its rows, or of groups of them
    kBelongs,    ///< many rows to one of another table
    kDescribes,  ///< at most one row to each of another table
  };
  /// Rows of `table` give their cells from `first_slot` on to the row here that names them in
  /// `by_slot`.
  struct Lookup {
    uint32_t table = 0;
    uint32_t by_slot = 0;
    uint32_t first_slot = 0;
  };

  std::string name;
  Role role = Role::kMain;
  uint32_t of = 0;  ///< the table that it belongs to or describes
  std::vector<std::string> match;
  bool optional = false;
  event::csv::Layout layout;
  event::csv::NumberFormat numbers;
  std::vector<std::string> missing;
  std::vector<event::csv::StampPattern> dates;
  event::csv::Zone zone;
  std::vector<std::string> columns;  ///< of the file, that the map needs; by slot
  uint32_t slots = 0;                ///< with those of the lookups
  std::optional<uint32_t> key_slot;  ///< by which rows are one, belong, or are looked up
  bool grouped = false;              ///< rows with the same key make one thing
  bool distinct = false;             ///< a row that repeats one of its group is refused
  std::vector<Lookup> lookups;
  std::vector<RefusalRule> refusals;
  /// Tables whose rows come with a row of this one: those that belong to it; of a grouped one,
  /// itself first.
  std::vector<uint32_t> groups;
  uint32_t line = 0;  ///< in the map, for messages

  // Of [document.NAME].
  /// Keys that lead to an array of objects, a row each: from the message, or from the row that rows
  /// of this table belong to. Empty: the message itself is the row.
  std::vector<std::string> each;
  bool cloudevents = false;  ///< the rows are events already, and are taken as they are
};

/// A mapping file, read and checked against the schema of events.
struct ImportMap {
  std::string file;
  std::string source;  ///< "olist": events say /import/olist
  base::Currency currency;
  /// The tables are JSON documents ([document.NAME]), not files. Then the first one is the message
  /// as a whole, `{message.key}`, and describes the rows of all others.
  bool of_documents = false;
  std::vector<TableSpec> tables;
  std::vector<EventRule> rules;
};

/// Reads and checks a map, of files or of documents. Errors: kInvalidInput with file:line and what
/// to write instead; as read_toml().
base::Result<ImportMap> read_import_map(const std::string& path);
base::Result<ImportMap> parse_import_map(std::string_view text, const std::string& file_name);

}  // namespace purvey::flow
