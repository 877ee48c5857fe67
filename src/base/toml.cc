#include "base/toml.h"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <sstream>

#include "base/check.h"
#include "base/closest_name.h"
#include "base/file.h"
#include "base/shown_text.h"

namespace purvey::base {
namespace {

constexpr size_t kMessageBytes = 2048;  // of a message, which may quote the file

/// Where the text of a TOML file stands, as far as finding dots between keys needs it.
enum class Lexeme : uint8_t { kPlain, kComment, kBasic, kLiteral, kLongBasic, kLongLiteral };

/// Walks over one character (or one delimiter of three) and gives the state behind it.
Lexeme step_lexeme(std::string_view text, size_t& at, Lexeme state) {
  const char c = text[at];
  const bool tripled = text.substr(at, 3) == std::string(3, c);
  if (state == Lexeme::kPlain) {
    if (c == '#') return Lexeme::kComment;
    if (c != '"' && c != '\'') return Lexeme::kPlain;
    if (tripled) at += 2;
    if (c == '"') return tripled ? Lexeme::kLongBasic : Lexeme::kBasic;
    return tripled ? Lexeme::kLongLiteral : Lexeme::kLiteral;
  }
  const bool basic = state == Lexeme::kBasic || state == Lexeme::kLongBasic;
  if (basic && c == '\\') {
    if (at + 1 < text.size() && text[at + 1] != '\n') ++at;
    return state;
  }
  const bool lengthy = state == Lexeme::kLongBasic || state == Lexeme::kLongLiteral;
  if (!lengthy && c == '\n') return Lexeme::kPlain;
  if (state == Lexeme::kComment || c != (basic ? '"' : '\'')) return state;
  if (!lengthy) return Lexeme::kPlain;
  if (!tripled) return state;
  at += 2;
  while (at + 1 < text.size() && text[at + 1] == c) ++at;  // up to two quotes may end the text
  return Lexeme::kPlain;
}

/// The line with more than kTomlDepthMax dots in one key, from 1, or 0. The library nests a table
/// for each dot without a limit, and would run out of stack on a hostile file.
uint32_t find_deep_key(std::string_view text) {
  Lexeme state = Lexeme::kPlain;
  uint32_t line = 1;
  size_t dots = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') ++line;
    state = step_lexeme(text, at, state);
    if (state != Lexeme::kPlain) continue;
    if (c == '.' && ++dots > kTomlDepthMax) return line;
    if (c == '\n' || c == '=' || c == ',' || c == '{') dots = 0;
  }
  return 0;
}

std::string_view kind_name(TomlKind kind) {
  switch (kind) {
    case TomlKind::kTable:
      return "a table";
    case TomlKind::kArray:
      return "an array";
    case TomlKind::kString:
      return "a text in quotes";
    case TomlKind::kInteger:
      return "a whole number";
    case TomlKind::kFloat:
      return "a number";
    case TomlKind::kBoolean:
      return "true or false";
    case TomlKind::kTime:
      return "a date or time";
  }
  return "";
}

/// A key as it stands in a file: bare where TOML allows it.
std::string written_key(std::string_view key) {
  const auto bare = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  if (!key.empty() && std::all_of(key.begin(), key.end(), bare)) return std::string(key);
  return fmt::format("\"{}\"", key);
}

}  // namespace

/// Turns the library's tree into ours.
class TomlBuilder {
 public:
  static Result<TomlDocument> build(const toml::table& table, std::string file) {
    auto tree = std::make_shared<TomlDocument::Tree>();
    tree->file = std::move(file);
    tree->root.file_ = &tree->file;
    PURVEY_TRY(fill(tree->root, table, 0));
    TomlDocument document;
    document.tree_ = std::move(tree);
    return document;
  }

 private:
  static Result<void> fill(TomlNode& node, const toml::node& from, size_t depth) {
    if (depth > kTomlDepthMax) {
      return node.error(fmt::format("nested deeper than {} levels", kTomlDepthMax));
    }
    if (const auto* table = from.as_table()) return fill_table(node, *table, depth);
    if (const auto* array = from.as_array()) return fill_array(node, *array, depth);
    fill_scalar(node, from);
    return {};
  }

  static Result<void> fill_table(TomlNode& node, const toml::table& table, size_t depth) {
    node.kind_ = TomlKind::kTable;
    node.items_.reserve(table.size());
    for (const auto& [key, value] : table) {
      TomlNode& item = add_item(node, key.source().begin);
      item.key_ = std::string(key.str());
      item.path_ = node.path_.empty() ? written_key(item.key_)
                                      : fmt::format("{}.{}", node.path_, written_key(item.key_));
      PURVEY_TRY(fill(item, value, depth + 1));
    }
    std::sort(node.items_.begin(), node.items_.end(), [](const TomlNode& a, const TomlNode& b) {
      return a.line_ != b.line_ ? a.line_ < b.line_ : a.column_ < b.column_;
    });
    return {};
  }

