#include "flow/hook/cell_tree.h"

#include <fmt/core.h>

#include <algorithm>

#include "event/json_fault.h"

namespace purvey::flow {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

bool is_empty_array(const element& value) {
  return value.is_array() && simdjson::dom::array(value).size() == 0;
}

Fault wrong_type(std::string_view expected, const element& found, const std::string& column) {
  return {fmt::format("expected {}, found {}", expected, event::kind_of(found)), column, "",
          event::Reason::kWrongType};
}

}  // namespace

CellTree::CellTree(std::span<const std::string> columns, char decimal)
    : columns_(columns.size()), decimal_(decimal) {
  for (size_t i = 0; i < columns.size(); ++i) add(columns[i], i);
}

void CellTree::add(std::string_view path, size_t column) {
  std::vector<Node>* level = &roots_;
  for (size_t begin = 0;;) {
    const size_t end = std::min(path.find('.', begin), path.size());
    const std::string_view key = path.substr(begin, end - begin);
    auto node = std::ranges::find(*level, key, &Node::key);
    if (node == level->end()) {
      level->push_back({.key = std::string(key), .path = std::string(path.substr(0, end))});
      node = level->end() - 1;
    }
    if (end == path.size()) {
      node->column = column;
      return;
    }
    level = &node->children;
    begin = end + 1;
  }
}

std::optional<Fault> CellTree::read(const simdjson::dom::object& object,
                                    std::vector<std::string>& cells) {
  cells.assign(columns_, {});
  return visit(object, roots_, cells);
}

std::optional<Fault> CellTree::visit(const simdjson::dom::object& object, std::vector<Node>& nodes,
                                     std::vector<std::string>& cells) {
  const uint64_t visit = ++visits_;
  for (const auto [key, value] : object) {
    const auto node = std::ranges::find(nodes, key, &Node::key);
    if (node == nodes.end()) continue;
    if (node->seen_in == visit) {
      return Fault{"a key that stands twice", node->path, "", event::Reason::kDuplicateKey};
    }
    node->seen_in = visit;
    if (value.is_null() || is_empty_array(value)) continue;
    if (auto fault = take(value, *node, cells)) return fault;
  }
  return std::nullopt;
}

std::optional<Fault> CellTree::take(const element& value, Node& node,
                                    std::vector<std::string>& cells) {
  if (node.column && !take_cell(value, cells[*node.column])) {
    return wrong_type("a text or a number", value, node.path);
  }
  if (node.children.empty()) return std::nullopt;
  simdjson::dom::object inner;
  if (value.get(inner) != simdjson::SUCCESS) return wrong_type("an object", value, node.path);
  return visit(inner, node.children, cells);
}

bool CellTree::take_cell(const element& value, std::string& cell) const {
  switch (value.type()) {
    case element_type::STRING:
      cell = std::string_view(value);
      return true;
    case element_type::INT64:
      cell = fmt::format("{}", int64_t(value));
      return true;
    case element_type::UINT64:
      cell = fmt::format("{}", uint64_t(value));
      return true;
    case element_type::DOUBLE:
      cell = fmt::format("{}", double(value));  // the shortest that is this double
      if (cell.ends_with(".0")) cell.resize(cell.size() - 2);
      std::ranges::replace(cell, '.', decimal_);
      return true;
    case element_type::BOOL:
      cell = bool(value) ? "true" : "false";
      return true;
    case element_type::ARRAY:
    case element_type::OBJECT:
    case element_type::NULL_VALUE:
      break;
  }
  return false;
}

}  // namespace purvey::flow
