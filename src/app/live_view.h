#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/flow_state.h"

namespace purvey::app {

/// Answers of a running flow as JSON, from what it holds in memory: up to the last event counted,
/// where the store shows the last commit. Times are RFC 3339 in UTC.

/// `{"order_id":...,"status":...,"placed_at":...}`; nothing for an order never heard of.
std::optional<std::string> order_json(const FlowState& flow, std::string_view order_id);

/// `{"sku":...,"warehouse":...,"on_hand":7,"reserved":2,"in_transit":0,"available":5}` of two
/// dictionary ids, by the rules of the view `stock`; nothing if nothing is known of the pair.
std::optional<std::string> stock_json(const FlowState& flow, uint32_t sku, uint32_t warehouse);

/// The same of every warehouse that something is known of, as a list by name of the warehouse;
/// nothing if there is none.
std::optional<std::string> stock_json(const FlowState& flow, uint32_t sku);

/// Which KPIs are asked for; without a value, all.
struct KpiQuestion {
  std::optional<uint32_t> kpi = {};  ///< place in the pack
  std::optional<int64_t> window_seconds = {};
};

/// `[{"metric":...,"dimensions":{...},"window_start":...,"window_seconds":60,"value":...,"n":...,
/// "revision":0,"final":true}]`: of each series and size of window the last one that closed, and,
/// `"final":false`, those that are open, as they are so far.
std::string kpis_json(const FlowState& flow, const KpiQuestion& question);

/// `[{"source":...,"received":9,"accepted":7,...}]`: all that was ever received.
std::string quality_json(const FlowState& flow);

/// `{"verdict":"accepted"}`; nothing if the id is not remembered.
std::optional<std::string> verdict_json(const FlowState& flow, std::string_view source,
                                        std::string_view id);

}  // namespace purvey::app
