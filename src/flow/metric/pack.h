#pragma once

#include <string>
#include <vector>

#include "base/event_time.h"
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
      false;  ///< has a level or per_day term: written each hour and day, changed or not
  bool is_trailing = false;  ///< has a term with a duration
};

/// How long a pack lets things take before they count as late, and when a visit is over.
struct Expectations {
  base::Micros allocated_within = std::chrono::hours(4);  ///< of an order, from its payment
  base::Micros picked_within = std::chrono::hours(24);    ///< of an order, from its allocation
  base::Micros shipment_heard_within = std::chrono::hours(24);  ///< from when it was heard of last
  base::Micros shipment_ended_within = std::chrono::days(10);   ///< from when it was heard of first
  /// A customer who does nothing for this long has left: what follows is another session.
  base::Micros session_gap = std::chrono::minutes(30);
  /// What a shipment's `status` says when it is over, in lower case.
  std::vector<std::string> shipment_ends = {"delivered", "returned", "cancelled", "lost"};
};

/// A metric pack: KPIs by formula over measures.
struct Pack {
  std::string name;
  std::vector<Kpi> kpis;
  std::vector<std::string> samples;  ///< the metrics of sample measures, by place
  Expectations expect;

  /// Place of a KPI by name, or kpis.size().
  size_t find(std::string_view name) const;
};

/// Reads a pack. Errors: kInvalidInput with file:line and what to write instead.
base::Result<Pack> read_pack(const base::TomlDocument& document);

}  // namespace purvey::flow
