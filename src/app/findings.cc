#include "app/findings.h"

#include <fmt/core.h>

#include "store/depot/store.h"
#include "store/result/writers.h"

namespace purvey::app {
namespace {

// The last day that has any, largest first within a KPI.
constexpr std::string_view kLastDay = R"(
  select metric as "KPI", dimensions as "of", round(value, 4) as "value", n
  from kpi_latest
  where window_seconds = 86400 and dimensions = '{}'
    and window_start = (select max(window_start) from kpi_latest where window_seconds = 86400)
  order by metric)";

constexpr std::string_view kIncidents = R"(
  select severity, state, opened_at, title
  from incidents order by opened_at desc, title limit 12)";

base::Result<std::string> table_of(store::depot::Store& store, std::string_view sql) {
  std::string text;
  const auto writer = store::result::make_table_writer(
      [&text](std::string_view bytes) -> base::Result<void> {
        text.append(bytes);
        return {};
      },
      80);
  PURVEY_TRY(store.query(sql, {}, *writer));
  PURVEY_TRY(writer->finish());
  return text;
}

}  // namespace

base::Result<std::string> describe_findings(const std::string& folder) {
  auto store = PURVEY_TRY(store::depot::Store::open({.folder = folder, .read_only = true}));
  const auto kpis = PURVEY_TRY(table_of(*store, kLastDay));
  const auto incidents = PURVEY_TRY(table_of(*store, kIncidents));
  return fmt::format("\nKPIs of the last day:\n{}\nLatest incidents:\n{}\n", kpis, incidents);
}

}  // namespace purvey::app
