#include "flow/metric/pack.h"

#include <fmt/core.h>

#include <algorithm>

namespace purvey::flow {
namespace {

constexpr size_t kKpisMax = 500;

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

base::Result<Kpi> read_kpi(const base::TomlNode& node) {
  base::TomlTableReader table(node);
  Kpi kpi;
  kpi.name = PURVEY_TRY(table.string("name", "name = \"orders_placed\""));
  kpi.title = PURVEY_TRY(table.string_or("title", kpi.name));
  kpi.unit = PURVEY_TRY(table.string_or("unit", ""));
  const auto text = PURVEY_TRY(table.string("formula", "formula = \"count(order.placed)\""));
  auto formula = Formula::parse(text);
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
  PURVEY_TRY(table.finish());
  return kpi;
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
  pack.name = PURVEY_TRY(table.string("name", "name = \"ecommerce\""));
  for (const auto& node : PURVEY_TRY(table.tables("kpi"))) {
    Kpi kpi = PURVEY_TRY(read_kpi(node));
    if (pack.find(kpi.name) != pack.kpis.size()) {
      return node.error(fmt::format("a second KPI named \"{}\"", kpi.name));
    }
    if (pack.kpis.size() == kKpisMax) {
      return node.error(fmt::format("more than {} KPIs", kKpisMax));
    }
    pack.kpis.push_back(std::move(kpi));
  }
  PURVEY_TRY(table.finish());
  return pack;
}

}  // namespace purvey::flow
