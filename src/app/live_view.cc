#include "app/live_view.h"

#include <fmt/core.h>

#include <array>
#include <map>
#include <numeric>

#include "base/json_text.h"

namespace purvey::app {
namespace {

constexpr std::array<const char*, flow::kOrderSteps> kStepTimes = {
    "paid_at",    "allocated_at", "picked_at",    "packed_at",
    "shipped_at", "delivered_at", "cancelled_at", "returned_at"};
/// An object of JSON that grows member by member.
class JsonObject {
 public:
  void text(std::string_view name, std::string_view value) {
    key(name);
    base::append_json_string(out_, value);
  }
  void raw(std::string_view name, std::string_view json) {
    key(name);
    out_ += json;
  }
  void number(std::string_view name, double value) { raw(name, fmt::format("{}", value)); }
  void count(std::string_view name, uint64_t value) { raw(name, fmt::format("{}", value)); }
  void time(std::string_view name, int64_t micros) {
    if (micros != flow::kUnknown) text(name, base::format_rfc3339({micros}));
  }
  void name(std::string_view name, uint32_t id, const base::Dictionary& names) {
    if (id != 0) text(name, names.text(id));
  }
  std::string take() { return std::move(out_) + "}"; }

 private:
  void key(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    base::append_json_string(out_, name);
    out_ += ':';
  }

  std::string out_ = "{";
};

}  // namespace

std::optional<std::string> order_json(const FlowState& flow, std::string_view order_id) {
  const auto known = flow.shards().find_order(order_id);
  if (!known) return std::nullopt;
  const flow::OrderState* const order = &known->state;
  JsonObject out;
  out.text("order_id", order_id);
  out.text("status", flow::order_status(*known));
  out.time("placed_at", order->placed_at);
  for (size_t i = 0; i < flow::kOrderSteps; ++i) {
    out.time(kStepTimes[i], order->step_at[i]);
  }
  out.time("promised_at", order->promised_at);
  out.name("channel", order->channel, flow.names());
  out.name("region", order->region, flow.names());
  out.name("warehouse", order->warehouse, flow.names());
  out.name("carrier", order->carrier, flow.names());
  if (order->units != flow::kUnknown) out.count("units", static_cast<uint64_t>(order->units));
  return out.take();
}

std::optional<std::string> stock_json(const FlowState& flow, uint32_t sku, uint32_t warehouse) {
  const flow::KnownStock stock = flow.shards().stock_of(sku, warehouse);
  if (!stock.is_known()) return std::nullopt;
  JsonObject out;
  out.name("sku", sku, flow.names());
  out.name("warehouse", warehouse, flow.names());
  out.raw("on_hand", fmt::format("{}", stock.on_hand.value_or(0)));
  out.raw("reserved", fmt::format("{}", stock.reserved()));
  out.raw("in_transit", fmt::format("{}", stock.in_transit));
  out.raw("available", fmt::format("{}", stock.available()));
  return out.take();
}

std::optional<std::string> stock_json(const FlowState& flow, uint32_t sku) {
  std::string all;
  for (const uint32_t warehouse : flow.shards().warehouses_of(sku)) {
    const auto one = stock_json(flow, sku, warehouse);
    if (one) all += (all.empty() ? "" : ",") + *one;
  }
  if (all.empty()) return std::nullopt;
  return "[" + all + "]";
}

std::string kpis_json(const FlowState& flow, const KpiQuestion& question) {
  std::string all;
  for (const flow::KpiRow& row : flow.shown_kpis()) {
    if (question.kpi && row.kpi != *question.kpi) continue;
    if (question.window_seconds && row.window_seconds != *question.window_seconds) continue;
    JsonObject out;
    out.text("metric", flow.pack().kpis[row.kpi].name);
    out.raw("dimensions", flow.shards().board().dimensions_text(row.group));
    out.time("window_start", row.window_start.micros);
    out.count("window_seconds", static_cast<uint64_t>(row.window_seconds));
    out.number("value", row.value);
    out.raw("n", fmt::format("{}", row.n));
    out.raw("revision", fmt::format("{}", row.revision));
    out.raw("final", row.final ? "true" : "false");
    all += (all.empty() ? "" : ",") + out.take();
  }
  return "[" + all + "]";
}

std::string quality_json(const FlowState& flow) {
  std::map<std::string_view, const flow::VerdictCounts*> by_name;
  for (const auto& [source, counts] : flow.admission().totals()) {
    by_name.emplace(flow.names().text(source), &counts);
  }
  std::string all;
  for (const auto& [source, counts] : by_name) {
    JsonObject out;
    out.text("source", source);
    out.count("received", std::accumulate(counts->begin(), counts->end(), uint64_t{0}));
    for (size_t i = 0; i < counts->size(); ++i) out.count(event::kVerdictNames[i], (*counts)[i]);
    all += (all.empty() ? "" : ",") + out.take();
  }
  return "[" + all + "]";
}

std::optional<std::string> verdict_json(const FlowState& flow, std::string_view source,
                                        std::string_view id) {
  const auto verdict = flow.verdict_of(source, id);
  if (!verdict) return std::nullopt;
  JsonObject out;
  out.text("source", source);
  out.text("id", id);
  out.text("verdict", event::verdict_name(*verdict));
  return out.take();
}

}  // namespace purvey::app
