#include "store/depot/facts_fixture.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "store/result/writers.h"

namespace purvey::store::depot {
namespace {

void put_cell(RowBuffer& rows, ColumnType type, const std::string& text) {
  switch (type) {
    case ColumnType::kText:
      return rows.text(text);
    case ColumnType::kInteger:
      return rows.integer(std::atoll(text.c_str()));
    case ColumnType::kNumber:
      return rows.number(std::strtod(text.c_str(), nullptr));
    case ColumnType::kFlag:
      return rows.flag(text == "1");
    case ColumnType::kTimestamp:
      return rows.time(time_of(text));
    case ColumnType::kDate:
      return rows.date(base::utc_day(time_of(text + "T00:00:00Z")));
    case ColumnType::kDecimal:
      return rows.decimal(std::atoll(text.c_str()));
  }
}

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(by), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

void add_row(RowBuffer& rows, Cells cells) {
  base::EventTime time = time_of("2026-01-01T00:00:00Z");
  bool timed = false;
  size_t used = 0;
  for (const ColumnSpec& column : table_spec(rows.table()).columns) {
    const auto cell = std::find_if(cells.begin(), cells.end(),
                                   [&](const auto& given) { return given.first == column.name; });
    if (cell == cells.end()) {
      rows.null();
      continue;
    }
    ++used;
    const std::string text(cell->second);
    put_cell(rows, column.type, text);
    if (timed || (column.type != ColumnType::kTimestamp && column.type != ColumnType::kDate)) {
      continue;
    }
    timed = true;
    time = time_of(column.type == ColumnType::kDate ? text + "T00:00:00Z" : text);
  }
  ASSERT_EQ(used, cells.size()) << "a cell of a column that " << table_spec(rows.table()).name
                                << " does not have";
  rows.end_row(time);
}

void FactsFixture::reopen_in(const std::string& timezone) {
  store_.reset();
  auto zoned = options();
  zoned.timezone = timezone;
  store_ = Store::open(zoned).value();
}

void FactsFixture::put(TableId table, Cells cells) {
  RowBuffer rows(table);
  add_row(rows, cells);
  ASSERT_TRUE(store().append(rows));
}

void FactsFixture::place(int64_t seq, std::string_view order, std::string_view at,
                         std::string_view lines, Cells more) {
  const std::string seq_text = std::to_string(seq);
  std::vector<std::pair<std::string_view, std::string_view>> head = {
      {"seq", seq_text}, {"order_id", order}, {"placed_at", at}};
  head.insert(head.end(), more.begin(), more.end());
  RowBuffer heads(TableId::kOrderHead);
  for (const ColumnSpec& column : table_spec(TableId::kOrderHead).columns) {
    const auto cell = std::find_if(head.begin(), head.end(),
                                   [&](const auto& given) { return given.first == column.name; });
    cell == head.end() ? heads.null() : put_cell(heads, column.type, std::string(cell->second));
  }
  heads.end_row(time_of(at));
  ASSERT_TRUE(store().append(heads));

  RowBuffer rows(TableId::kOrderLine);
  int64_t line_no = 0;
  for (const std::string& line : split(lines, ' ')) {
    const auto parts = split(line, ':');
    rows.integer(seq);
    rows.text(order);
    rows.integer(++line_no);
    rows.text(parts.at(0));
    rows.integer(std::stoll(parts.at(1)));
    rows.decimal(std::stoll(parts.at(2)) * 10'000);
    rows.text(parts.size() > 3 ? parts[3] : "CNY");
    rows.end_row(time_of(at));
  }
  ASSERT_TRUE(store().append(rows));
}

void FactsFixture::step(const StepRow& row) {
  RowBuffer rows(TableId::kOrderStep);
  add_step(rows, row);
  ASSERT_TRUE(store().append(rows));
}

void FactsFixture::commit_all(std::string_view watermark) {
  commit(store(), ++next_seq_, watermark);
}

std::string FactsFixture::ask(std::string_view sql) {
  std::string out;
  const auto writer = result::make_csv_writer([&](std::string_view bytes) -> base::Result<void> {
    out += bytes;
    return {};
  });
  const auto end = store().query(sql, {}, *writer);
  if (!end) return "error: " + end.error().message;
  out.erase(0, out.find('\n') + 1);
  out.erase(std::remove(out.begin(), out.end(), '\r'), out.end());
  return out;
}

base::Error FactsFixture::refusal(std::string_view sql, const QueryLimits& limits) {
  const auto writer =
      result::make_csv_writer([](std::string_view) -> base::Result<void> { return {}; });
  const auto end = store().query(sql, limits, *writer);
  if (!end) return end.error();
  ADD_FAILURE() << "answered: " << sql;
  return base::invalid_input("answered");
}

}  // namespace purvey::store::depot
