// The views `stock` and `daily_sales`.
//
// stock, per SKU and warehouse:
// 1. on_hand = the latest level by event time (ties: seq) + the moves after it; without a level,
//    all moves.
// 2. reserved = the latest level's own if it states one, else the lines of allocated orders that
//    are not shipped or cancelled. Steps give units of an order, not of a line: units leave in the
//    order of the lines, so a line holds the part of its units that lies between what has left and
//    what was allocated.
// 3. in_transit = sent and not received, per purchase (never more than is still ordered) and per
//    transfer; never below zero.
//
// daily_sales: in_stock is whether something was on hand when the day ended, as of the last level
// or move by then; null if there was none. revenue is null where a day mixes currencies.

#include <fmt/core.h>

#include "store/facts/internal/duck.h"
#include "store/facts/internal/view_sql.h"

namespace purvey::store::facts::internal {
namespace {

// {0}: kCurrentHead, {1}: kMoment.
constexpr const char* kStock = R"sql(
WITH level AS (
  SELECT sku, warehouse, arg_max(on_hand, {1}) AS on_hand, arg_max_null(reserved, {1}) AS reserved,
    max({1}) AS moment, max(happened_at) AS seen
  FROM stock_level GROUP BY sku, warehouse),
moved AS (
  SELECT sku, warehouse, max(seen) AS seen,
    sum(qty) FILTER (level_moment IS NULL OR move_moment > level_moment) AS qty
  FROM (SELECT move.sku, move.warehouse, move.qty, move.seen, move.moment AS move_moment,
          level.moment AS level_moment
        FROM (SELECT sku, warehouse, qty, happened_at AS seen, {1} AS moment FROM stock_move) AS move
          LEFT JOIN level USING (sku, warehouse))
  GROUP BY sku, warehouse),
allocated AS (
  SELECT *, greatest(shipped, delivered) + cancelled AS gone FROM (
    SELECT order_id, arg_max(warehouse, {1}) FILTER (step = 'allocated') AS warehouse,
      bool_or(step = 'allocated' AND qty IS NULL) AS whole,
      bool_or(step <> 'allocated' AND qty IS NULL) AS all_gone,
      coalesce(sum(qty) FILTER (step = 'allocated'), 0) AS units,
      coalesce(sum(qty) FILTER (step = 'shipped'), 0) AS shipped,
      coalesce(sum(qty) FILTER (step = 'delivered'), 0) AS delivered,
      coalesce(sum(qty) FILTER (step = 'cancelled'), 0) AS cancelled
    FROM order_step WHERE step IN ('allocated', 'shipped', 'delivered', 'cancelled', 'returned')
    GROUP BY order_id HAVING bool_or(step = 'allocated'))
  WHERE NOT all_gone),
reserved AS (
  SELECT sku, warehouse, sum(greatest(0, least(stop, upper) - greatest(start, gone))) AS units
  FROM (
    SELECT line.sku, coalesce(allocated.warehouse, head.warehouse) AS warehouse, allocated.gone,
      CASE WHEN allocated.whole THEN 9223372036854775807 ELSE allocated.units END AS upper,
      sum(line.qty) OVER (PARTITION BY order_id ORDER BY line.line_no, line.sku
                          ROWS UNBOUNDED PRECEDING) AS stop,
      stop - line.qty AS start
    FROM allocated JOIN ({0}) AS head USING (order_id)
      JOIN order_line AS line USING (order_id, seq))
  WHERE warehouse IS NOT NULL GROUP BY sku, warehouse),
bought AS (
  SELECT sku, warehouse, max(seen) AS seen,
    sum(greatest(0, least(sent, coalesce(ordered - cancelled, sent)) - received)) AS units
  FROM (
    SELECT sku, warehouse, max(happened_at) AS seen,
      coalesce(sum(qty) FILTER (step = 'shipped'), 0) AS sent,
      sum(qty) FILTER (step = 'ordered') AS ordered,
      coalesce(sum(qty) FILTER (step = 'cancelled'), 0) AS cancelled,
      coalesce(sum(qty) FILTER (step = 'received'), 0) AS received
    FROM supply_step GROUP BY po_id, sku, warehouse)
  GROUP BY sku, warehouse),
transferred AS (
  SELECT sku, warehouse, max(seen) AS seen, sum(greatest(0, sent - received)) AS units
  FROM (
    SELECT sku, to_warehouse AS warehouse, max(happened_at) AS seen,
      coalesce(sum(qty) FILTER (step = 'sent'), 0) AS sent,
      coalesce(sum(qty) FILTER (step = 'received'), 0) AS received
    FROM transfer_step GROUP BY transfer_id, sku, to_warehouse)
  GROUP BY sku, warehouse),
shares AS (
  SELECT sku, warehouse, on_hand::HUGEINT AS on_hand, reserved::HUGEINT AS stated,
    NULL::HUGEINT AS held, NULL::HUGEINT AS in_transit, seen FROM level
  UNION ALL SELECT sku, warehouse, qty, NULL, NULL, NULL, seen FROM moved
  UNION ALL SELECT sku, warehouse, NULL, NULL, units, NULL, NULL FROM reserved WHERE units > 0
  UNION ALL SELECT sku, warehouse, NULL, NULL, NULL, units, seen FROM bought WHERE units > 0
  UNION ALL SELECT sku, warehouse, NULL, NULL, NULL, units, seen FROM transferred WHERE units > 0)
SELECT sku, warehouse, coalesce(sum(on_hand), 0)::BIGINT AS on_hand,
  coalesce(max(stated), sum(held), 0)::BIGINT AS reserved,
  coalesce(sum(in_transit), 0)::BIGINT AS in_transit,
  (coalesce(sum(on_hand), 0) - coalesce(max(stated), sum(held), 0))::BIGINT AS available,
  max(seen) AS updated_at
FROM shares GROUP BY sku, warehouse)sql";

// {0}: kCurrentHead, {1}: kMoment, {2}: the local day of happened_at, {3}: of placed_at.
constexpr const char* kDailySales = R"sql(
WITH sold AS (
  SELECT sku, warehouse, day, sum(qty)::BIGINT AS qty,
    CASE WHEN min(currency) IS NOT DISTINCT FROM max(currency)
      THEN sum(qty::DECIMAL(19, 0) * price)::DECIMAL(38, 4) END AS revenue
  FROM (SELECT line.sku, head.warehouse, {3} AS day, line.qty, line.price, line.currency
        FROM order_line AS line JOIN ({0}) AS head USING (order_id, seq))
  GROUP BY sku, warehouse, day),
level AS (
  SELECT sku, warehouse, {2} AS day, arg_max(on_hand, {1}) AS on_hand, max({1}) AS moment
  FROM stock_level GROUP BY sku, warehouse, day),
moved AS (
  SELECT sku, warehouse, day,
    sum(qty) FILTER (level_moment IS NULL OR move_moment > level_moment) AS qty
  FROM (SELECT move.sku, move.warehouse, move.day, move.qty, move.moment AS move_moment,
          level.moment AS level_moment
        FROM (SELECT sku, warehouse, qty, {2} AS day, {1} AS moment FROM stock_move) AS move
          LEFT JOIN level USING (sku, warehouse, day))
  GROUP BY sku, warehouse, day),
day_end AS (
  SELECT sku, warehouse, day, on_hand, coalesce(on_hand, 0) + coalesce(qty, 0) AS change,
    count(on_hand) OVER (PARTITION BY sku, warehouse ORDER BY day) AS levels
  FROM level FULL JOIN moved USING (sku, warehouse, day)),
balance AS (
  SELECT sku, warehouse, day, sum(change) OVER (
    PARTITION BY sku, warehouse, levels ORDER BY day) AS on_hand
  FROM day_end)
SELECT sold.sku, sold.warehouse, sold.day, sold.qty, sold.revenue,
  balance.on_hand > 0 AS in_stock
FROM sold ASOF LEFT JOIN balance
  ON sold.sku = balance.sku AND sold.warehouse = balance.warehouse AND sold.day >= balance.day
)sql";

/// The site's calendar day of a naive UTC timestamp.
std::string local_day(std::string_view column, const std::string& timezone) {
  if (timezone == "UTC") return fmt::format("{}::DATE", column);
  return fmt::format("(({} AT TIME ZONE 'UTC') AT TIME ZONE {})::DATE", column, sql_text(timezone));
}

}  // namespace

std::string stock_sql() {
  return fmt::format(fmt::runtime(kStock), kCurrentHead, kMoment);
}

std::string daily_sales_sql(const ViewContext& context) {
  return fmt::format(fmt::runtime(kDailySales), kCurrentHead, kMoment,
                     local_day("happened_at", context.timezone),
                     local_day("head.placed_at", context.timezone));
}

}  // namespace purvey::store::facts::internal
