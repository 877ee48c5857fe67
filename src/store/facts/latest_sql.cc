// Views that show the latest of what is known of one thing: shipments, kpi_latest, incidents,
// dead_letters.

#include <fmt/core.h>

#include "store/facts/internal/view_sql.h"

namespace purvey::store::facts::internal {
namespace {

// {0}: kMoment. Each column is the latest that is known: a position does not say the status.
constexpr const char* kShipments = R"sql(
SELECT shipment_id, arg_max(order_id, moment) AS order_id, arg_max(carrier, moment) AS carrier,
  arg_max(status, moment) AS status, arg_max(hub, moment) AS hub, max(seen) AS updated_at,
  arg_max(lat, moment) AS lat, arg_max(lon, moment) AS lon
FROM (
  SELECT shipment_id, order_id, carrier, status, hub, NULL::DOUBLE AS lat, NULL::DOUBLE AS lon,
    happened_at AS seen, {0} AS moment FROM shipment_step
  UNION ALL
  SELECT shipment_id, order_id, carrier, NULL, NULL, lat, lon, happened_at, {0} FROM position
  UNION ALL
  SELECT shipment_id, order_id, carrier, step, NULL, NULL, NULL, happened_at, {0} FROM order_step
  WHERE shipment_id IS NOT NULL AND step IN ('shipped', 'delivered'))
GROUP BY shipment_id)sql";

// The same revision twice is not written; if it is, the later row holds.
constexpr const char* kKpiLatest = R"sql(
SELECT last.seq AS seq, metric, dimensions, window_start, window_seconds, last.value AS value,
  last.n AS n, last.revision AS revision, last.final AS final
FROM (
  SELECT metric, dimensions, window_start, window_seconds,
    arg_max(struct_pack(seq := seq, value := value, n := n, revision := revision, final := final),
            revision::HUGEINT * 9223372036854775807 + seq) AS last
  FROM kpi GROUP BY metric, dimensions, window_start, window_seconds))sql";

// The last step of the journal says the state; of one seq, the latest by event time.
constexpr const char* kIncidents = R"sql(
SELECT incident_id, last.rule AS rule, last.severity AS severity, last.state AS state, opened_at,
  acknowledged_at, CASE WHEN last.state = 'resolved' THEN resolved_at END AS resolved_at,
  last.title AS title, last.metric AS metric, last.dimensions AS dimensions
FROM (
  SELECT incident_id, min(happened_at) AS opened_at,
    min(happened_at) FILTER (state = 'acknowledged') AS acknowledged_at,
    max(happened_at) FILTER (state = 'resolved') AS resolved_at,
    arg_max(struct_pack(rule := rule, severity := severity, state := state, title := title,
                        metric := metric, dimensions := dimensions),
            seq::HUGEINT * 9223372036854775807 + epoch_us(happened_at)) AS last
  FROM incident_step GROUP BY incident_id))sql";

// A retry that did not count leaves the letter open, with what came of it.
constexpr const char* kDeadLetters = R"sql(
SELECT dead_letter.seq AS seq, source, id, received, dead_letter.verdict AS verdict,
  dead_letter.reason AS reason, raw,
  CASE WHEN is_discarded THEN 'discarded' WHEN is_counted THEN 'retried' ELSE 'open' END AS state,
  changed_at, outcome
FROM dead_letter LEFT JOIN (
  SELECT letter, bool_or(step = 'discarded') AS is_discarded,
    bool_or(step = 'retried' AND verdict IN ('accepted', 'late', 'duplicate')) AS is_counted,
    max(happened_at) AS changed_at, arg_max(verdict, seq) FILTER (step = 'retried') AS outcome
  FROM dead_letter_step GROUP BY letter) AS change ON letter = dead_letter.seq)sql";

}  // namespace

std::string dead_letters_sql() {
  return kDeadLetters;
}

std::string shipments_sql() {
  return fmt::format(fmt::runtime(kShipments), kMoment);
}

std::string kpi_latest_sql() {
  return kKpiLatest;
}

std::string incidents_sql() {
  return kIncidents;
}

}  // namespace purvey::store::facts::internal
