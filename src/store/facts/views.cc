#include "store/facts/views.h"

#include <fmt/core.h>

#include <array>
#include <iterator>

#include "store/facts/internal/column_types.h"
#include "store/facts/internal/duck.h"
#include "store/facts/internal/view_sql.h"

namespace purvey::store::facts {
namespace {

constexpr std::string_view kDerived[] = {"orders",    "stock",       "shipments",    "kpi_latest",
                                         "incidents", "daily_sales", "dead_letters", "dropped"};

/// No rows, the right columns.
std::string empty_select(const TableSpec& table) {
  std::string columns;
  for (const ColumnSpec& column : table.columns) {
    fmt::format_to(std::back_inserter(columns), "{}NULL::{} AS \"{}\"", columns.empty() ? "" : ", ",
                   internal::sql_type(column.type), column.name);
  }
  return fmt::format("SELECT {} WHERE false", columns);
}

std::string table_select(const TableSpec& table, const std::string& paths) {
  if (paths.empty()) return empty_select(table);
  std::string columns;
  for (const ColumnSpec& column : table.columns) {
    fmt::format_to(std::back_inserter(columns), "{}\"{}\"", columns.empty() ? "" : ", ",
                   column.name);
  }
  return fmt::format("SELECT {} FROM read_parquet([{}], hive_partitioning = false)", columns,
                     paths);
}

/// What is dropped is known of the ledger, not of parts.
std::string dropped_sql(std::span<const DroppedRows> dropped) {
  std::string rows;
  for (const DroppedRows& one : dropped) {
    fmt::format_to(std::back_inserter(rows), "{}('{}', '{}', {}, {}, {})", rows.empty() ? "" : ", ",
                   table_spec(one.table).name, one.cause, one.rows, one.seq_to, one.stored_to);
  }
  const bool is_empty = rows.empty();
  return fmt::format(
      "SELECT \"table\"::VARCHAR AS \"table\", cause::VARCHAR AS cause, rows::BIGINT AS rows, "
      "seq_to::BIGINT AS seq_to, DATE '1970-01-01' + days::INTEGER AS stored_to FROM (VALUES {}) "
      "AS gone(\"table\", cause, rows, seq_to, days){}",
      is_empty ? "(NULL, NULL, NULL, NULL, NULL)" : rows, is_empty ? " WHERE false" : "");
}

}  // namespace

std::span<const std::string_view> derived_view_names() {
  return kDerived;
}

std::vector<View> all_views(std::span<const Part> parts, const ViewContext& context) {
  std::array<std::string, kTables> paths;
  for (const Part& part : parts) {
    std::string& list = paths[static_cast<size_t>(part.table)];
    list += fmt::format("{}{}", list.empty() ? "" : ", ",
                        internal::sql_text(context.archive_folder + "/" + part.path()));
  }
  std::vector<View> views;
  for (const TableSpec& table : all_tables()) {
    std::string select = table_select(table, paths[static_cast<size_t>(table.id)]);
    if (table.id == TableId::kQuality) {
      select = fmt::format(
          "SELECT source, day, verdict, reason, sum(n)::BIGINT AS n FROM ({}) "
          "GROUP BY source, day, verdict, reason",
          select);
    }
    views.push_back({.name = std::string(table.name), .select = std::move(select)});
  }
  views.push_back({.name = "orders", .select = internal::orders_sql(context)});
  views.push_back({.name = "stock", .select = internal::stock_sql()});
  views.push_back({.name = "shipments", .select = internal::shipments_sql()});
  views.push_back({.name = "kpi_latest", .select = internal::kpi_latest_sql()});
  views.push_back({.name = "incidents", .select = internal::incidents_sql()});
  views.push_back({.name = "daily_sales", .select = internal::daily_sales_sql(context)});
  views.push_back({.name = "dead_letters", .select = internal::dead_letters_sql()});
  views.push_back({.name = "dropped", .select = dropped_sql(context.dropped)});
  return views;
}

}  // namespace purvey::store::facts
