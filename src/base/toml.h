#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace purvey::base {

/// A file of settings or of a mapping is written by a person: larger ones are a mistake.
inline constexpr size_t kTomlBytesMax = 1U << 20;

/// Deepest nesting of tables and arrays that is taken.
inline constexpr size_t kTomlDepthMax = 64;

enum class TomlKind : uint8_t { kTable, kArray, kString, kInteger, kFloat, kBoolean, kTime };

/// One value of a TOML file, with its place. Immutable; lives as long as its TomlDocument.
///
/// The getters give the value or a line such as
/// `purvey.toml:12: rule.above: expected a number, found "abc"; write above = 0.2`, where the last
/// part is made of `example`, the value as it would stand in a right file.
class TomlNode {
 public:
  TomlKind kind() const { return kind_; }
  uint32_t line() const { return line_; }             ///< from 1; of the key, where it has one
  uint32_t column() const { return column_; }         ///< from 1
  const std::string& file() const { return *file_; }  ///< the name given to parse_toml()
  const std::string& key() const { return key_; }     ///< empty for the root and items of arrays
  const std::string& path() const { return path_; }   ///< `rule[2].above`, items from 1
  std::span<const TomlNode> items() const {
    return items_;
  }  ///< of a table or array, in file order

  /// The value of `key` in a table; null if it is absent or this is no table.
  const TomlNode* find(std::string_view key) const;

  Result<std::string> as_string(std::string_view example) const;
  Result<int64_t> as_integer(std::string_view example) const;
  Result<double> as_number(std::string_view example) const;  ///< an integer too; finite
  Result<bool> as_boolean(std::string_view example = "true") const;
  /// A date, a time or both, without quotes in the file; here as RFC 3339 writes it.
  Result<std::string> as_time(std::string_view example) const;
  Result<std::vector<std::string>> as_strings(std::string_view example) const;
  /// The tables of `[[key]]`.
  Result<std::span<const TomlNode>> as_tables() const;

  /// The value in few words, for messages: `"abc"`, `12`, `a table`.
  std::string shown() const;

  /// kInvalidInput, `file:line: path: what`.
  Error error(std::string_view what) const;

  /// As error(), for a value of the wrong type: `expected a number, found "abc"; write above =
  /// 0.2`.
  Error unexpected(std::string_view expected, std::string_view example) const;

 private:
  friend class TomlBuilder;

  TomlKind kind_ = TomlKind::kTable;
  bool boolean_ = false;
  uint32_t line_ = 1;
  uint32_t column_ = 1;
  int64_t integer_ = 0;
  double number_ = 0;
  std::string text_;
  std::string key_;
  std::string path_;
  std::vector<TomlNode> items_;
  const std::string* file_ = nullptr;
};

/// A parsed file; copies share it.
class TomlDocument {
 public:
  const TomlNode& root() const { return tree_->root; }

 private:
  friend class TomlBuilder;
  struct Tree {
    std::string file;
    TomlNode root;
  };
  std::shared_ptr<const Tree> tree_;
};

/// Parses TOML 1.0; `file_name` is what messages call it. Errors: kInvalidInput with `file:line:`
/// (syntax, a key twice, too deep), kExhausted above kTomlBytesMax.
Result<TomlDocument> parse_toml(std::string_view text, std::string file_name);

/// A file's bytes, for parse_toml(). Errors: those of read_file(), but kInvalidInput for one that is
/// too large.
Result<std::string> read_toml_text(const std::string& path);

/// parse_toml() of a file's bytes. Errors: also those of read_file(), but
/// kInvalidInput for one that is too large.
Result<TomlDocument> read_toml(const std::string& path);

/// Reads one table key by key and remembers what was asked for, so that finish() finds what nobody
/// knows. The node must outlive it.
class TomlTableReader {
 public:
  /// `table` must be of kTable.
  explicit TomlTableReader(const TomlNode& table) : table_(table) {}

  const TomlNode& node() const { return table_; }
  bool has(std::string_view key) { return find(key) != nullptr; }

  /// The value of `key`, or null.
  const TomlNode* find(std::string_view key);

  /// The value of `key`; an error that says what to write if it is absent, or which key was
  /// probably meant to be it.
  Result<const TomlNode*> required(std::string_view key, std::string_view example);

  Result<std::string> string(std::string_view key, std::string_view example);
  Result<std::string> string_or(std::string_view key, std::string_view fallback);
  Result<int64_t> integer_or(std::string_view key, int64_t fallback);
  Result<double> number_or(std::string_view key, double fallback);
  Result<bool> boolean_or(std::string_view key, bool fallback);
  /// Empty if absent.
  Result<std::vector<std::string>> strings(std::string_view key, std::string_view example);
  /// The tables of `[[key]]`; empty if absent.
  Result<std::span<const TomlNode>> tables(std::string_view key);
  /// The table of `[key]`; null if absent.
  Result<const TomlNode*> table(std::string_view key);

  /// One error for each key of the file that was never asked for:
  /// ``unknown key `colour`; did you mean `color`?``
  std::vector<Error> unknown_keys() const;

  /// The first of unknown_keys(), if there is one.
  Result<void> finish() const;

 private:
  const TomlNode& table_;
  std::vector<std::string> asked_;
};

/// The error for a key that the table holding `node` does not know; names the nearest of `known`.
Error unknown_key(const TomlNode& node, std::span<const std::string_view> known);

}  // namespace purvey::base
