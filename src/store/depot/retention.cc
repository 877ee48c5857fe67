#include "store/depot/retention.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

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

bool is_older(int32_t day, int32_t days, int32_t today) {
  // A clock that was set back must not make a difference that overflows.
  return days != kForEver && day != Part::kUnknownDay && int64_t{today} - day > days;
}

/// The last day of storing of the rows of a part and of all that it is needed for: a step of a dead
/// letter is stored after the letter. kUnknownDay if one is not known.
int32_t last_day(const Part& part, std::span<const Part> parts) {
  int32_t last = part.stored_to;
  if (part.table != TableId::kDeadLetterStep || last == Part::kUnknownDay) return last;
  for (const Part& other : parts) {
    if (other.table != TableId::kDeadLetter || other.stored_from > part.stored_to) continue;
    if (other.stored_to == Part::kUnknownDay) return Part::kUnknownDay;
    last = std::max(last, other.stored_to);
  }
  return last;
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
    if (is_older(last_day(part, parts), days_of(part.table, retention), today)) old.push_back(part);
  }
  return dropping_of(std::move(old), cause_of);
}

Dropping oldest_parts(std::span<const Part> parts, uint64_t bytes, int32_t today) {
  using Key = std::tuple<int32_t, bool, int64_t, TableId, std::string_view>;
  std::vector<std::pair<Key, const Part*>> oldest;
  for (const Part& part : parts) {
    const int32_t day = last_day(part, parts);
    const bool is_of_before = day != Part::kUnknownDay && day < today;
    if (!is_of_before || is_kept_always(part.table)) continue;
    const bool is_step = part.table == TableId::kDeadLetterStep;
    oldest.push_back({{day, is_step, part.seq_to, part.table, part.name}, &part});
  }
  std::sort(oldest.begin(), oldest.end());
  std::vector<Part> go;
  uint64_t freed = 0;
  for (const auto& [key, part] : oldest) {
    if (freed >= bytes) break;
    freed += part->bytes;
    go.push_back(*part);
  }
  return dropping_of(std::move(go), [](TableId) { return std::string_view("disk"); });
}

std::vector<Part> parts_to_thin(std::span<const Part> parts, const Retention& retention,
                                int32_t today, const ThinRules& rules) {
  std::vector<Part> thin;
  uint64_t rows = 0;
  for (const Part& part : parts) {
    const bool is_due = part.table == TableId::kKpi && !part.is_thinned &&
                        is_older(part.stored_to, retention.kpi_minute_days, today);
    if (!is_due || rules.is_left_alone(part)) continue;
    if (!thin.empty() && thin.front().month != part.month) continue;
    rows += part.rows;
    if (!thin.empty() && rows > rules.rows_max) break;
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
