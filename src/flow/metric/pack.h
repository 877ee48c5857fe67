#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "flow/metric/formula.h"

namespace purvey::flow {

/// What a KPI is split by: nothing, one dimension, or a named pair, in the order of Dimension.
using Split = std::vector<Dimension>;

/// One KPI of a pack.
struct Kpi {
  std::string name;
  std::string title;
  std::string unit;
  Formula formula;
  std::vector<Split> splits;  ///< the total first
  bool is_level =
      false;  ///< has a level or trailing term: written each hour and day, changed or not
};

/// A metric pack: KPIs by formula over measures.
struct Pack {
  std::string name;
  std::vector<Kpi> kpis;

  /// Place of a KPI by name, or kpis.size().
  size_t find(std::string_view name) const;
};

/// Reads a pack. Errors: kInvalidInput with file:line and what to write instead.
base::Result<Pack> read_pack(const base::TomlDocument& document);

}  // namespace purvey::flow
