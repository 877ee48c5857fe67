#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace purvey::flow {

/// A row of the input: number of its file (in the order of the map, then by name) and its line.
/// Ordered as the files are read; never 0.
struct RowId {
  static constexpr int kLineBits = 48;
  static constexpr uint64_t kFilesMax =
      1023;  ///< ids and rule numbers share 64 bits, see event_writer.h

  uint64_t value = 0;

  static RowId of(uint64_t file, uint64_t line) { return {(file << kLineBits) | line}; }
  uint64_t file() const { return value >> kLineBits; }
  uint64_t line() const { return value & ((uint64_t{1} << kLineBits) - 1); }

  friend auto operator<=>(RowId, RowId) = default;
};

/// A row as it is joined and grouped: the cells that the map needs, empty where missing.
struct RowView {
  RowId id;
  uint64_t hash = 0;  ///< of all cells of the file's row, where the map asks for distinct rows
  std::vector<RowId> lookups;  ///< the rows that describe it, 0 where there is none
  std::vector<std::string_view> cells;
  std::string_view record;  ///< all of it as bytes

  // What became of it.
  bool used = false;
  bool dropped = false;
};

/// Rows whose memory is used again for the next thing.
class RowList {
 public:
  void clear() {
    size_ = 0;
    absent_ = false;
  }
  /// There is no list, not even an empty one, where these rows would stand.
  void set_absent() { absent_ = true; }
  bool is_absent() const { return absent_; }
  RowView& add() {
    if (size_ == rows_.size()) rows_.emplace_back();
    return rows_[size_++];
  }
  void remove_last() { --size_; }
  bool empty() const { return size_ == 0; }
  RowView* begin() { return rows_.data(); }
  RowView* end() { return rows_.data() + size_; }
  const RowView* begin() const { return rows_.data(); }
  const RowView* end() const { return rows_.data() + size_; }

 private:
  std::vector<RowView> rows_;
  size_t size_ = 0;
  bool absent_ = false;
};

/// Writes a row as bytes: ids, then cells each behind its length. Cells of lookups follow in their
/// order.
void begin_record(std::string& record, RowId id, uint64_t hash, size_t lookups);
void append_cell(std::string& record, std::string_view cell);
/// A cell with a word that the map declares missing: empty for all but record_word().
void append_missing_cell(std::string& record, std::string_view word);
void set_lookup(std::string& record, size_t lookup, RowId id);

RowId record_id(std::string_view record);
/// The cell at `slot` of a record that has room for `lookups` lookups.
std::string_view record_cell(std::string_view record, size_t lookups, size_t slot);
/// As record_cell(), but a word that the map declares missing as it stood in the file.
std::string_view record_word(std::string_view record, size_t lookups, size_t slot);
/// The cells of a record as they stand in it, to be appended to another.
std::string_view record_cells(std::string_view record, size_t lookups);
/// Reads the whole record; `row` keeps views into it.
void read_record(std::string_view record, size_t lookups, RowView& row);

}  // namespace purvey::flow
