#include "flow/import/row_record.h"

#include <cstring>

#include "base/check.h"

namespace purvey::flow {
namespace {

constexpr size_t kWord = sizeof(uint64_t);
constexpr unsigned char kLongCell = 0xFF;     // the length follows in four bytes
constexpr unsigned char kMissingCell = 0xFE;  // the same, for a word that means "nothing"

size_t cells_at(size_t lookups) {
  return (2 + lookups) * kWord;
}

void append_word(std::string& record, uint64_t word) {
  record.append(reinterpret_cast<const char*>(&word), kWord);
}

uint64_t word_at(std::string_view record, size_t at) {
  uint64_t word = 0;
  PURVEY_DCHECK(at + kWord <= record.size(), "a record ends early");
  std::memcpy(&word, record.data() + at, kWord);
  return word;
}

struct Cell {
  std::string_view word;
  bool is_missing = false;
};

/// Takes one cell off the front.
Cell take_word(std::string_view& cells) {
  PURVEY_DCHECK(!cells.empty(), "a record has fewer cells than its table");
  const auto first = static_cast<unsigned char>(cells[0]);
  uint32_t size = first;
  size_t head = 1;
  if (first >= kMissingCell) {
    std::memcpy(&size, cells.data() + 1, sizeof size);
    head += sizeof size;
  }
  const auto cell = cells.substr(head, size);
  cells.remove_prefix(head + size);
  return {cell, first == kMissingCell};
}

std::string_view take_cell(std::string_view& cells) {
  const Cell cell = take_word(cells);
  return cell.is_missing ? std::string_view() : cell.word;
}

void append_long_cell(std::string& record, unsigned char mark, std::string_view cell) {
  const auto size = static_cast<uint32_t>(cell.size());
  record += static_cast<char>(mark);
  record.append(reinterpret_cast<const char*>(&size), sizeof size);
  record.append(cell);
}

}  // namespace

void begin_record(std::string& record, RowId id, uint64_t hash, size_t lookups) {
  record.clear();
  append_word(record, id.value);
  append_word(record, hash);
  record.append(lookups * kWord, '\0');
}

void append_cell(std::string& record, std::string_view cell) {
  if (cell.size() >= kMissingCell) return append_long_cell(record, kLongCell, cell);
  record += static_cast<char>(cell.size());
  record.append(cell);
}

void append_missing_cell(std::string& record, std::string_view word) {
  append_long_cell(record, kMissingCell, word);
}

void set_lookup(std::string& record, size_t lookup, RowId id) {
  std::memcpy(record.data() + (2 + lookup) * kWord, &id.value, kWord);
}

RowId record_id(std::string_view record) {
  return {word_at(record, 0)};
}

std::string_view record_cells(std::string_view record, size_t lookups) {
  return record.substr(cells_at(lookups));
}

std::string_view record_cell(std::string_view record, size_t lookups, size_t slot) {
  std::string_view cells = record_cells(record, lookups);
  for (; slot > 0; --slot) take_cell(cells);
  return take_cell(cells);
}

std::string_view record_word(std::string_view record, size_t lookups, size_t slot) {
  std::string_view cells = record_cells(record, lookups);
  for (; slot > 0; --slot) take_cell(cells);
  return take_word(cells).word;
}

void read_record(std::string_view record, size_t lookups, RowView& row) {
  row.record = record;
  row.id = record_id(record);
  row.hash = word_at(record, kWord);
  row.used = false;
  row.dropped = false;
  row.lookups.clear();
  for (size_t i = 0; i < lookups; ++i) row.lookups.push_back({word_at(record, (2 + i) * kWord)});
  row.cells.clear();
  for (std::string_view cells = record_cells(record, lookups); !cells.empty();) {
    row.cells.push_back(take_cell(cells));
  }
}

}  // namespace purvey::flow
