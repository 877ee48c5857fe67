#pragma once

#include <string>

#include "store/facts/views.h"

namespace purvey::store::facts::internal {

std::string orders_sql(const ViewContext& context);
std::string stock_sql();
std::string shipments_sql();
std::string kpi_latest_sql();
std::string incidents_sql();
std::string daily_sales_sql(const ViewContext& context);
std::string dead_letters_sql();

/// Orders rows by (happened_at, seq) in one number, which aggregates compare quickly.
inline constexpr const char* kMoment =
    "(epoch_us(happened_at)::HUGEINT * 9223372036854775807 + seq)";

/// The `order.placed` that counts for each order: the one with the highest seq.
inline constexpr const char* kCurrentHead =
    "SELECT order_head.* FROM order_head JOIN "
    "(SELECT order_id, max(seq) AS seq FROM order_head GROUP BY order_id) USING (order_id, seq)";

}  // namespace purvey::store::facts::internal
