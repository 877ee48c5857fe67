#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/event_time.h"
#include "store/dropped_rows.h"
#include "store/part.h"

namespace purvey::store::facts {

/// What the views depend on besides their text.
struct ViewContext {
  std::string archive_folder;  ///< absolute
  std::string timezone = "UTC";
  base::EventTime watermark = base::kNever;  ///< an open promise before it is late
  std::span<const DroppedRows> dropped = {};
};

/// One view that people and programs meet by name (docs/data.md, section 4).
struct View {
  std::string name;
  std::string select;  ///< its SELECT in DuckDB's SQL
};

/// Every table of all_tables() over exactly `parts`, then the views over them, in an order in which
/// they can be made.
std::vector<View> all_views(std::span<const Part> parts, const ViewContext& context);

/// The names of the views over the tables: orders, stock, ...
std::span<const std::string_view> derived_view_names();

}  // namespace purvey::store::facts
