#include "store/depot/retention.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace purvey::store::depot {
namespace {

constexpr int32_t kForEver = 0;
constexpr int32_t kSpanShare = 10;
constexpr int32_t kSpanOfForEver = 40;

bool is_dead_letter(TableId table) {
  return table == TableId::kDeadLetter || table == TableId::kDeadLetterStep;
}

/// How long the rows of a table are kept.
int32_t days_of(TableId table, const Retention& retention) {
  if (is_kept_always(table)) return kForEver;
  if (!is_dead_letter(table)) return retention.archive_days;
  const int32_t letters = retention.dead_letter_days;
  const int32_t archive = retention.archive_days;
  return letters == kForEver || archive == kForEver ? letters : std::min(letters, archive);
}

bool is_older(const Part& part, int32_t days, int32_t today) {
  // A clock that was set back must not make a difference that overflows.
  return days != kForEver && part.stored_to != Part::kUnknownDay &&
         int64_t{today} - part.stored_to > days;
}

Dropping dropping_of(std::vector<Part> parts, std::string_view (*cause)(TableId)) {
  std::map<TableId, DroppedRows> by_table;
  for (const Part& part : parts) {
    auto& rows = by_table[part.table];
    rows.table = part.table;
    rows.cause = cause(part.table);
    rows.rows += part.rows;
    rows.seq_to = std::max(rows.seq_to, part.seq_to);
    rows.stored_to = std::max(rows.stored_to, part.stored_to);
  }
  Dropping dropping{.parts = std::move(parts), .rows = {}};
  for (auto& entry : by_table) dropping.rows.push_back(std::move(entry.second));
  return dropping;
}

}  // namespace

bool is_kept_always(TableId table) {
  switch (table) {
    case TableId::kStockMove:
    case TableId::kStockLevel:
    case TableId::kSupplyStep:
    case TableId::kTransferStep:
    case TableId::kCatalog:
    case TableId::kPromotion:
    case TableId::kQuality:
      return true;
    default:
      return false;
  }
}

std::string_view cause_of(TableId table) {
  return is_dead_letter(table) ? "dead_letters" : "archive";
}

Dropping old_parts(std::span<const Part> parts, const Retention& retention, int32_t today) {
  std::vector<Part> old;
  for (const Part& part : parts) {
    if (is_older(part, days_of(part.table, retention), today)) old.push_back(part);
  }
  return dropping_of(std::move(old), cause_of);
}

Dropping oldest_parts(std::span<const Part> parts, uint64_t bytes, int32_t today) {
  std::vector<const Part*> oldest;
  for (const Part& part : parts) {
    const bool is_of_before = part.stored_to != Part::kUnknownDay && part.stored_to < today;
    if (is_of_before && !is_kept_always(part.table)) oldest.push_back(&part);
  }
  std::sort(oldest.begin(), oldest.end(), [](const Part* a, const Part* b) {
    return std::tie(a->stored_to, a->seq_to, a->table, a->name) <
           std::tie(b->stored_to, b->seq_to, b->table, b->name);
  });
  std::vector<Part> go;
  uint64_t freed = 0;
  for (const Part* part : oldest) {
    if (freed >= bytes) break;
    freed += part->bytes;
    go.push_back(*part);
  }
  return dropping_of(std::move(go), [](TableId) { return std::string_view("disk"); });
}

std::vector<Part> parts_to_thin(std::span<const Part> parts, const Retention& retention,
                                int32_t today, uint64_t rows_max) {
  std::vector<Part> thin;
  uint64_t rows = 0;
  for (const Part& part : parts) {
    const bool is_due = part.table == TableId::kKpi && !part.is_thinned &&
                        is_older(part, retention.kpi_minute_days, today);
    if (!is_due || (!thin.empty() && thin.front().month != part.month)) continue;
    rows += part.rows;
    if (!thin.empty() && rows > rows_max) break;
    thin.push_back(part);
  }
  return thin;
}

int32_t span_days(const Part& part, const Retention& retention) {
  const bool has_minutes = part.table == TableId::kKpi && !part.is_thinned;
  int32_t days = days_of(part.table, retention);
  if (has_minutes && retention.kpi_minute_days != kForEver) days = retention.kpi_minute_days;
  return days == kForEver ? kSpanOfForEver : std::max(1, days / kSpanShare);
}

}  // namespace purvey::store::depot
