#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flow/import/reject_report.h"

namespace purvey::flow {

/// Takes the cells of a row from a JSON object: column `customer.address.city` is the value of
/// `city` in the object `address` in the object `customer`.
///
/// A text is taken as it is, a number as JSON writes it, `true` and `false` as these words; `null`,
/// a key that is not there and an empty array (which PHP writes for an empty object) are missing
/// cells. Made once for a table; one thread.
class CellTree {
 public:
  /// `columns` without two of one name. `decimal`: the mark that numbers get for their point, so
  /// that they are read as the table's other numbers.
  CellTree(std::span<const std::string> columns, char decimal);

  /// Fills `cells`, one for each column, empty where missing. A fault if a column holds an object
  /// or a list, if a key on the way to one stands twice, or holds no object. O(object).
  std::optional<Fault> read(const simdjson::dom::object& object, std::vector<std::string>& cells);

 private:
  struct Node {
    std::string key;
    std::string path;                   ///< the keys up to here, for messages
    std::optional<size_t> column = {};  ///< that this value is the cell of
    std::vector<Node> children = {};
    uint64_t seen_in = 0;  ///< the last visit in which the key stood
  };

  void add(std::string_view path, size_t column);
  std::optional<Fault> visit(const simdjson::dom::object& object, std::vector<Node>& nodes,
                             std::vector<std::string>& cells);
  std::optional<Fault> take(const simdjson::dom::element& value, Node& node,
                            std::vector<std::string>& cells);
  bool take_cell(const simdjson::dom::element& value, std::string& cell) const;

  std::vector<Node> roots_;
  const size_t columns_;
  const char decimal_;
  uint64_t visits_ = 0;
};

}  // namespace purvey::flow
