#include "flow/metric/pack.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/settings/duration.h"

namespace purvey::flow {
namespace {

constexpr size_t kKpisMax = 500;
constexpr base::Micros kExpectMost = std::chrono::days(366);

/// `["warehouse", "warehouse,carrier"]`.
base::Result<Split> read_split(const base::TomlNode& node, std::string_view text) {
  Split split;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const auto dimension = find_dimension(text.substr(0, comma));
    if (!dimension) {
      return node.error(
          fmt::format("no dimension \"{}\"; write one of warehouse category brand "
                      "carrier supplier region channel campaign service endpoint "
                      "method, or a pair \"warehouse,carrier\"",
                      text.substr(0, comma)));
    }
    split.push_back(*dimension);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  std::sort(split.begin(), split.end());
  if (split.empty() || split.size() > 2 || (split.size() == 2 && split[0] == split[1])) {
    return node.error("a split is one dimension or a pair of two different ones");
  }
  return split;
}

base::Result<Kpi> read_kpi(const base::TomlNode& node, std::vector<std::string>& samples) {
  base::TomlTableReader table(node);
  Kpi kpi;
  kpi.name = PURVEY_TRY(table.string("name", "\"orders_placed\""));
  kpi.title = PURVEY_TRY(table.string_or("title", kpi.name));
  kpi.unit = PURVEY_TRY(table.string_or("unit", ""));
  const auto text = PURVEY_TRY(table.string("formula", "\"count(order.placed)\""));
  auto formula = Formula::parse(text, samples);
  if (!formula) return node.error(formula.error().message);
  if (formula->terms().empty()) {
    return node.error("the formula has no measure; write formula = \"count(order.placed)\"");
  }
  kpi.formula = *std::move(formula);
  kpi.splits.emplace_back();
  for (const auto& split : PURVEY_TRY(table.strings("dimensions", "[\"warehouse\"]"))) {
    kpi.splits.push_back(PURVEY_TRY(read_split(node, split)));
  }
  for (const Term& term : kpi.formula.terms()) {
    kpi.is_level |= term.aggregate == Aggregate::kLevel || term.aggregate == Aggregate::kPerDay;
  }
  for (const Term& term : kpi.formula.terms()) kpi.is_trailing |= term.trailing.count() > 0;
  if (kpi.is_level && kpi.is_trailing) {
    return node.error(
        "level() and per_day() stand at a window's end and do not go with terms over a duration; "
        "make two KPIs of it");
  }
  PURVEY_TRY(table.finish());
  return kpi;
}

/// `within = "4h"`; `value` stays as it is if the key is absent.
base::Result<void> read_span(base::TomlTableReader& table, std::string_view key,
                             base::Micros& value) {
  const base::TomlNode* const node = table.find(key);
  if (node == nullptr) return {};
  const std::string text = PURVEY_TRY(node->as_string("\"4h\""));
  const auto span = base::parse_duration(text);
  if (!span) return node->error(span.error().message);
  if (*span < std::chrono::minutes(1) || *span > kExpectMost) {
    return node->error(fmt::format("\"{}\" is not within 1m and 366d", text));
  }
  value = *span;
  return {};
}

base::Result<Expectations> read_expectations(const base::TomlNode& node) {
  base::TomlTableReader table(node);
  Expectations expect;
  PURVEY_TRY(read_span(table, "allocated_within", expect.allocated_within));
  PURVEY_TRY(read_span(table, "picked_within", expect.picked_within));
  PURVEY_TRY(read_span(table, "shipment_heard_within", expect.shipment_heard_within));
  PURVEY_TRY(read_span(table, "shipment_ended_within", expect.shipment_ended_within));
  PURVEY_TRY(read_span(table, "session_gap", expect.session_gap));
  if (table.has("shipment_ends")) {
    expect.shipment_ends = PURVEY_TRY(table.strings("shipment_ends", "[\"delivered\", \"lost\"]"));
  }
  PURVEY_TRY(table.finish());
  return expect;
}

}  // namespace

size_t Pack::find(std::string_view kpi_name) const {
  const auto found =
      std::find_if(kpis.begin(), kpis.end(), [&](const Kpi& kpi) { return kpi.name == kpi_name; });
  return static_cast<size_t>(found - kpis.begin());
}

base::Result<Pack> read_pack(const base::TomlDocument& document) {
  base::TomlTableReader table(document.root());
  Pack pack;
  pack.name = PURVEY_TRY(table.string("name", "\"ecommerce\""));
  for (const auto& node : PURVEY_TRY(table.tables("kpi"))) {
    Kpi kpi = PURVEY_TRY(read_kpi(node, pack.samples));
    if (pack.find(kpi.name) != pack.kpis.size()) {
      return node.error(fmt::format("a second KPI named \"{}\"", kpi.name));
    }
    if (pack.kpis.size() == kKpisMax) {
      return node.error(fmt::format("more than {} KPIs", kKpisMax));
    }
    pack.kpis.push_back(std::move(kpi));
  }
  if (const base::TomlNode* const expect = PURVEY_TRY(table.table("expect"))) {
    pack.expect = PURVEY_TRY(read_expectations(*expect));
  }
  PURVEY_TRY(table.finish());
  return pack;
}

}  // namespace purvey::flow
