// The view `orders`: one row per order, from its current head, its lines and its steps.
//
// 1. A step with no qty is about the whole order; with qty, about so many units of it. Shipped,
//    cancelled and returned are whole when the units reach what the order still needs (its lines
//    less what was cancelled in part).
// 2. Delivered is whole when a delivery names no shipment, when the units reach the need, or when
//    the order was shipped whole and no shipment of it is still under way.
// 3. The highest status reached wins; cancelled and returned, when whole, end the order.
// Cost: three aggregations by order_id and their joins.

#include <fmt/core.h>

#include "store/facts/internal/view_sql.h"

namespace purvey::store::facts::internal {
namespace {

// {0}: kCurrentHead, {1}: kMoment, {2}: the watermark as a TIMESTAMP, perhaps null.
constexpr const char* kOrders = R"sql(
WITH head AS ({0}),
line AS (
  SELECT order_id, seq, count(*) AS lines, sum(qty)::BIGINT AS units
  FROM order_line GROUP BY order_id, seq),
step AS (
  SELECT order_id,
    arg_max(warehouse, {1}) AS warehouse, arg_max(carrier, {1}) AS carrier,
    min(happened_at) FILTER (step = 'placed') AS placed_at,
    min(happened_at) FILTER (step = 'paid') AS paid_at,
    min(happened_at) FILTER (step = 'allocated') AS allocated_at,
    min(happened_at) FILTER (step = 'picked') AS picked_at,
    min(happened_at) FILTER (step = 'packed') AS packed_at,
    min(happened_at) FILTER (step = 'shipped') AS shipped_at,
    max(happened_at) FILTER (step = 'delivered') AS delivered_at,
    min(happened_at) FILTER (step = 'cancelled') AS cancelled_at,
    min(happened_at) FILTER (step = 'returned') AS returned_at,
    max(happened_at) FILTER (step = 'cancelled') AS last_cancelled_at,
    max(happened_at) FILTER (step = 'returned') AS last_returned_at,
    bool_or(step = 'shipped' AND qty IS NULL) AS shipped_all,
    bool_or(step = 'delivered' AND qty IS NULL AND shipment_id IS NULL) AS delivered_all,
    bool_or(step = 'delivered' AND shipment_id IS NOT NULL) AS delivered_shipments,
    bool_or(step = 'cancelled' AND qty IS NULL) AS cancelled_all,
    bool_or(step = 'returned' AND qty IS NULL) AS returned_all,
    sum(qty) FILTER (step = 'shipped') AS shipped_units,
    sum(qty) FILTER (step = 'delivered') AS delivered_units,
    sum(qty) FILTER (step = 'cancelled') AS cancelled_units,
    sum(qty) FILTER (step = 'returned') AS returned_units
  FROM order_step GROUP BY order_id),
under_way AS (
  SELECT DISTINCT order_id FROM (
    SELECT order_id FROM order_step
    WHERE shipment_id IS NOT NULL AND step IN ('shipped', 'delivered')
    GROUP BY order_id, shipment_id
    HAVING bool_or(step = 'shipped') AND NOT bool_or(step = 'delivered'))),
joined AS (
  SELECT order_id, head.customer, head.channel, head.region, head.amount, head.currency,
    head.promised_at, head.order_id IS NOT NULL AS has_head,
    coalesce(step.warehouse, head.warehouse) AS warehouse,
    coalesce(head.placed_at, step.placed_at) AS placed_at,
    step.* EXCLUDE (order_id, warehouse, placed_at),
    CASE WHEN head.order_id IS NOT NULL THEN coalesce(line.lines, 0) END AS lines,
    coalesce(line.units, 0) AS units,
    greatest(coalesce(line.units, 0) - coalesce(step.cancelled_units, 0), 0) AS need,
    under_way.order_id IS NOT NULL AS is_under_way
  FROM head FULL JOIN step USING (order_id)
    LEFT JOIN line ON line.order_id = head.order_id AND line.seq = head.seq
    LEFT JOIN under_way USING (order_id)),
judged AS (
  SELECT *,
    cancelled_at IS NOT NULL AND (cancelled_all OR cancelled_units >= units) AS is_cancelled,
    returned_at IS NOT NULL AND (returned_all OR returned_units >= need) AS is_returned,
    shipped_at IS NOT NULL AND (shipped_all OR shipped_units >= need) AS is_shipped,
    delivered_at IS NOT NULL AND (
      delivered_all
      OR coalesce(delivered_units >= need, false) AND (units > 0 OR NOT is_under_way)
      OR delivered_shipments AND NOT is_under_way
         AND (shipped_at IS NULL OR shipped_all OR shipped_units >= need)) AS is_delivered
  FROM joined)
SELECT order_id, customer, channel, region, warehouse, carrier,
  CASE WHEN is_returned THEN 'returned' WHEN is_cancelled THEN 'cancelled'
    WHEN is_delivered THEN 'delivered' WHEN delivered_at IS NOT NULL THEN 'partial_delivered'
    WHEN is_shipped THEN 'shipped' WHEN shipped_at IS NOT NULL THEN 'partial_shipped'
    WHEN packed_at IS NOT NULL THEN 'packed' WHEN picked_at IS NOT NULL THEN 'picked'
    WHEN allocated_at IS NOT NULL THEN 'allocated' WHEN paid_at IS NOT NULL THEN 'paid'
    ELSE 'placed' END AS status,
  amount, currency, placed_at, paid_at, allocated_at, picked_at, packed_at, shipped_at,
  CASE WHEN is_delivered THEN delivered_at END AS delivered_at,
  CASE WHEN is_cancelled THEN if(cancelled_all, cancelled_at, last_cancelled_at) END AS cancelled_at,
  CASE WHEN is_returned THEN if(returned_all, returned_at, last_returned_at) END AS returned_at,
  promised_at, lines::BIGINT AS lines,
  CASE WHEN promised_at IS NULL THEN NULL
    WHEN is_delivered THEN delivered_at > promised_at
    ELSE NOT is_cancelled AND NOT is_returned AND coalesce(promised_at < {2}, false) END AS late
FROM judged)sql";

}  // namespace

std::string orders_sql(const ViewContext& context) {
  const std::string watermark =
      context.watermark == base::kNever
          ? "NULL::TIMESTAMP"
          : fmt::format("make_timestamp({}::BIGINT)", context.watermark.micros);
  return fmt::format(fmt::runtime(kOrders), kCurrentHead, kMoment, watermark);
}

}  // namespace purvey::store::facts::internal