  static Result<void> fill_array(TomlNode& node, const toml::array& array, size_t depth) {
    node.kind_ = TomlKind::kArray;
    node.items_.reserve(array.size());
    for (const toml::node& value : array) {
      TomlNode& item = add_item(node, value.source().begin);
      item.path_ = fmt::format("{}[{}]", node.path_, node.items_.size());
      PURVEY_TRY(fill(item, value, depth + 1));
    }
    return {};
  }

  static TomlNode& add_item(TomlNode& node, const toml::source_position& place) {
    TomlNode& item = node.items_.emplace_back();
    item.file_ = node.file_;
    item.line_ = place.line == 0 ? node.line_ : place.line;
    item.column_ = place.column == 0 ? 1 : place.column;
    return item;
  }

  static void fill_scalar(TomlNode& node, const toml::node& from) {
    if (const auto* text = from.as_string()) {
      node.kind_ = TomlKind::kString;
      node.text_ = text->get();
    } else if (const auto* integer = from.as_integer()) {
      node.kind_ = TomlKind::kInteger;
      node.integer_ = integer->get();
      node.number_ = static_cast<double>(integer->get());
    } else if (const auto* number = from.as_floating_point()) {
      node.kind_ = TomlKind::kFloat;
      node.number_ = number->get();
    } else if (const auto* boolean = from.as_boolean()) {
      node.kind_ = TomlKind::kBoolean;
      node.boolean_ = boolean->get();
    } else {
      node.kind_ = TomlKind::kTime;
      std::ostringstream out;
      if (const auto* date = from.as_date()) out << date->get();
      if (const auto* time = from.as_time()) out << time->get();
      if (const auto* both = from.as_date_time()) out << both->get();
      node.text_ = out.str();
    }
  }
};

const TomlNode* TomlNode::find(std::string_view key) const {
  if (kind_ != TomlKind::kTable) return nullptr;
  for (const TomlNode& item : items_) {
    if (item.key_ == key) return &item;
  }
  return nullptr;
}

std::string TomlNode::shown() const {
  constexpr size_t kShown = 40;
  switch (kind_) {
    case TomlKind::kString:
      return fmt::format("\"{}\"", shown_text(text_, kShown));
    case TomlKind::kInteger:
      return fmt::format("{}", integer_);
    case TomlKind::kFloat:
      return fmt::format("{}", number_);
    case TomlKind::kBoolean:
      return boolean_ ? "true" : "false";
    case TomlKind::kTime:
      return text_;
    case TomlKind::kTable:
    case TomlKind::kArray:
      break;
  }
  return std::string(kind_name(kind_));
}

Error TomlNode::error(std::string_view what) const {
  const std::string_view gap = path_.empty() ? "" : ": ";
  const std::string said = shown_text(fmt::format("{}{}{}", path_, gap, what), kMessageBytes);
  return invalid_input(fmt::format("{}:{}: {}", *file_, line_, said));
}

Error TomlNode::unexpected(std::string_view expected, std::string_view example) const {
  std::string what = fmt::format("expected {}, found {}", expected, shown());
  if (!example.empty()) {
    what += "; write ";
    if (!key_.empty()) what += written_key(key_) + " = ";
    what += example;
  }
  return error(what);
}

Result<std::string> TomlNode::as_string(std::string_view example) const {
  if (kind_ != TomlKind::kString) return unexpected(kind_name(TomlKind::kString), example);
  return text_;
}

Result<int64_t> TomlNode::as_integer(std::string_view example) const {
  if (kind_ != TomlKind::kInteger) return unexpected(kind_name(TomlKind::kInteger), example);
  return integer_;
}

Result<double> TomlNode::as_number(std::string_view example) const {
  const bool numeric = kind_ == TomlKind::kInteger || kind_ == TomlKind::kFloat;
  if (!numeric || !std::isfinite(number_)) return unexpected("a number", example);
  return number_;
}

Result<bool> TomlNode::as_boolean(std::string_view example) const {
  if (kind_ != TomlKind::kBoolean) return unexpected(kind_name(TomlKind::kBoolean), example);
  return boolean_;
}

Result<std::string> TomlNode::as_time(std::string_view example) const {
  if (kind_ != TomlKind::kTime) return unexpected(kind_name(TomlKind::kTime), example);
  return text_;
}

Result<std::vector<std::string>> TomlNode::as_strings(std::string_view example) const {
  if (kind_ != TomlKind::kArray) return unexpected("an array of texts", example);
  std::vector<std::string> texts;
  for (const TomlNode& item : items_) {
    if (item.kind_ != TomlKind::kString) return item.unexpected("a text in quotes", "");
    texts.push_back(item.text_);
  }
  return texts;
}

Result<std::span<const TomlNode>> TomlNode::as_tables() const {
  bool right = kind_ == TomlKind::kArray;
  for (const TomlNode& item : items_) right = right && item.kind_ == TomlKind::kTable;
  if (right) return std::span<const TomlNode>(items_);
  return error(fmt::format("expected tables, found {}; write [[{}]]",
                           kind_ == TomlKind::kArray ? "other values in an array" : shown(),
                           path_));
}

