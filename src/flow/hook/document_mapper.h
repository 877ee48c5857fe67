#pragma once

#include <simdjson.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/verdict.h"
#include "flow/hook/cell_tree.h"
#include "flow/import/event_maker.h"
#include "flow/import/import_map.h"

namespace purvey::flow {

/// What became of the messages of one body: events for the decoder, and rows of which there is
/// none.
struct MappedBody {
  struct Row {
    uint32_t message = 0;  ///< place of its message in the body, from 0
    std::string where;     ///< the row in the message, `line_items[2]`; empty: the message itself
    bool is_event = false;
    size_t begin = 0;  ///< of an event in `texts`
    size_t size = 0;
    event::Refusal refusal = {};  ///< of a row without one
    std::string raw = {};         ///< of that row, the columns that the map names
    bool declined = false;        ///< the map does not want it, so its sender is not to blame
  };

  std::vector<Row> rows;
  std::string texts;
  uint32_t messages = 0;
  size_t bytes = 0;  ///< of rows and events so far

  std::string_view text_of(const Row& row) const {
    return std::string_view(texts).substr(row.begin, row.size);
  }
};

/// Turns messages into texts of CloudEvents by a map of documents (docs/hooks.md).
///
/// A row of which no event can be made is refused, with its place and the reason, in the words in
/// which an event would be; for a bad line the order is, whole and once. What the values of an
/// event come to is left to the decoder. Of a refused row only the cells that the map names are
/// kept, those of persons behind the key `customer_id`, by which the decoder clears them. One
/// thread.
class DocumentMapper {
 public:
  static constexpr size_t kMessageBytesMax = 4U << 20;
  /// Of what one body may come to: rows repeat what stands above them.
  static constexpr size_t kMappedBytesMax = 64U << 20;

  /// `map` is one of documents.
  explicit DocumentMapper(std::shared_ptr<const ImportMap> map);
  ~DocumentMapper();
  DocumentMapper(const DocumentMapper&) = delete;
  DocumentMapper& operator=(const DocumentMapper&) = delete;

  /// The source of its events: `/import/shop`.
  const std::string& source() const { return source_; }

  /// Adds the rows of one message, which is followed by at least 64 readable bytes. Errors:
  /// kExhausted beyond kMappedBytesMax; then `out` is to be thrown away.
  base::Result<void> add(std::string_view message, MappedBody& out);

 private:
  class Sink;
  /// The elements that `TableSpec::each` leads to.
  struct Elements {
    bool found = false;  ///< there is such a list or object, perhaps an empty one
    bool is_list = false;
    std::string path = {};  ///< of the list or object
    std::vector<simdjson::dom::element> items = {};
    std::optional<Fault> fault = {};

    /// The place of an item: `line_items[2]`.
    std::string where(size_t item) const;
  };

  bool is_passed_on() const;
  base::Result<void> map_message(const simdjson::dom::element& root, std::string_view text);
  base::Result<void> map_rows(uint32_t table, const Elements& elements);
  base::Result<void> map_thing(uint32_t table, const simdjson::dom::element& element,
                               const std::string& where);
  base::Result<bool> gather_group(size_t group, uint32_t table, const simdjson::dom::element& owner,
                                  const std::string& where);
  enum class Made : uint8_t { kRow, kDeclined, kFaulty };
  base::Result<Made> make_row(uint32_t table, const simdjson::dom::element& element,
                              const std::string& where, RowView& row);
  static Elements find(const simdjson::dom::element& root, const TableSpec& table,
                       const std::string& above);
  void note_personal_columns();
  std::string raw_of(uint32_t table, std::string_view record) const;
  std::string detail_of(const Fault& fault, uint32_t table, const std::string& where) const;

  const std::shared_ptr<const ImportMap> map_;
  const std::string source_;
  std::vector<CellTree> trees_;                          ///< by table
  std::set<std::pair<uint32_t, std::string>> personal_;  ///< columns of persons, by table
  std::unique_ptr<Sink> sink_;
  EventMaker maker_;
  simdjson::dom::parser parser_;
  // Of the message at hand.
  MappedBody* out_ = nullptr;
  std::vector<std::string> message_cells_;
  // Of the thing at hand.
  std::deque<std::string> records_;
  Thing thing_;
  RowView main_;
  std::vector<std::string> cells_;
};

}  // namespace purvey::flow
