#include "store/archive/internal/part_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "base/crash_point.h"

namespace purvey::store::archive::internal {

std::string hidden_path(const std::string& folder, const Part& part) {
  return fmt::format("{}/{}/month={}/.{}", folder, table_spec(part.table).name, part.month,
                     part.name);
}

std::vector<uint32_t> time_order(std::span<const base::EventTime> times) {
  std::vector<uint32_t> order(times.size());
  if (std::is_sorted(times.begin(), times.end())) {
    std::iota(order.begin(), order.end(), 0U);
    return order;
  }
  std::vector<std::pair<base::EventTime, uint32_t>> keys(times.size());
  for (uint32_t row = 0; row < keys.size(); ++row) keys[row] = {times[row], row};
  std::sort(keys.begin(), keys.end());
  std::transform(keys.begin(), keys.end(), order.begin(),
                 [](const auto& key) { return key.second; });
  return order;
}

base::Result<void> place_parts(const std::string& folder, std::span<const Part> parts,
                               base::Disk& disk) {
  for (const Part& part : parts) {
    base::crash_point("between_renames");
    PURVEY_TRY(disk.rename(hidden_path(folder, part), folder + "/" + part.path()));
  }
  return disk.sync_all(folders_of(folder, parts));
}

std::vector<std::string> folders_of(const std::string& folder, std::span<const Part> parts) {
  std::set<std::string> folders;
  for (const Part& part : parts) {
    const std::string table = fmt::format("{}/{}", folder, table_spec(part.table).name);
    folders.insert({folder, table, fmt::format("{}/month={}", table, part.month)});
  }
  return {folders.begin(), folders.end()};
}

}  // namespace purvey::store::archive::internal