Result<TomlDocument> parse_toml(std::string_view text, std::string file_name) {
  if (text.size() > kTomlBytesMax) {
    return exhausted(fmt::format("{}: larger than {} bytes", file_name, kTomlBytesMax));
  }
  if (const uint32_t line = find_deep_key(text)) {
    return invalid_input(fmt::format("{}:{}: a key with more than {} dots; write fewer levels",
                                     file_name, line, kTomlDepthMax));
  }
  try {
    const toml::table table = toml::parse(text, std::string_view(file_name));
    return TomlBuilder::build(table, std::move(file_name));
  } catch (const toml::parse_error& error) {
    return invalid_input(fmt::format("{}:{}: {}", file_name,
                                     std::max<uint32_t>(error.source().begin.line, 1),
                                     shown_text(error.description(), kMessageBytes)));
  } catch (const std::exception& error) {
    return exhausted(fmt::format("{}: cannot be parsed: {}", file_name, error.what()));
  }
}

Result<std::string> read_toml_text(const std::string& path) {
  auto text = read_file(path, kTomlBytesMax);
  const bool too_large = !text && text.error().code == ErrorCode::kExhausted;
  return too_large ? invalid_input(text.error().message) : text;
}

Result<TomlDocument> read_toml(const std::string& path) {
  return parse_toml(PURVEY_TRY(read_toml_text(path)), path);
}

const TomlNode* TomlTableReader::find(std::string_view key) {
  PURVEY_DCHECK(table_.kind() == TomlKind::kTable, "TomlTableReader reads tables");
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  return table_.find(key);
}

Result<const TomlNode*> TomlTableReader::required(std::string_view key, std::string_view example) {
  if (const TomlNode* node = find(key)) return node;
  std::string hint;  // whether that key is known under its own name is not known here
  for (const TomlNode& item : table_.items()) {
    const bool is_asked = std::find(asked_.begin(), asked_.end(), item.key()) != asked_.end();
    if (!is_asked && !closest_name(item.key(), {&key, 1}).empty()) {
      hint = fmt::format(" (is `{}` of line {} meant to be it?)", item.key(), item.line());
    }
  }
  return table_.error(
      fmt::format("`{}` is missing{}; write {} = {}", key, hint, written_key(key), example));
}

Result<std::string> TomlTableReader::string(std::string_view key, std::string_view example) {
  const TomlNode* node = PURVEY_TRY(required(key, example));
  return node->as_string(example);
}

Result<std::string> TomlTableReader::string_or(std::string_view key, std::string_view fallback) {
  const TomlNode* node = find(key);
  if (node == nullptr) return std::string(fallback);
  return node->as_string(fmt::format("\"{}\"", fallback));
}

Result<int64_t> TomlTableReader::integer_or(std::string_view key, int64_t fallback) {
  const TomlNode* node = find(key);
  if (node == nullptr) return fallback;
  return node->as_integer(fmt::format("{}", fallback));
}

Result<double> TomlTableReader::number_or(std::string_view key, double fallback) {
  const TomlNode* node = find(key);
  if (node == nullptr) return fallback;
  return node->as_number(fmt::format("{}", fallback));
}

Result<bool> TomlTableReader::boolean_or(std::string_view key, bool fallback) {
  const TomlNode* node = find(key);
  if (node == nullptr) return fallback;
  return node->as_boolean(fallback ? "true" : "false");
}

Result<std::vector<std::string>> TomlTableReader::strings(std::string_view key,
                                                          std::string_view example) {
  const TomlNode* node = find(key);
  if (node == nullptr) return std::vector<std::string>{};
  return node->as_strings(example);
}

Result<std::span<const TomlNode>> TomlTableReader::tables(std::string_view key) {
  const TomlNode* node = find(key);
  if (node == nullptr) return std::span<const TomlNode>{};
  return node->as_tables();
}

Result<const TomlNode*> TomlTableReader::table(std::string_view key) {
  const TomlNode* node = find(key);
  if (node != nullptr && node->kind() != TomlKind::kTable) {
    return node->error(
        fmt::format("expected a table, found {}; write [{}]", node->shown(), node->path()));
  }
  return node;
}

std::vector<Error> TomlTableReader::unknown_keys() const {
  const std::vector<std::string_view> known(asked_.begin(), asked_.end());
  std::vector<Error> errors;
  for (const TomlNode& item : table_.items()) {
    const bool asked = std::find(known.begin(), known.end(), item.key()) != known.end();
    if (!asked) errors.push_back(unknown_key(item, known));
  }
  return errors;
}

Result<void> TomlTableReader::finish() const {
  auto errors = unknown_keys();
  if (!errors.empty()) return std::move(errors.front());
  return {};
}

Error unknown_key(const TomlNode& node, std::span<const std::string_view> known) {
  const std::string_view meant = closest_name(node.key(), known);
  std::string message =
      fmt::format("{}:{}: unknown key `{}`", node.file(), node.line(), node.path());
  if (!meant.empty()) message += fmt::format("; did you mean `{}`?", meant);
  return invalid_input(std::move(message));
}

}  // namespace purvey::base
